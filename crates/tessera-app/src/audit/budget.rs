//! A budget for denials, which anybody can cause as often as they like.
//!
//! Each code, client and address gets ten rows a minute, and all sources of a code together a thousand at once and then ten a
//! minute. The rest is counted, and one row without a request id names the number once the minute is over. A row that the
//! database did not take, or that nobody waited for, is counted as well. If the database took it after all, the number names it
//! a second time.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use parking_lot::Mutex;
use tessera_model::audit::Detail;
use tessera_model::{AuditEvent, ClientId, EventCode, Timestamp};
use tessera_store::StoreError;

use crate::leaky_bucket::{Bucket, Limit};
use crate::minute_counter::{MAX_SOURCES, MinuteCounter};
use crate::network;
use crate::{Actor, App, Cx};

/// Rows a minute for one source.
const BUDGET: u64 = 10;

/// Rows for all sources of a code. So a stranger with many addresses fills the audit trail as slowly as one with few.
const OF_A_CODE: Limit = Limit { burst: 1_000, per_minute: 10 };

/// Counts a denial that changes nothing else, and writes it down if the budget allows.
///
/// # Errors
/// The database failed.
pub(crate) async fn deny(cx: &Cx, event: AuditEvent) -> Result<(), StoreError> {
    if let Some(unwritten) = allow(cx, &event) {
        // Boxed, so that a request that is not denied stays small.
        Box::pin(cx.record(event)).await?;
        unwritten.written();
    }
    Ok(())
}

/// Counts a denial. If the budget allows a row, the caller writes it.
pub(crate) fn allow<'a>(cx: &'a Cx, event: &AuditEvent) -> Option<Unwritten<'a>> {
    // A name that somebody made up is no client: the source is then the address alone.
    let catalog = cx.app.catalog.load();
    let client = event.client_id.clone().filter(|id| catalog.client(id).is_some());
    let source = Source { code: event.code, client, ip: cx.ip.map(network::of) };
    let ledger = &cx.app.denials.0;
    let allowed = ledger.lock().allows(&source, cx.now);
    allowed.then(|| Unwritten { ledger, source: Some(source) })
}

/// A row within the budget, on its way. If it is dropped before it has been written, it is held back.
pub(crate) struct Unwritten<'a> {
    ledger: &'a Mutex<Ledger>,
    source: Option<Source>,
}

impl Unwritten<'_> {
    /// The database took it.
    pub(crate) fn written(mut self) {
        self.source = None;
    }
}

impl Drop for Unwritten<'_> {
    fn drop(&mut self) {
        if let Some(source) = self.source.take() {
            self.ledger.lock().hold_back([(source, 1)]);
        }
    }
}

/// Of which minutes the numbers are wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Minutes {
    /// Those that are over.
    Over,
    /// Those under way too.
    All,
}

/// Takes out the numbers, each as an event.
pub(crate) fn numbers(app: &Arc<App>, minutes: Minutes) -> Vec<AuditEvent> {
    let held_back = app.denials.0.lock().take(minutes, app.now());
    if held_back.is_empty() {
        return Vec::new();
    }
    let cx = &Cx::new(app, Actor::Anonymous);
    held_back.iter().map(|(source, number)| summary(cx, source, *number)).collect()
}

fn summary(cx: &Cx, source: &Source, number: u64) -> AuditEvent {
    AuditEvent {
        client_id: source.client.clone(),
        ip: source.ip.map(|ip| ip.to_string()),
        request_id: None,
        detail: Some(Detail::More(number).text()),
        ..cx.event(source.code)
    }
}

/// The denials of the last minute.
#[derive(Default)]
pub(crate) struct Denials(Mutex<Ledger>);

#[derive(Default)]
pub(crate) struct Ledger {
    counter: MinuteCounter<Source>,
    /// The rows of each code.
    rows: HashMap<EventCode, Bucket>,
    /// What the minutes that are over had beyond their budget, and rows of any minute that could not be written.
    held_back: HeldBack,
}

type HeldBack = HashMap<Source, u64>;

/// Behind a proxy the address is the same for all; a source without it would tell no more of them apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Source {
    code: EventCode,
    client: Option<ClientId>,
    ip: Option<IpAddr>,
}

impl Ledger {
    /// Whether a denial gets a row of its own.
    fn allows(&mut self, source: &Source, now: Timestamp) -> bool {
        let (count, closed) = self.counter.count(source.clone(), shared(source.code), now);
        self.hold_back(closed.into_iter().map(beyond_budget));
        if count.number > BUDGET {
            return false;
        }
        let code = source.code;
        let has_room = self.rows.entry(code).or_default().take(OF_A_CODE, now);
        if !has_room {
            self.hold_back([(shared(code), 1)]);
        }
        has_room
    }

