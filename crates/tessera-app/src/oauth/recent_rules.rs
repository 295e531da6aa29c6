//! The last revocation rules, in memory. While the database cannot be read, the feed goes on with them (policy P5,
//! docs/adr/0024-the-feed-goes-on-without-its-database.md).

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use tessera_model::{NumberedRule, RevocationRule, Timestamp};

/// So many rules are kept, about 1.5 MB. A verifier that lacks more of them gets none until the database can be read again.
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
    log: Mutex<Log>,
    /// Whether the last reading of the database failed.
    cut_off: AtomicBool,
}

#[derive(Default)]
struct Log {
    /// `None` until the log has been read once.
    read: Option<Read>,
    /// Rules that this process has committed, while nobody has read as far.
    committed: BTreeMap<i64, RevocationRule>,
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

    /// Adds a page that begins after number `after`. It is left alone if something is missing before it.
    pub(super) fn add(&mut self, after: i64, page: &Page) {
        if after > self.seq || page.seq <= self.seq {
            return;
        }
        self.rules.extend(page.rules.iter().filter(|(seq, _)| *seq > self.seq).cloned());
        self.seq = page.seq;
        while self.rules.len() > MOST as usize {
            self.after = self.rules.pop_front().map_or(self.seq, |(seq, _)| seq);
        }
    }
}

impl RecentRules {
    /// Notes whether the database could be read. Returns whether that is news.
    pub(super) fn set_cut_off(&self, cut_off: bool) -> bool {
        self.cut_off.swap(cut_off, Ordering::AcqRel) != cut_off
    }

    /// Whether the last reading of the database failed.
    pub(super) fn is_cut_off(&self) -> bool {
        self.cut_off.load(Ordering::Acquire)
    }

    /// The last number that was read. `None` before the first reading.
    pub(super) fn seq(&self) -> Option<i64> {
        self.log.lock().read.as_ref().map(Read::seq)
    }

    /// Begins anew with what was read.
    pub(super) fn replace(&self, read: Read) {
        self.log.lock().read = Some(read);
    }

    /// Adds a page that was read after number `after`.
    pub(super) fn add(&self, after: i64, page: &Page) {
        if let Some(read) = &mut self.log.lock().read {
            read.add(after, page);
        }
    }

    /// Adds rules that this process has committed, and forgets those of which no token is left.
    pub(super) fn add_committed(&self, rules: Vec<NumberedRule>, now: Timestamp) {
        let mut log = self.log.lock();
        log.committed.extend(rules);
        let Log { read: Some(read), committed } = &mut *log else { return };
        committed.retain(|seq, _| *seq > read.seq);
        while read.rules.front().is_some_and(|(_, rule)| rule.expires_at <= now) {
            read.rules.pop_front();
        }
    }

    /// At most `most` rules after number `after`. `None` if they are not all here.
    ///
    /// What this process has committed and not read comes last, on every page. The numbers before it may belong to rules of others, so
    /// it moves nobody past them.
    pub(super) fn page(&self, after: i64, most: usize) -> Option<Page> {
        let log = self.log.lock();
        let read = log.read.as_ref().filter(|read| after >= read.after)?;
        let from = read.rules.partition_point(|(seq, _)| *seq <= after);
        let mut rules: Vec<_> = read.rules.range(from..).take(most).cloned().collect();
        if from + rules.len() < read.rules.len() {
            let seq = rules.last().map_or(after, |(seq, _)| *seq);
            return Some(Page { seq, complete: false, rules });
        }
        rules.extend(log.committed.range(read.seq + 1..).map(|(seq, rule)| (*seq, rule.clone())));
        // A verifier that asked another instance before may know more.
        Some(Page { seq: read.seq.max(after), complete: true, rules })
    }
}

#[cfg(test)]
mod tests {
    use tessera_model::{Digest, RevocationKind};

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
        read.add(3, &page(&[4, 6, 7], 8));
        known.replace(read);
        known
    }

    #[test]
    fn p5_a_page_is_what_was_read_after_a_number_or_nothing() {
        assert_eq!(RecentRules::default().page(0, 9), None, "nothing was read");
        let known = known();
        assert_eq!(known.page(2, 9), None, "number 3 is not here");
        assert_eq!(known.page(3, 9), Some(page(&[4, 6, 7], 8)));
        assert_eq!(known.page(6, 9), Some(page(&[7], 8)));
        assert_eq!(known.page(8, 9), Some(page(&[], 8)));
        assert_eq!(known.page(9, 9), Some(page(&[], 9)), "another instance said more");
        assert_eq!(known.page(3, 2), Some(Page { complete: false, ..page(&[4, 6], 6) }));
        assert_eq!(known.page(6, 1), Some(page(&[7], 8)), "the last one is the last page");
    }

    #[test]
    fn p5_pages_may_overlap_but_not_leave_anything_out() {
        let known = known();
        known.add(9, &page(&[10], 10));
        assert_eq!(known.page(3, 9), Some(page(&[4, 6, 7], 8)), "9 is missing");
        known.add(6, &page(&[7, 9], 9));
        known.add(3, &page(&[4, 6], 6));
        assert_eq!(known.page(3, 9), Some(page(&[4, 6, 7, 9], 9)));
    }

    #[test]
    fn p5_what_was_committed_here_counts_at_once_and_moves_nobody_past_the_rules_of_others() {
        let known = known();
        known.add_committed(vec![rule(10), rule(7)], NOW);
        assert_eq!(known.page(6, 9), Some(page(&[7, 10], 8)), "9 may be a rule of another instance");
        assert_eq!(known.page(12, 9), Some(page(&[10], 12)));
        known.add(8, &page(&[9, 10], 10));
        known.add_committed(Vec::new(), NOW);
        assert_eq!(known.page(8, 9), Some(page(&[9, 10], 10)));
    }

    #[test]
    fn rules_of_dead_tokens_go_and_there_are_never_too_many() {
        let known = known();
        known.add_committed(Vec::new(), Timestamp::from_seconds(NOW.seconds() + 4));
        assert_eq!(known.page(3, 9), Some(page(&[6, 7], 8)));
        let many: Vec<_> = (9..=9 + i64::from(MOST)).collect();
        known.add(8, &page(&many, 9 + i64::from(MOST)));
        assert_eq!(known.page(8, 9), None);
        let oldest = known.page(9, 1).unwrap();
        assert_eq!((oldest.seq, oldest.complete), (10, false));
    }
}
