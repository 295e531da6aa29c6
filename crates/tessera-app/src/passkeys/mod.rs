//! Passkeys and security keys (WebAuthn level 3): registered by a person who is logged in, and used to log in.
//!
//! A page asks for a ceremony with a challenge that is sealed into the page, so a stranger leaves no row. The challenge counts for five
//! minutes, in its browser, for its purpose and its person, and is spent with the first success. `crates/tessera-webauthn` verifies
//! the response; what a ceremony proves is decided here: user verification and the flags of the key, as `model/authentication.rs` reads
//! them.
//!
//! Tables: `authenticators`, `spent`. HTTP: `account/passkey`, `login`, `login_step`. Tests: `passkeys` in
//! `crates/tessera-http/tests/people`, and with a real browser in `e2e/factors.test.mjs`.

mod ceremony;
mod options;
mod register;
mod relying_party;
mod response;
mod verify;

pub(crate) use ceremony::Purpose;
pub use options::{Ceremony as PageCeremony, is_available};
pub(crate) use options::{UserVerification, request_options};
pub use register::{NewPasskey, RegisterError, begin, register};
pub use relying_party::{Passkeys, default_rp_id};
pub use verify::Assertion;
pub(crate) use verify::{Rejected, Verified, verify};
