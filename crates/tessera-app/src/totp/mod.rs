//! Codes that follow the time (RFC 6238), from an authenticator app: enrolled by a person who is logged in, and used to log in.
//!
//! The server makes the secret. Until the person has shown a code of it, it travels sealed in the page. Then it is stored, sealed under a
//! key that is not in the database (`one_time_codes`). The last step that was used is a counter that never goes back, so no code counts twice.
//!
//! Table: `authenticators`. HTTP: `account/totp`, `login_step`. Tests: `totp` in `crates/tessera-http/tests/people`.

mod enrol;

pub use enrol::{EnrolError, Enrolment, NewTotp, again, begin, enrol};
