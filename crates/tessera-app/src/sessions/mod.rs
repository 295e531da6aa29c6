//! Single sign-on sessions: session by a login, found by cookie, kept alive by use, ended.
//!
//! Table: `sessions`. HTTP: `authorize`, `login`, `logout`. Tests: `sessions` and `logout` in
//! `crates/tessera-http/tests/people`.

mod begin;
mod current;
mod end;

pub(crate) use begin::{NewSession, begin_within};
pub use current::{Current, current, not_ended};
pub use end::end;
pub(crate) use end::end_within;

use tessera_jose::digest::sha256;
use tessera_model::{Digest, Presented, PresentedKind};

/// What the database keeps of a session cookie; `None` for a text that was never one.
fn cookie_digest(cookie: &str) -> Option<Digest> {
    Presented::parse(PresentedKind::Session, cookie).map(|secret| Digest::new(sha256(secret.body())))
}
