//! The clock and the randomness of this machine, as the ports of the use cases.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tessera_app::ports::{Clock, Entropy};
use tessera_model::Timestamp;

/// The clock of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the Clock port's adapter")]
        let now = SystemTime::now();
        let seconds = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Timestamp::from_seconds(i64::try_from(seconds).unwrap_or(i64::MAX))
    }

    fn monotonic(&self) -> Duration {
        // On Linux the other monotonic clocks stand still while the machine sleeps.
        #[cfg(target_os = "linux")]
        let clock = rustix::time::ClockId::Boottime;
        #[cfg(not(target_os = "linux"))]
        let clock = rustix::time::ClockId::Monotonic;
        Duration::try_from(rustix::time::clock_gettime(clock)).unwrap_or_default()
    }
}

/// The random generator of the cryptographic provider. The operating system seeds it, so a request needs no system call.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        #[expect(clippy::disallowed_methods, reason = "this is the Entropy port's adapter")]
        let filled = aws_lc_rs::rand::fill(bytes);
        if filled.is_err() {
            // A guessable key or token is worse than a crash.
            std::process::abort();
        }
    }
}
