//! Clients: registered, shown, changed, given new secrets, turned off, removed.
//!
//! Table: `clients`. CLI: `client …`. Tests: `tests/clients`.

mod add;
mod close;
mod error;
mod rules;
mod secret;
mod update;
mod view;

pub use add::{Added, NewClient, add};
pub use close::{delete, disable};
pub use error::ClientError;
pub(crate) use rules::ID_TOKEN_SIGNING;
pub use secret::{Rotated, rotate_secret};
pub use update::{ClientChanges, ListChange, update};
pub use view::{find, list};
