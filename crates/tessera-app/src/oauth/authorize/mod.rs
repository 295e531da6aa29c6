//! Authorization requests (RFC 6749 section 4.1.1, RFC 9700, OIDC core section 3.1.2): checked, and led through login and
//! consent to a code.
//!
//! `process` parses a request, runs `request_checks` over it and asks `interaction` what the person still has to do.
//! `outcome` says what comes of it. Until client and redirect URI are known to be good, nothing is sent anywhere: the person
//! sees a page ([`Refused::Page`]). After that every answer, error or code, goes to the client ([`Next::Respond`]).

mod interaction;
mod process;
mod outcome;
mod request_checks;

pub(super) use self::interaction::Step;
pub use self::process::start;
pub(super) use self::process::{advance, next, reopen};
pub use self::outcome::{Next, PageReason, Refused, Response};
pub(super) use self::outcome::{error, to_consent, to_login};
pub(super) use self::request_checks::Checked;
