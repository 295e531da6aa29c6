//! A login attempt, and what comes of it.

use tessera_model::{PlainPassword, Session, User, UserId};
use tessera_store::StoreError;
use zeroize::Zeroizing;

use crate::hasher::Busy;
use crate::sessions::Current;

/// A login attempt.
pub struct LogIn<'a> {
    /// As typed.
    pub username: &'a str,
    /// What the person presents, the first factor first.
    pub credentials: Vec<Credential>,
    /// The session of this browser that has not been ended, and its person: live, idle or past its end. The same person goes
    /// on in it under a new secret while it may. Otherwise it ends, and with it what was granted from it.
    pub previous: Option<&'a (Session, User)>,
    /// The device cookie that this browser sent.
    pub device: Option<&'a str>,
}

/// What a person presents as one factor.
pub enum Credential {
    /// As typed.
    Password(PlainPassword),
}

impl LogIn<'_> {
    /// The password, if one is presented.
    pub(super) fn password(&self) -> Option<&PlainPassword> {
        self.credentials.iter().map(|Credential::Password(password)| password).next()
    }
}

/// A finished login.
pub struct LoggedIn {
    /// For the session cookie.
    pub cookie: Zeroizing<String>,
    /// For the device cookie.
    pub device: Zeroizing<String>,
    /// The new session and its person.
    pub current: Current,
}

/// Why a login failed. The page shows [`LogInError::Refused`] alone for everything that is about the account.
#[derive(Debug, thiserror::Error)]
pub enum LogInError {
    /// Name and credentials do not open an account.
    #[error("wrong username or password")]
    Refused,
    /// Too soon after the last failure, or after those of many others.
    #[error("too many attempts: wait {seconds} s")]
    Throttled {
        /// Until the next attempt is looked at.
        seconds: u32,
    },
    /// The hashing pool is full.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whose account did not open, if there is one, and why. The audit event says it, the page never does.
pub(super) struct Rejection(pub(super) Option<UserId>, pub(super) &'static str);

/// What was typed as a name, fit for an audit event.
pub(super) fn for_audit(username: &str) -> String {
    username.escape_default().take(64).collect()
}
