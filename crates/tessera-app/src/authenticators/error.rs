//! What may go wrong with authenticators.

use tessera_model::InvalidAuthenticatorName;
use tessera_store::StoreError;

use crate::access::AccessError;

/// Why an authenticator was not added.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// Somebody has this credential already.
    #[error("this authenticator is registered already")]
    Taken,
    /// The person has as many as anybody may have.
    #[error("nobody may have more authenticators")]
    TooMany,
    /// The name is no name.
    #[error(transparent)]
    Name(#[from] InvalidAuthenticatorName),
    /// The actor may not do this, or has not logged in recently enough.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an authenticator was not changed.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticatorError {
    /// The person has no such authenticator.
    #[error("no such authenticator")]
    NotFound,
    /// It is the last thing that the person can log in with.
    #[error("it is the last thing that this person can log in with")]
    LastFactor,
    /// It is a key fob, which belongs to the organisation.
    #[error("a key fob belongs to the organisation")]
    OfOrganisation,
    /// The name is no name.
    #[error(transparent)]
    Name(#[from] InvalidAuthenticatorName),
    /// The actor may not do this, or has not logged in recently enough.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
