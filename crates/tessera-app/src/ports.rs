//! The ports for time and randomness. Their adapters are in the binary and in the test kit.

use tessera_model::Timestamp;

/// Wall-clock time. Read once per request.
pub trait Clock: Send + Sync {
    /// Now, in whole seconds.
    fn now(&self) -> Timestamp;
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
