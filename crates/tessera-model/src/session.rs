//! Single sign-on sessions.

use crate::{AuthenticationContext, Digest, SessionId, Timestamp, UserId};

/// One browser in which one person is logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The id of the session. The cookie does not hold it, but a secret.
    pub id: SessionId,
    /// SHA-256 of the secret in the cookie.
    pub secret: Digest,
    /// The person who is logged in.
    pub user_id: UserId,
    /// How they logged in.
    pub authentication: AuthenticationContext,
    /// When the session began.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// When it ends if it is not used again.
    pub idle_expires_at: Timestamp,
    /// When it ends in any case.
    pub expires_at: Timestamp,
    /// When it was ended, by a logout, an administrator or the closing of the account.
    pub ended_at: Option<Timestamp>,
    /// User agent of the login, at most 256 bytes, for the person's list of sessions.
    pub user_agent: Option<String>,
    /// Network address of the login.
    pub ip: Option<String>,
}

impl Session {
    /// Whether the session is live at `now`. At the very moment of its expiry it is not.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && now < self.idle_expires_at && now < self.expires_at
    }
}
