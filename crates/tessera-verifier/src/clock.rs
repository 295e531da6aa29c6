//! Time is a port: the verifier never asks the system itself, so that tests own it.

use std::fmt;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Where the verifier reads the time.
pub trait Clock: Send + Sync + fmt::Debug + 'static {
    /// Seconds since 1970: what tokens are compared with. May jump.
    fn unix_seconds(&self) -> i64;

    /// Time since any fixed moment: what waiting and staleness are measured with. Never goes back.
    fn monotonic(&self) -> Duration;
}

/// The clocks of the operating system.
#[derive(Debug)]
pub struct SystemClock {
    start: Instant,
}

impl Default for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the adapter behind the Clock port")]
    fn default() -> Self {
        Self { start: Instant::now() }
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the adapter behind the Clock port")]
    fn unix_seconds(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }
}
