//! The rules for new passwords (NIST SP 800-63B-4 section 3.1.1.2).
//!
//! [`judge()`] is the one function that accepts a new password, and no other is hashed. So every door that sets one has the same rules.
//! A login knows none of them: a password that was set earlier goes on working.
//!
//! Tests: `tests/passwords`, and `r22_…` and `l11_…` in `crates/tessera/tests/cli/passwords.rs`.

mod accepted;
mod breached;
mod breached_file;
mod breached_service;
mod digest;
mod judge;
mod refusal;
mod rules;
mod strength;
mod variation;

pub use accepted::AcceptedPassword;
pub use breached::Breached;
pub use breached_file::{BreachedFileError, check as check_breached_file};
pub use judge::{Judged, NewPassword, judge};
pub use refusal::PasswordRefusal;
pub use rules::{OnlyFactor, PasswordRules, WhenUnreachable};
