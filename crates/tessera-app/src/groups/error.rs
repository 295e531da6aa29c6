//! What may go wrong with groups.

use tessera_model::UserId;
use tessera_model::group::{MAX_GROUPS_OF_PERSON, MAX_MEMBERS_AT_ONCE};
use tessera_store::StoreError;

use crate::access::AccessError;
use crate::problem::Problem;

/// Why a verb about a group was not done. Nothing has changed then, unless it is a deletion that was stopped.
#[derive(Debug, thiserror::Error)]
pub enum GroupError {
    /// No group has this name.
    #[error("no such group")]
    NotFound,
    /// There is a group of this name.
    #[error("there is a group of this name already")]
    Taken,
    /// Some of the command is wrong; all of it at once.
    #[error("not valid: {0:?}")]
    Invalid(Vec<Problem>),
    /// There is no such person, or their account is closed.
    #[error("no account, or a closed one: {0}")]
    NoSuchUser(UserId),
    /// The person is in as many groups as a token can name.
    #[error("already in {MAX_GROUPS_OF_PERSON} groups, which is the most: {0}")]
    InTooMany(UserId),
    /// More than one act changes.
    #[error("more than {MAX_MEMBERS_AT_ONCE} people at once")]
    TooManyAtOnce,
    /// The actor may not do this.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
