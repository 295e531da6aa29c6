//! The ports for time, randomness and mail. Their adapters are in the binary and in the test kit.

use std::pin::Pin;
use std::time::Duration;

use tessera_model::Timestamp;

use crate::outbox::Letter;

/// The clocks of a machine. Only [`crate::clock`] reads them; everybody else asks `App` for the time.
pub trait Clock: Send + Sync {
    /// What the wall clock says, in whole seconds. Somebody may set it to anything at any moment.
    fn now(&self) -> Timestamp;

    /// The time since some moment in the past. Nobody can set this clock, and it goes on while the machine sleeps.
    fn monotonic(&self) -> Duration;
}

/// Cryptographic randomness.
pub trait Entropy: Send + Sync {
    /// Fills `bytes`. Never fails: an adapter that cannot get randomness aborts the process.
    fn fill(&self, bytes: &mut [u8]);
}

/// Hands letters to a mail server.
pub trait Mailer: Send + Sync {
    /// Returns once the server has taken the letter, or has not. Nothing of what the server says comes back: it could repeat a secret.
    fn send<'a>(&'a self, letter: &'a Letter) -> Sending<'a>;
}

/// The future of [`Mailer::send`]; boxed, so that `dyn Mailer` exists.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), MailError>> + Send + 'a>>;

/// Why a letter did not go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// This instance has no mail server.
    #[error("no mail server is configured")]
    NotConfigured,
    /// The row was sealed under another key, or a newer version has written it.
    #[error("the stored mail cannot be read")]
    Unreadable,
    /// The templates cannot say it.
    #[error("the mail cannot be rendered")]
    Unrenderable,
    /// There is no connection.
    #[error("the mail server cannot be reached")]
    Unreachable,
    /// It took too long.
    #[error("the mail server is too slow")]
    TimedOut,
    /// The server offers no TLS, or its certificate does not fit.
    #[error("there is no TLS connection with the mail server")]
    Tls,
    /// The server does not take user name and password, or they cannot be read.
    #[error("the mail server does not accept the login")]
    Login,
    /// The server does not take this letter now (4xx).
    #[error("the mail server does not take the mail for now")]
    Deferred,
    /// The server will never take this letter (5xx).
    #[error("the mail server refuses the mail")]
    Rejected,
}

impl MailError {
    /// The stable code, for the database and the audit trail.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotConfigured => "not_configured",
            Self::Unreadable => "unreadable",
            Self::Unrenderable => "unrenderable",
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed_out",
            Self::Tls => "tls",
            Self::Login => "login",
            Self::Deferred => "deferred",
            Self::Rejected => "rejected",
        }
    }

    /// Whether another attempt would come to the same.
    pub(crate) const fn is_final(self) -> bool {
        matches!(self, Self::Rejected)
    }

    /// Whether it would be the same with any other letter now.
    pub(crate) const fn is_about_the_server(self) -> bool {
        match self {
            Self::NotConfigured | Self::Unreachable | Self::TimedOut | Self::Tls | Self::Login => true,
            Self::Unreadable | Self::Unrenderable | Self::Deferred | Self::Rejected => false,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// No randomness at all.
    pub(crate) struct Zeros;

    impl Entropy for Zeros {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }
}
