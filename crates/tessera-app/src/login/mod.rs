//! Logging in: factors are verified until enough is proven, then a session begins.
//!
//! An unknown name, a wrong password and a locked, closed or password-less account get the same answer in the same time.
//! `log_in` counts the attempt as a failure before it verifies anything (invariant I5), so that parallel guesses count too.
//! `rate_limit` limits guessing over many accounts before a hash is computed. `next_step` says what a login still needs.
//! Tables: `users`, `sessions`, `throttles`. HTTP: `login`. Tests: `login`, `throttle`, `rate_limit` and `forms` in
//! `crates/tessera-http/tests/people`.

mod attempt;
mod device;
mod forms;
mod log_in;
mod next_step;
pub(crate) mod rate_limit;
mod verify;

pub use self::attempt::{Credential, LogIn, LogInError, LoggedIn};
pub use self::forms::{BrowserSecret, form_token, record_csrf_rejection, verify_form_token};
pub use self::log_in::log_in;
