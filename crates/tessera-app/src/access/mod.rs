//! Who may do what: the one gate that every administrative verb passes, whichever door it comes through.
//!
//! A verb begins with `authorize` and gets an `Allowed`. Only an `Allowed` opens its transaction and begins its audit event. A test
//! reads the rooms' sources and refuses a verb that goes to the store without one.
//! Tests: `tests/access`.

mod action;
mod gate;

pub use action::{Action, Object};
pub use gate::{AccessError, require_recent};
pub(crate) use gate::{Allowed, authorize, authorize_offline, authorize_recent};
