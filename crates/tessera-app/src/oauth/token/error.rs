//! Why the token endpoint issues nothing.

use tessera_oauth::error::OAuthError;
use tessera_store::StoreError;

use super::super::issue::Refusal;
use crate::audit::AuditUnavailable;
use crate::keys::KeyError;

/// Why no tokens came.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// What was presented is unknown, used up, expired, or not this client's: `invalid_grant` for all of it. The wire may name
    /// a binding that is missing, and nothing else of the reason.
    #[error("invalid grant")]
    InvalidGrant(Option<Refusal>),
    /// The gate refused a client that acts for itself.
    #[error("unauthorized: {0}")]
    Unauthorized(Refusal),
    /// The request asks for what it may not have.
    #[error(transparent)]
    Request(#[from] OAuthError),
    /// A token could not be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The audit trail cannot be written.
    #[error(transparent)]
    Audit(#[from] AuditUnavailable),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
