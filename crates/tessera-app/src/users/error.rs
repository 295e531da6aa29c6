//! What may go wrong with people.

use tessera_store::StoreError;

use crate::access::AccessError;
use crate::hasher::Busy;
use crate::problem::Problem;

/// Why a verb about people was not done. Nothing has changed then, unless it is a deletion that had closed a large account.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// Nobody has this name or id.
    #[error("no such user")]
    NotFound,
    /// The account is closed for good.
    #[error("this account is disabled for good; add a new one instead")]
    Disabled,
    /// The name is taken, perhaps by a closed account.
    #[error("the username is taken: choose another")]
    Taken,
    /// Some of the command is wrong; all of it at once.
    #[error("not valid: {0:?}")]
    Invalid(Vec<Problem>),
    /// The hashing pool is full.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The actor may not do this.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
