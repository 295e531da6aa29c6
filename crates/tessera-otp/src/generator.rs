//! From a secret and a counter to a code (RFC 4226 section 5.3), and the search for a code among counters.

use std::ops::RangeInclusive;

use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _};

use crate::algorithm::{Algorithm, Digits};
use crate::code::Code;
use crate::mac::MacKey;
use crate::secret::Secret;

/// What makes the codes of one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Generator {
    pub(crate) secret: Secret,
    pub(crate) algorithm: Algorithm,
    pub(crate) digits: Digits,
}

/// Which of several counters counts, if more than one has the code.
#[derive(Clone, Copy)]
pub(crate) enum Choose {
    First,
    Last,
}

impl Generator {
    pub(crate) fn code(&self, counter: u64) -> Code {
        code(&self.key(), counter, self.digits)
    }

    /// The counter of `range` that has `wanted`.
    ///
    /// All counters are tried, so the time says neither whether nor where the code was found.
    pub(crate) fn find(&self, wanted: &Code, range: RangeInclusive<u64>, choose: Choose) -> Option<u64> {
        let key = self.key();
        let mut search = Search::new(choose);
        for counter in range {
            search.offer(counter, code(&key, counter, self.digits).ct_eq(wanted));
        }
        search.result()
    }

    /// The counter of `range` that has `second`, while the counter before it, also of `range`, has `first`.
    pub(crate) fn find_pair(
        &self,
        first: &Code,
        second: &Code,
        range: RangeInclusive<u64>,
        choose: Choose,
    ) -> Option<u64> {
        let key = self.key();
        let mut search = Search::new(choose);
        let mut first_came_before = Choice::from(0);
        for counter in range {
            let here = code(&key, counter, self.digits);
            search.offer(counter, first_came_before & here.ct_eq(second));
            first_came_before = here.ct_eq(first);
        }
        search.result()
    }

    fn key(&self) -> MacKey {
        MacKey::new(self.algorithm, self.secret.expose())
    }
}

/// Dynamic truncation (RFC 4226 section 5.3): the last four bits of the tag say where the 31 bits of the code begin.
fn code(key: &MacKey, counter: u64, digits: Digits) -> Code {
    let tag = key.tag(&counter.to_be_bytes());
    let tag = tag.as_ref();
    let offset = usize::from(tag[tag.len() - 1] & 0xf);
    let mut bits = [0; 4];
    bits.copy_from_slice(&tag[offset..offset + 4]);
    Code::of_truncated(u32::from_be_bytes(bits) & 0x7fff_ffff, digits)
}

/// Remembers a counter without branching on whether it hit.
struct Search {
    choose: Choose,
    found: u64,
    any: Choice,
}

impl Search {
    fn new(choose: Choose) -> Self {
        Self { choose, found: 0, any: Choice::from(0) }
    }

    fn offer(&mut self, counter: u64, hit: Choice) {
        let take = match self.choose {
            Choose::First => hit & !self.any,
            Choose::Last => hit,
        };
        self.found.conditional_assign(&counter, take);
        self.any |= hit;
    }

    fn result(self) -> Option<u64> {
        bool::from(self.any).then_some(self.found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_or_the_last_of_two_hits_counts() {
        let search = |choose, hits: &[u64]| {
            let mut search = Search::new(choose);
            (1..=9)
                .for_each(|counter| search.offer(counter, Choice::from(u8::from(hits.contains(&counter)))));
            search.result()
        };
        assert_eq!(search(Choose::First, &[3, 7]), Some(3));
        assert_eq!(search(Choose::Last, &[3, 7]), Some(7));
        assert_eq!(search(Choose::First, &[]), None);
        assert_eq!(search(Choose::Last, &[9]), Some(9));
    }
}
