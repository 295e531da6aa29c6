//! A login attempt and its outcome.

use tessera_model::{PlainPassword, Session, User};
use tessera_store::StoreError;
use zeroize::Zeroizing;

use crate::hasher::Busy;
use crate::sessions::Current;

/// A login attempt.
pub struct LogIn<'a> {
    /// The name, as typed.
    pub username: &'a str,
    /// The credentials, the first factor first.
    pub credentials: Vec<Credential>,
    /// The session of this browser that has not been ended, and its person. It may have expired. If it is live and the same
    /// person logs in, it continues under a new secret. Otherwise it ends, and its grants end with it.
    pub previous: Option<&'a (Session, User)>,
    /// The device cookie that this browser sent.
    pub device: Option<&'a str>,
}

/// The credential of one factor.
pub enum Credential {
    /// The password, as typed.
    Password(PlainPassword),
}

impl LogIn<'_> {
    /// The password, if there is one.
    pub(super) fn password(&self) -> Option<&PlainPassword> {
        self.credentials.iter().map(|Credential::Password(password)| password).next()
    }
}

/// A finished login.
pub struct LoggedIn {
    /// The value of the session cookie.
    pub cookie: Zeroizing<String>,
    /// The value of the device cookie.
    pub device: Zeroizing<String>,
    /// The new session and its person.
    pub current: Current,
}

/// Why a login failed. Everything about the account is [`LogInError::Refused`], so that the page cannot tell strangers more.
#[derive(Debug, thiserror::Error)]
pub enum LogInError {
    /// No active account has this name and these credentials.
    #[error("wrong username or password")]
    Refused,
    /// The rate limit of the account, the address, the password or the server applies.
    #[error("too many attempts: wait {seconds} s")]
    Throttled {
        /// Seconds until the next attempt is accepted.
        seconds: u32,
    },
    /// The hashing pool is full, or too many attempts at this account come together. Nothing was counted.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
