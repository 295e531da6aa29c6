//! What people prove themselves with beside a password: seen, renamed and removed by themselves or by an administrator.
//!
//! Each kind is added in a room of its own: `passkeys`, `totp`, `fobs`. A key fob belongs to the organisation: its person does not remove it.
//! The end of one begins a new generation of the person's credentials: logins that are under way end, grants end, and devices are no longer
//! known.
//!
//! Tables: `authenticators`, `recovery_codes`. HTTP: `account`. CLI: `user authenticator`. Tests: `passkeys`, `recovery_codes` and `steps` in
//! `crates/tessera-http/tests/people`.

mod add;
mod error;
mod remove;
mod rename;
mod view;

pub(crate) use add::add_within;
pub use error::{AddError, AuthenticatorError};
pub(crate) use remove::remove_within;
pub use remove::{Removed, remove, remove_own};
pub use rename::rename_own;
pub use view::{Overview, of_user};
