//! Counts what happens at each of many sources within a minute. Beyond a limit, further sources share one count, so that
//! memory is bounded.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use tessera_model::Timestamp;

const MINUTE: Duration = Duration::from_secs(60);
/// The most sources that have a count of their own.
pub(crate) const MAX_SOURCES: usize = 4_096;

/// How often something happened at a source within the current minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Count {
    /// Including this time.
    pub(crate) number: u64,
    /// Seconds until the minute is over.
    pub(crate) seconds_left: u64,
}

/// The counts of the current minutes.
#[derive(Debug)]
pub(crate) struct MinuteCounter<K>(HashMap<K, Window>);

#[derive(Debug)]
struct Window {
    since: Timestamp,
    number: u64,
}

impl Window {
    /// A minute also ends when the clock goes back. A request that read the clock a moment earlier than the last one does not
    /// end it.
    fn is_over(&self, now: Timestamp) -> bool {
        self.since.since(now) > MINUTE || now.since(self.since) >= MINUTE
    }
}

impl<K> Default for MinuteCounter<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Eq + Hash> MinuteCounter<K> {
    /// Counts one more at `source`, or at `shared` if too many sources have a count already. Returns the count, and the counts
    /// of minutes that ended.
    pub(crate) fn count(&mut self, source: K, shared: K, now: Timestamp) -> (Count, Vec<(K, u64)>) {
        let crowded =
            |windows: &HashMap<K, Window>| windows.len() >= MAX_SOURCES && !windows.contains_key(&source);
        let is_over = self.0.get(&source).is_some_and(|window| window.is_over(now));
        let closed = if is_over || crowded(&self.0) { self.close_over(now) } else { Vec::new() };
        let source = if crowded(&self.0) { shared } else { source };
        let window = self.0.entry(source).or_insert(Window { since: now, number: 0 });
        window.number += 1;
        let seconds_left = MINUTE.saturating_sub(now.since(window.since)).as_secs();
        (Count { number: window.number, seconds_left }, closed)
    }

    /// Removes and returns the counts of the minutes that are over.
    pub(crate) fn close_over(&mut self, now: Timestamp) -> Vec<(K, u64)> {
        let over = self.0.extract_if(|_, window| window.is_over(now));
        over.map(|(source, window)| (source, window.number)).collect()
    }

    /// Removes and returns all counts.
    pub(crate) fn close_all(&mut self) -> Vec<(K, u64)> {
        self.0.drain().map(|(source, window)| (source, window.number)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_000 + seconds)
    }

    fn count(counter: &mut MinuteCounter<u32>, source: u32, now: i64) -> Count {
        counter.count(source, u32::MAX, at(now)).0
    }

    #[test]
    fn a_source_is_counted_for_a_minute() {
        let counter = &mut MinuteCounter::default();
        assert_eq!(count(counter, 1, 0), Count { number: 1, seconds_left: 60 });
        assert_eq!(count(counter, 1, 59), Count { number: 2, seconds_left: 1 });
        assert_eq!(count(counter, 2, 59), Count { number: 1, seconds_left: 60 });
        assert_eq!(counter.close_over(at(59)), []);
        assert_eq!(counter.count(1, u32::MAX, at(60)), (Count { number: 1, seconds_left: 60 }, vec![(1, 2)]));
    }

    #[test]
    fn a_crowd_shares_one_count() {
        let counter = &mut MinuteCounter::default();
        let alone = (0..10_000).filter(|source| count(counter, *source, 0).number == 1).count();
        assert_eq!((alone, counter.close_all().len()), (MAX_SOURCES + 1, MAX_SOURCES + 1));
    }

    #[test]
    fn s19_a_request_that_took_its_time_opens_no_new_minute() {
        let counter = &mut MinuteCounter::default();
        let last = (0..40).rev().map(|second| count(counter, 1, second).number).last();
        assert_eq!(last, Some(40));
    }

    #[test]
    fn a_clock_that_goes_back_opens_a_new_minute() {
        let counter = &mut MinuteCounter::default();
        count(counter, 1, 1_000);
        assert_eq!(count(counter, 1, 0), Count { number: 1, seconds_left: 60 });
    }
}
