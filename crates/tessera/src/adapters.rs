//! Time and randomness of the machine, behind the ports of the use cases.

use std::time::{SystemTime, UNIX_EPOCH};

use tessera_app::ports::{Clock, Entropy};
use tessera_model::Timestamp;

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the Clock port's adapter")]
        let now = SystemTime::now();
        let seconds = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Timestamp::from_seconds(i64::try_from(seconds).unwrap_or(i64::MAX))
    }
}

/// The generator of the cryptographic provider, which the operating system's randomness seeds: no system call a request.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        #[expect(clippy::disallowed_methods, reason = "this is the Entropy port's adapter")]
        let filled = aws_lc_rs::rand::fill(bytes);
        if filled.is_err() {
            // Guessable keys and tokens would be worse than no answer.
            std::process::abort();
        }
    }
}
