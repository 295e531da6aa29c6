//! Keys of the issuer: made, rotated on schedule, sealed at rest.
//!
//! Lifecycle: next (published) -> active (signs) -> retired (still published) -> removed. A retired key for ID tokens is known for longer
//! than it is published, because its tokens may come back as hints. Never are more keys published than a verifier reads. A key signs only after it has been
//! published for `publish_ahead`, except the very first of its purpose, which no verifier can have missed. The JWKS says what each
//! key is for and when it begins to sign. Verifiers accept it for nothing else and nothing earlier.
//! Tables: `signing_keys`. HTTP: `jwks`. CLI: `key list|rotate`. Tests: `tests/keys`.

mod error;
mod factory;
mod kek;
mod replace;
pub(crate) mod ring;
pub mod rotate;
mod view;

pub use error::{KeyError, ManageError};
pub(crate) use factory::{FOUNDATION, KeyFactory, KeyMaker};
pub use kek::Kek;
pub(crate) use replace::replace_all;
pub use ring::KeyRing;
pub use view::{KeyInfo, NextStep, list};
