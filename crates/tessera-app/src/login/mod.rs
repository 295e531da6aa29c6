//! Logging in: factors are verified until enough is proven, then a session begins.
//!
//! An unknown name, a wrong password and a locked, closed or password-less account get the same answer in the same time.
//!
//! A login begins with a name and a password (`log_in` is what an attempt passes first, `judge` what happens to it then) or with a passkey
//! (`passkey`). `next_step`, a pure function, says what it still needs. `progress` adds a proof and takes that step. Where more is needed, a
//! row of `logins` holds what was proven, and `step` goes on from there; a session that has to be raised goes on in the same way. Only the
//! browser where the login began can go on, and each step is taken once. Strangers have no row.
//!
//! Passwords and codes are counted as wrong before they are verified (invariant I5), so that parallel guesses count too. Where the limits
//! live: guessing over many accounts in `rate_limit`, at one account in `model/throttle.rs` (policy P3), codes in `codes`, attempts of one
//! account at the same time in `account_queue`, hashes at the same time in `hashing_pool.rs`, rows of the audit trail in
//! `audit/budget.rs`.
//!
//! Tables: `users`, `authenticators`, `recovery_codes`, `logins`, `sessions`, `throttles`. HTTP: `login`, `login_step`. Tests: `login`,
//! `steps`, `totp`, `passkeys`, `throttle`, `together`, `rate_limit` and `forms` in `crates/tessera-http/tests/people`.

pub(crate) mod account_queue;
mod attempt;
mod codes;
mod counted;
mod device;
mod forms;
mod judge;
mod log_in;
mod means;
mod next_step;
mod passkey;
mod progress;
pub(crate) mod rate_limit;
mod step;
mod typed_name;
mod verify;

pub use self::attempt::{Answer, LogInError, LoggedIn, Outcome, Visit};
pub(crate) use self::counted::count_attempt;
pub(crate) use self::device::known_device;
pub use self::forms::{BrowserSecret, form_token, record_csrf_rejection, verify_form_token};
pub use self::log_in::log_in;
pub(crate) use self::means::Means;
pub use self::next_step::Requirement;
pub(crate) use self::next_step::{LoginStep, next_step};
pub use self::passkey::{log_in_with_passkey, passkey_ceremony};
pub use self::step::{StepPage, Underway, show_step, take_step};
pub(crate) use self::typed_name::account_key;
pub use crate::one_time_codes::TypedCodes;
