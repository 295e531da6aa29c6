//! What a browser presents, and what comes of it.

use tessera_model::{LoginId, PlainPassword, ProofMethod, Session, User};
use tessera_store::StoreError;
use zeroize::Zeroizing;

use super::forms::BrowserSecret;
use super::next_step::Requirement;
use crate::hasher::Busy;
use crate::one_time_codes::TypedCodes;
use crate::passkeys::Assertion;
use crate::sessions::Current;

/// The browser that somebody logs in with, and what for.
#[derive(Clone, Copy)]
pub struct Visit<'a> {
    /// The browser. Only here the login goes on.
    pub browser: &'a BrowserSecret,
    /// The session of this browser that has not been ended, and its person. It may have expired. If it is live and the same
    /// person logs in, it continues under a new secret. Otherwise it ends, and its grants end with it.
    pub previous: Option<&'a (Session, User)>,
    /// The device cookie that this browser sent.
    pub device: Option<&'a str>,
    /// What the login needs.
    pub required: &'a Requirement,
}

/// What a code may prove. Nobody is asked which device shows it.
pub(super) const CODES: &[ProofMethod] = &[ProofMethod::Totp, ProofMethod::Hotp];

/// What somebody presents for one step.
pub enum Answer<'a> {
    /// The password, as typed.
    Password(PlainPassword),
    /// A code of an authenticator app or a key fob, as typed.
    Code(TypedCodes<'a>),
    /// A recovery code, as typed.
    RecoveryCode(&'a str),
    /// The response of a passkey or a security key.
    Passkey(Assertion<'a>),
}

impl Answer<'_> {
    /// The methods that it may prove.
    pub(super) const fn methods(&self) -> &'static [ProofMethod] {
        match self {
            Self::Password(_) => &[ProofMethod::Password],
            Self::Code(_) => CODES,
            Self::RecoveryCode(_) => &[ProofMethod::RecoveryCode],
            Self::Passkey(_) => &[ProofMethod::WebAuthn],
        }
    }
}

/// What came of a step that was right.
pub enum Outcome {
    /// A session has begun, or goes on after a whole login.
    LoggedIn(Box<LoggedIn>),
    /// A session goes on with one more proof. That is no fresh login.
    Raised(Box<LoggedIn>),
    /// The login goes on with another step.
    NextStep(LoginId),
}

/// The session after a login.
pub struct LoggedIn {
    /// The value of the session cookie.
    pub cookie: Zeroizing<String>,
    /// The value of the device cookie.
    pub device: Zeroizing<String>,
    /// The new session and its person.
    pub current: Current,
}

/// Why a step failed. Everything about the account is [`LogInError::Refused`], so that the page cannot tell strangers more.
#[derive(Debug, thiserror::Error)]
pub enum LogInError {
    /// No active account has this name and these credentials.
    #[error("wrong username or password")]
    Refused,
    /// The login has ended: it took too long, too many codes were wrong, its credentials were changed, or this step was taken before. It
    /// begins again.
    #[error("this login has ended")]
    Ended,
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
