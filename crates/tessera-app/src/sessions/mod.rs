//! Single sign-on sessions. A login begins one, its cookie finds it, use keeps it alive, and a logout ends it.
//!
//! Table: `sessions`. HTTP: `authorize`, `login`, `logout`. Tests: `sessions` and `logout` in
//! `crates/tessera-http/tests/people`.

mod begin;
mod current;
mod end;

pub(crate) use begin::{NewSession, begin_within, renew_live_within};
pub use current::{Current, current, not_ended};
pub use end::end;
pub(crate) use end::{end_elsewhere, end_within};

use tessera_jose::digest::sha256;
use tessera_model::{Digest, Presented, PresentedKind};

/// The digest by which the database knows a session cookie. `None` for a text that cannot be one.
fn cookie_digest(cookie: &str) -> Option<Digest> {
    Presented::parse(PresentedKind::Session, cookie).map(|secret| Digest::new(sha256(secret.body())))
}
