//! Recovery codes: shown once, each used once, for a person whose other second factors are gone.
//!
//! A code has 80 random bits. The database keeps a MAC of each, under a key that a restore replaces, so a restore voids them all. They stand
//! in for a second factor, and only somebody who has one can make them.
//!
//! Table: `recovery_codes`. HTTP: `account/recovery_codes`, `login_step`. Tests: `recovery_codes` in `crates/tessera-http/tests/people`.

mod code;
mod make;

pub(crate) use code::digest;
pub use make::{MakeError, make};
