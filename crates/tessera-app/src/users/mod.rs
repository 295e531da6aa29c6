//! People: made, shown, changed, locked, closed, erased.
//!
//! Tables: `users`, and what hangs on them (`sessions`, `grants`, `consents`), `throttles`. CLI: `user …`. Tests: `tests/users`.

mod add;
mod applications;
mod claims;
mod close;
mod costs;
mod error;
mod lock;
mod own_password;
mod password;
mod rules;
mod throttle;
mod update;
mod view;

pub use add::{NewUser, add};
pub use applications::{Application, applications};
pub use close::{delete, disable};
pub use costs::{has_outdated_password, note_costs};
pub use error::UserError;
pub use lock::{lock, unlock};
pub use own_password::{ChangePasswordError, change_own_password};
pub use password::set_password;
pub use throttle::{clear_throttle, find_throttle};
pub use update::{UserChanges, update};
pub use view::{find, list};
