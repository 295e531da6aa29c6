//! A login that begins with a passkey: it names its person, so nobody types a name.
//!
//! Nothing here is throttled: a key cannot be guessed, and nobody can keep others from using theirs.

use super::attempt::{LogInError, Outcome, Visit};
use super::forms::BrowserSecret;
use super::progress::{Base, Progress};
use super::step::{finish_passkey, refuse_passkey};
use crate::Cx;
use crate::passkeys::{self, Assertion, PageCeremony, Purpose, UserVerification};

/// The ceremony of the login page. `None` if there are no passkeys.
pub fn passkey_ceremony(cx: &Cx, browser: &BrowserSecret) -> Option<PageCeremony> {
    passkeys::request_options(cx, Purpose::Identify, browser, (&[], UserVerification::Preferred))
}

/// Verifies the response of a passkey, and begins a session or goes on with another step.
///
/// # Errors
/// See [`LogInError`].
pub async fn log_in_with_passkey(
    cx: &Cx,
    assertion: Assertion<'_>,
    visit: Visit<'_>,
) -> Result<Outcome, LogInError> {
    match passkeys::verify(cx, assertion, Purpose::Identify, visit.browser).await? {
        Ok(verified) => {
            let progress = Progress::new(verified.user.clone(), Base::Nothing, visit);
            finish_passkey(cx, &progress, &verified, visit).await
        }
        Err(rejected) => refuse_passkey(cx, rejected).await,
    }
}
