//! APIs (resource servers): registered, changed and shown.
//!
//! Table: `apis`. CLI: `api …`. Tests: `tests/apis`.

mod add;
mod error;
mod settings;
mod update;
mod view;

pub use add::{NewApi, add};
pub use error::ApiError;
pub use update::{ApiChange, ScopeChange, Updated, update};
pub use view::{find, list};
