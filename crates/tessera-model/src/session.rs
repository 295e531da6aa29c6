//! Single sign-on sessions.

use crate::{AuthenticationContext, Digest, SessionId, Timestamp, UserId};

/// One browser in which one person is logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Names the session in lists; the cookie holds a secret instead.
    pub id: SessionId,
    /// SHA-256 of the cookie's secret.
    pub secret: Digest,
    /// Who is logged in.
    pub user_id: UserId,
    /// How they logged in.
    pub authentication: AuthenticationContext,
    /// When the session began.
    pub created_at: Timestamp,
    /// When it was last used, give or take a minute.
    pub last_seen_at: Timestamp,
    /// When it ends if it is not used again.
    pub idle_expires_at: Timestamp,
    /// When it ends in any case.
    pub expires_at: Timestamp,
    /// When it was ended (logout, administrator, account closed).
    pub ended_at: Option<Timestamp>,
    /// User agent of the login, at most 256 bytes, for the person's own list.
    pub user_agent: Option<String>,
    /// Network address of the login.
    pub ip: Option<String>,
}

impl Session {
    /// Whether the session still counts at `now`. Expiry is exclusive: at the limit it has ended.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && now < self.idle_expires_at && now < self.expires_at
    }
}
