//! Time and randomness that tests control.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use tessera_app::ports::{Clock, Entropy};
use tessera_jose::hmac::HmacSha256Key;
use tessera_model::Timestamp;

/// Clocks that only move when a test moves them. Issuers and verifiers may share them.
#[derive(Debug)]
pub struct TestClock {
    now: AtomicI64,
    monotonic: AtomicU64,
}

impl TestClock {
    /// 2026-01-01T00:00:00Z.
    pub fn new() -> Self {
        Self { now: AtomicI64::new(1_767_225_600), monotonic: AtomicU64::new(1) }
    }

    /// Lets time pass on both clocks. No server looks at them meanwhile, as if it were stopped.
    pub fn advance(&self, span: Duration) {
        self.set_ahead(span);
        self.monotonic.fetch_add(span.as_secs(), Ordering::SeqCst);
    }

    /// Sets the wall clock ahead.
    pub fn set_ahead(&self, span: Duration) {
        self.now.fetch_add(i64::try_from(span.as_secs()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }

    /// Sets the wall clock back.
    pub fn set_back(&self, span: Duration) {
        self.now.fetch_sub(i64::try_from(span.as_secs()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(self.now.load(Ordering::SeqCst))
    }

    fn monotonic(&self) -> Duration {
        Duration::from_secs(self.monotonic.load(Ordering::SeqCst))
    }
}

impl tessera_verifier::clock::Clock for TestClock {
    fn unix_seconds(&self) -> i64 {
        self.now().seconds()
    }

    fn monotonic(&self) -> Duration {
        Clock::monotonic(self)
    }
}

/// Deterministic randomness: HMAC of a counter under the seed. It is the same in every run, and never repeats within one.
pub struct SeededEntropy {
    key: HmacSha256Key,
    counter: AtomicU64,
}

impl SeededEntropy {
    /// Randomness of this seed.
    pub fn new(seed: u64) -> Self {
        let mut secret = [0; 32];
        secret[..8].copy_from_slice(&seed.to_be_bytes());
        Self { key: HmacSha256Key::new(&secret), counter: AtomicU64::new(0) }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let n = self.counter.fetch_add(1, Ordering::Relaxed);
            chunk.copy_from_slice(&self.key.tag(&[&n.to_be_bytes()])[..chunk.len()]);
        }
    }
}
