//! Lifetimes and limits, with their defaults. An operator changes them in the configuration.

use std::time::Duration;

/// Lifetimes of codes, tokens, sessions and grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// Lifetime of an authorization code, at most 60 s (policy P2).
    pub code: Duration,
    /// Lifetime of the progress of a login page.
    pub login_page: Duration,
    /// Lifetime of an unused session.
    pub session_idle: Duration,
    /// Lifetime of any session.
    pub session: Duration,
    /// Lifetime of an unused refresh token.
    pub refresh_idle: Duration,
    /// Lifetime of any grant.
    pub grant: Duration,
    /// How long a used refresh token may be sent again after a lost response (policy P1). Zero allows no retry.
    pub refresh_retry: Duration,
    /// Lifetime of an ID token.
    pub id_token: Duration,
    /// How long a replaced client secret keeps working.
    pub secret_overlap: Duration,
}

impl Default for Lifetimes {
    fn default() -> Self {
        const MINUTE: u64 = 60;
        const HOUR: u64 = 60 * MINUTE;
        const DAY: u64 = 24 * HOUR;
        Self {
            code: Duration::from_secs(60),
            login_page: Duration::from_secs(30 * MINUTE),
            session_idle: Duration::from_secs(12 * HOUR),
            session: Duration::from_secs(7 * DAY),
            refresh_idle: Duration::from_secs(7 * DAY),
            grant: Duration::from_secs(30 * DAY),
            refresh_retry: Duration::from_secs(60),
            id_token: Duration::from_secs(10 * MINUTE),
            secret_overlap: Duration::from_secs(7 * DAY),
        }
    }
}

/// How far clocks may differ, in seconds (policy P6).
pub const CLOCK_LEEWAY_SECONDS: i64 = 10;
/// Longest lifetime of an ID token that can be configured, in seconds.
pub const MAX_ID_TOKEN_SECONDS: u32 = 86_400;
/// Longest lifetime of an access token that an API can have, in seconds. Revocation rules live this long.
pub const MAX_ACCESS_TOKEN_SECONDS: u32 = 86_400;
/// Shortest lifetime of an access token that an API can have, in seconds.
pub const MIN_ACCESS_TOKEN_SECONDS: u32 = 10;
/// Default lifetime of an access token for a new API, in seconds.
pub const DEFAULT_ACCESS_TOKEN_SECONDS: u32 = 600;
