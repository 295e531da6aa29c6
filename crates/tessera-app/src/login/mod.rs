//! Logging in: factors are verified until enough is proven, then a session begins.
//!
//! An unknown name, a wrong password and a locked, closed or password-less account get the same answer in the same time.
//! `log_in` is what an attempt passes first, `judge` what happens to it then. The attempt is counted as a failure before anything
//! is verified (invariant I5), so that parallel guesses count too. `next_step` says what a login still needs.
//!
//! Where the limits live: guessing over many accounts in `rate_limit`, at one account in `model/throttle.rs` (policy P3), attempts
//! of one account at the same time in `account_queue`, hashes at the same time in `hashing_pool.rs`, rows of the audit trail in
//! `audit/budget.rs`.
//!
//! Tables: `users`, `sessions`, `throttles`. HTTP: `login`. Tests: `login`, `throttle`, `together`, `rate_limit` and `forms` in
//! `crates/tessera-http/tests/people`.

pub(crate) mod account_queue;
mod attempt;
mod device;
mod forms;
mod judge;
mod log_in;
mod next_step;
pub(crate) mod rate_limit;
mod typed_name;
mod verify;

pub use self::attempt::{Credential, LogIn, LogInError, LoggedIn};
pub use self::forms::{BrowserSecret, form_token, record_csrf_rejection, verify_form_token};
pub use self::log_in::log_in;
pub(crate) use self::typed_name::account_key;
