//! People: made, shown, changed, locked, closed, erased.
//!
//! Tables: `users`, and what hangs on them (`sessions`, `grants`, `consents`). CLI: `user …`. Tests: `tests/rooms/users.rs`.

mod add;
mod applications;
mod claims;
mod close;
mod lock;
mod password;
mod update;
mod view;

pub use add::{AddError, NewUser, add};
pub use applications::{Application, applications};
pub use close::{delete, disable};
pub use lock::{lock, unlock};
pub use password::{SetPasswordError, note_costs, set_password};
pub use update::{UpdateError, UserChanges, update};
pub use view::{find, list};

use tessera_model::{UserId, UserStatus};
use tessera_store::{StoreError, Tx};

/// Why an account could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// Nobody has this name or id.
    #[error("no such user")]
    NotFound,
    /// The account is closed for good.
    #[error("this account is disabled for good; add a new one instead")]
    Disabled,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A conditional write on an account hit nothing: says why, or that the account already was so.
async fn explain(tx: &Tx, id: UserId, already: fn(UserStatus) -> bool) -> Result<(), UserError> {
    match tx.users().find(id).await? {
        None => Err(UserError::NotFound),
        Some(user) if already(user.status) => Ok(()),
        Some(_) => Err(UserError::Disabled),
    }
}
