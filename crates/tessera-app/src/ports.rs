//! The ports for time and randomness. Their adapters are in the binary and in the test kit.

use std::time::Duration;

use tessera_model::Timestamp;

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
