//! What may go wrong with APIs.

use tessera_store::StoreError;

use crate::access::AccessError;
use crate::keys::KeyError;
use crate::problem::Problem;

/// Why a verb about an API was not done. Nothing has changed then.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// No API has this audience.
    #[error("no such API")]
    NotFound,
    /// The audience is registered already.
    #[error("this audience is registered already")]
    Taken,
    /// Some of the command is wrong; all of it at once.
    #[error("not valid: {0:?}")]
    Invalid(Vec<Problem>),
    /// A key for its tokens could not be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The actor may not do this.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
