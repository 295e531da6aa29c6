//! The last revocation rules, in memory. While the database cannot be read, the feed goes on with them (policy P5,
//! docs/adr/0024-the-feed-goes-on-without-its-database.md).

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use tessera_model::{NumberedRule, Timestamp};

/// So many rules are kept, of 128 bytes each. A verifier that lacks more of them gets none until the database can be read again.
pub(super) const MOST: u32 = 10_000;

/// A page of the log of rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Page {
    /// The next page begins after this number.
    pub(super) seq: i64,
    /// Whether nothing follows.
    pub(super) complete: bool,
    /// Rules and their numbers.
    pub(super) rules: Vec<NumberedRule>,
}

/// The last rules of the log.
#[derive(Default)]
pub(crate) struct RecentRules {
    /// `None` until the log has been read.
    read: Mutex<Option<Read>>,
    /// Whether the database could not be read last time.
    cut_off: AtomicBool,
}

/// Every rule from one number on.
pub(super) struct Read {
    /// What comes after this number is here.
    after: i64,
    /// The last number that was read.
    seq: i64,
    rules: VecDeque<NumberedRule>,
}

impl Read {
    /// Has read nothing, and begins after this number.
    pub(super) const fn begin(after: i64) -> Self {
        Self { after, seq: after, rules: VecDeque::new() }
    }

    /// The last number that was read.
    pub(super) const fn seq(&self) -> i64 {
        self.seq
    }

    /// Adds the page after it.
    pub(super) fn add(&mut self, page: Page) {
        let seq = self.seq;
        self.rules.extend(page.rules.into_iter().filter(|(new, _)| *new > seq));
        self.seq = page.seq;
        while self.rules.len() > MOST as usize {
            self.after = self.rules.pop_front().map_or(self.seq, |(seq, _)| seq);
        }
    }
}

impl RecentRules {
    /// Notes whether the database cannot be read. Returns whether that is news.
    pub(super) fn set_cut_off(&self, cut_off: bool) -> bool {
        self.cut_off.swap(cut_off, Ordering::AcqRel) != cut_off
    }

    /// Whether the database could not be read last time.
    pub(super) fn is_cut_off(&self) -> bool {
        self.cut_off.load(Ordering::Acquire)
    }

    /// The last number that was read. `None` before the first reading.
    pub(super) fn seq(&self) -> Option<i64> {
        self.read.lock().as_ref().map(Read::seq)
    }

    /// Begins anew with what was read, or with nothing.
    pub(super) fn replace(&self, read: Option<Read>) {
        *self.read.lock() = read;
    }

    /// Adds the page after what was read.
    pub(super) fn add(&self, page: Page) {
        if let Some(read) = &mut *self.read.lock() {
            read.add(page);
        }
    }

    /// Forgets the oldest rules whose tokens have all expired.
    pub(super) fn forget_expired(&self, now: Timestamp) {
        let mut read = self.read.lock();
        let Some(read) = &mut *read else { return };
        while read.rules.front().is_some_and(|(_, rule)| rule.expires_at <= now) {
            read.rules.pop_front();
        }
    }

    /// At most `most` rules after number `after`. `None` if they are not all here.
    ///
    /// On the last page come those that this process has committed itself. The numbers before them may belong to rules of others
    /// that nobody here has read, so they move nobody on.
    pub(super) fn page(&self, after: i64, most: usize, committed: Vec<NumberedRule>) -> Option<Page> {
        let read = self.read.lock();
        let read = read.as_ref().filter(|read| after >= read.after)?;
        let from = read.rules.partition_point(|(seq, _)| *seq <= after);
        let mut rules: Vec<_> = read.rules.range(from..).take(most).cloned().collect();
        if from + rules.len() < read.rules.len() {
            let seq = rules.last().map_or(after, |(seq, _)| *seq);
            return Some(Page { seq, complete: false, rules });
        }
        rules.extend(committed);
        // A verifier that asked another instance before may know more.
        Some(Page { seq: read.seq.max(after), complete: true, rules })
    }
}

#[cfg(test)]
mod tests {
    use tessera_model::{Digest, RevocationKind, RevocationRule};

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

    fn rule(seq: i64) -> NumberedRule {
        let mut id = [0; 32];
        id[..8].copy_from_slice(&seq.to_be_bytes());
        let rule = RevocationRule {
            kind: RevocationKind::Grant,
            id: Digest::new(id),
            issued_before: NOW,
            expires_at: Timestamp::from_seconds(NOW.seconds() + seq),
            subject: None,
            client: None,
        };
        (seq, rule)
    }

    fn page(seqs: &[i64], seq: i64) -> Page {
        Page { seq, complete: true, rules: seqs.iter().copied().map(rule).collect() }
    }

    /// Has read the rules 4, 6 and 7 after number 3, up to number 8.
    fn known() -> RecentRules {
        let known = RecentRules::default();
        let mut read = Read::begin(3);
        read.add(page(&[4, 6, 7], 8));
        known.replace(Some(read));
        known
    }

    #[test]
    fn p5_a_page_is_what_was_read_after_a_number_or_nothing() {
        assert_eq!(RecentRules::default().page(0, 9, Vec::new()), None, "nothing was read");
        let known = known();
        let after = |seq, most| known.page(seq, most, Vec::new());
        assert_eq!(after(2, 9), None, "number 3 is not here");
        assert_eq!(after(3, 9), Some(page(&[4, 6, 7], 8)));
        assert_eq!(after(6, 9), Some(page(&[7], 8)));
        assert_eq!(after(8, 9), Some(page(&[], 8)));
        assert_eq!(after(9, 9), Some(page(&[], 9)), "another instance said more");
        assert_eq!(after(3, 2), Some(Page { complete: false, ..page(&[4, 6], 6) }));
        assert_eq!(after(6, 1), Some(page(&[7], 8)), "the last one is the last page");
        known.add(page(&[9], 12));
        assert_eq!(after(7, 9), Some(page(&[9], 12)));
        known.replace(None);
        assert_eq!(after(7, 9), None);
    }

    #[test]
    fn p5_what_was_committed_here_counts_and_moves_nobody_past_the_rules_of_others() {
        let known = known();
        assert_eq!(known.page(6, 9, vec![rule(10)]), Some(page(&[7, 10], 8)), "9 may be a rule of another");
        assert_eq!(known.page(12, 9, vec![rule(10)]), Some(page(&[10], 12)));
        let first = known.page(3, 2, vec![rule(10)]);
        assert_eq!(first, Some(Page { complete: false, ..page(&[4, 6], 6) }), "on the last page");
    }

    #[test]
    fn rules_of_dead_tokens_go_and_there_are_never_too_many() {
        let known = known();
        known.forget_expired(Timestamp::from_seconds(NOW.seconds() + 4));
        assert_eq!(known.page(3, 9, Vec::new()), Some(page(&[6, 7], 8)));
        let many: Vec<_> = (9..=9 + i64::from(MOST)).collect();
        known.add(page(&many, 9 + i64::from(MOST)));
        assert_eq!(known.page(8, 9, Vec::new()), None);
        let oldest = known.page(9, 1, Vec::new()).unwrap();
        assert_eq!((oldest.seq, oldest.complete), (10, false));
    }
}
