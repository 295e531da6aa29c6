//! Lifetimes and limits, with the defaults of the design; an operator changes them in the configuration.

use std::time::Duration;

/// How long things last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// Authorization code: at most 60 s (policy P2).
    pub code: Duration,
    /// How long a login page stays usable.
    pub login_page: Duration,
    /// Session without use.
    pub session_idle: Duration,
    /// Session in any case.
    pub session: Duration,
    /// Refresh token without use.
    pub refresh_idle: Duration,
    /// Grant in any case.
    pub grant: Duration,
    /// How long a used refresh token may come back after a lost response (policy P1); zero is the strict profile.
    pub refresh_retry: Duration,
    /// ID token.
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

/// How far clocks may be apart, in seconds (policy P6).
pub const CLOCK_LEEWAY_SECONDS: i64 = 10;
/// Longest ID token that an issuer may be told to make, in seconds.
pub const MAX_ID_TOKEN_SECONDS: u32 = 86_400;
/// Longest access token an API may be given, in seconds; revocation rules live this long.
pub const MAX_ACCESS_TOKEN_SECONDS: u32 = 86_400;
/// Shortest access token an API may be given, in seconds.
pub const MIN_ACCESS_TOKEN_SECONDS: u32 = 10;
/// Access-token lifetime of a new API, in seconds.
pub const DEFAULT_ACCESS_TOKEN_SECONDS: u32 = 600;