    fn take(&mut self, minutes: Minutes, now: Timestamp) -> HeldBack {
        let closed = match minutes {
            Minutes::Over => self.counter.close_over(now),
            Minutes::All => self.counter.close_all(),
        };
        self.hold_back(closed.into_iter().map(beyond_budget));
        let mut numbers = HeldBack::new();
        for (source, number) in std::mem::take(&mut self.held_back) {
            let has_room = self.rows.entry(source.code).or_default().take(OF_A_CODE, now);
            let source = if has_room { source } else { shared(source.code) };
            *numbers.entry(source).or_default() += number;
        }
        numbers
    }

    /// While the database takes nothing, a crowd of sources becomes one number for each code.
    fn hold_back(&mut self, numbers: impl IntoIterator<Item = (Source, u64)>) {
        for (source, number) in numbers.into_iter().filter(|(_, number)| *number > 0) {
            let crowded = self.held_back.len() >= MAX_SOURCES && !self.held_back.contains_key(&source);
            let source = if crowded { shared(source.code) } else { source };
            *self.held_back.entry(source).or_default() += number;
        }
    }
}

fn beyond_budget((source, denials): (Source, u64)) -> (Source, u64) {
    (source, denials.saturating_sub(BUDGET))
}

/// Everybody who has no budget of their own.
const fn shared(code: EventCode) -> Source {
    Source { code, client: None, ip: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(number: u32) -> Source {
        Source { code: EventCode::BadRedirect, client: None, ip: Some(IpAddr::from(number.to_be_bytes())) }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_000 + seconds)
    }

    fn written(ledger: &mut Ledger, source: &Source, now: i64) -> bool {
        ledger.allows(source, at(now))
    }

    #[test]
    fn s19_ten_a_minute_are_written_and_the_rest_becomes_one_number() {
        let mut ledger = Ledger::default();
        for number in 0..25 {
            assert_eq!(written(&mut ledger, &source(1), number), number < 10);
        }
        assert!(!written(&mut ledger, &source(1), 59));
        assert!(written(&mut ledger, &source(2), 59), "another source has its own budget");
        assert_eq!(ledger.take(Minutes::Over, at(59)), HeldBack::new(), "the minute goes on");
        assert!(written(&mut ledger, &source(1), 60), "the next minute");
        assert_eq!(ledger.take(Minutes::Over, at(60)), HeldBack::from([(source(1), 16)]));
        assert_eq!(ledger.take(Minutes::Over, at(60)), HeldBack::new(), "once");
    }

    #[test]
    fn what_could_not_be_written_comes_with_the_next() {
        let mut ledger = Ledger::default();
        for _ in 0..12 {
            ledger.allows(&source(1), at(0));
        }
        ledger.hold_back([(source(1), 1)]);
        for _ in 0..11 {
            ledger.allows(&source(1), at(60));
        }
        assert_eq!(ledger.take(Minutes::Over, at(60)), HeldBack::from([(source(1), 3)]));
        assert_eq!(
            ledger.take(Minutes::All, at(60)),
            HeldBack::from([(source(1), 1)]),
            "at the end no minute is waited for"
        );
    }

    #[test]
    fn a_crowd_shares_one_budget_and_no_more_memory() {
        let mut ledger = Ledger::default();
        let rows = (0..10_000).filter(|number| written(&mut ledger, &source(*number), 0)).count();
        assert_eq!(rows, 1_000);
        let beyond = u64::try_from(MAX_SOURCES + 10 - 1_000).unwrap();
        assert_eq!(ledger.held_back.values().sum::<u64>(), beyond, "beyond the rows of a code");
        ledger.held_back.clear();
        ledger.hold_back((0..10_000).map(|number| (source(number), 1)));
        assert_eq!(ledger.held_back.len(), MAX_SOURCES + 1);
        assert_eq!(ledger.held_back.values().sum::<u64>(), 10_000);
        ledger.counter = MinuteCounter::default();
        let numbers = ledger.take(Minutes::All, at(0));
        assert_eq!(numbers, HeldBack::from([(shared(EventCode::BadRedirect), 10_000)]), "one row tells all");
    }

    #[test]
    fn s19_many_addresses_fill_the_trail_no_faster_than_one() {
        let mut ledger = Ledger::default();
        let mut rows = 0;
        for minute in 0..1_440 {
            let now = minute * 60;
            rows += (0..200).filter(|number| written(&mut ledger, &source(*number), now)).count();
            rows += ledger.take(Minutes::Over, at(now)).len();
        }
        assert!(rows <= 1_000 + 1_440 * 11, "in a day: {rows}");
        assert!(
            written(&mut ledger, &Source { code: EventCode::CsrfRejected, ..source(1) }, 86_400),
            "another code"
        );
    }
}
