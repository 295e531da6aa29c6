//! What may go wrong with clients.

use tessera_store::StoreError;

use crate::access::AccessError;
use crate::keys::KeyError;
use crate::problem::Problem;

/// Why a verb about a client was not done. Nothing has changed then, unless it is a deletion that had turned off a large client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No client has this id.
    #[error("no such client")]
    NotFound,
    /// The id is registered already.
    #[error("this client id is registered already")]
    Taken,
    /// Public clients have no secret.
    #[error("this client is public: it has no secret")]
    Public,
    /// Some of the command is wrong; all of it at once.
    #[error("not valid: {0:?}")]
    Invalid(Vec<Problem>),
    /// A key for its ID tokens could not be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The actor may not do this.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
