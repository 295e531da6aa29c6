//! Authorization requests (RFC 6749 section 4.1.1, RFC 9700, OIDC core section 3.1.2.1), from the first check over login and
//! consent to a code.
//!
//! `process` parses a request, runs `request_checks` over it and asks `interaction` what the person still has to do.
//! `outcome` has the possible results. Until client and redirect URI are verified, nothing is sent to any client, and the person
//! sees an error page ([`Refused::Page`]). After that every answer, error or code, goes to the client ([`Next::Respond`]).

mod interaction;
mod outcome;
mod process;
mod request_checks;

pub(super) use self::interaction::Step;
pub use self::outcome::{Next, PageReason, Refused, Response};
pub(super) use self::outcome::{error, to_consent, to_login, to_step_up};
pub use self::process::start;
pub(super) use self::process::{advance, next, reopen};
pub(super) use self::request_checks::Checked;
