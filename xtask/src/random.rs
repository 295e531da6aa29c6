//! Random bytes from the operating system, and numbers from a seed for runs that have to be repeatable.

use std::fs::File;
use std::io::Read;

use crate::failure::Result;

/// Bytes that nobody can guess.
pub(crate) fn fresh<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Xorshift: the same numbers for the same seed.
pub(crate) struct Repeatable(u64);

impl Repeatable {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_repeat_with_the_seed_and_differ_without() {
        let numbers = |seed| {
            let mut random = Repeatable::new(seed);
            (0..50).map(|_| random.below(60)).collect::<Vec<_>>()
        };
        assert_eq!(numbers(7), numbers(7));
        assert_ne!(numbers(7), numbers(9));
        assert!(numbers(7).iter().all(|number| *number < 60));
    }

    #[test]
    fn fresh_bytes_differ() {
        assert_ne!(fresh::<16>().unwrap(), fresh::<16>().unwrap());
    }
}
