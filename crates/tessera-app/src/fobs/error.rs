//! What may go wrong with key fobs.

use tessera_model::UserId;
use tessera_model::authenticator::MAX_AUTHENTICATORS;
use tessera_store::StoreError;

use crate::access::AccessError;
use crate::authenticators::AuthenticatorError;

/// Why a verb about fobs was not done. Nothing has changed then, unless it is an import that was stopped.
#[derive(Debug, thiserror::Error)]
pub enum FobError {
    /// No fob has this serial number.
    #[error("no such fob")]
    NotFound,
    /// Several manufacturers have made one with this number.
    #[error("several manufacturers have made a fob with this serial number")]
    Ambiguous,
    /// Somebody has it.
    #[error("somebody has this fob")]
    Assigned,
    /// Nobody has it.
    #[error("nobody has this fob")]
    NotAssigned,
    /// It was lost.
    #[error("this fob was marked as lost")]
    Lost,
    /// Codes of it have counted.
    #[error("codes of this fob have been used")]
    Used,
    /// It is of a kind that a newer version has brought.
    #[error("this version does not know the kind of this fob")]
    UnknownKind,
    /// There is no such person, or their account is closed.
    #[error("no account, or a closed one: {0}")]
    NoSuchUser(UserId),
    /// The person has as many authenticators as anybody may have.
    #[error("nobody may have more than {MAX_AUTHENTICATORS} authenticators")]
    TooMany,
    /// They are not two codes in a row that this fob may show.
    #[error("these are not two codes of this fob, one right after the other")]
    WrongCodes,
    /// The actor may not do this.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<AuthenticatorError> for FobError {
    fn from(error: AuthenticatorError) -> Self {
        match error {
            AuthenticatorError::Access(error) => Self::Access(error),
            AuthenticatorError::Store(fault) => Self::Store(fault),
            // Whoever had it has it no more.
            AuthenticatorError::NotFound
            | AuthenticatorError::LastFactor
            | AuthenticatorError::OfOrganisation
            | AuthenticatorError::Name(_) => Self::NotAssigned,
        }
    }
}
