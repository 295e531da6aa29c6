//! Denials that can be brought about as often as one likes, most of them without an account: written down, but within a budget.
//!
//! Ten rows a minute for each code, client and address; the rest is counted, and `audit` makes one row of the number (without a
//! request id) once the minute is over. A row that the database did not take, or that nobody waited for, is counted too; if it was
//! written after all, the number names it a second time.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tessera_model::{AuditEvent, ClientId, EventCode, Timestamp};
use tessera_store::StoreError;

use crate::network;
use crate::{Actor, App, Cx};

const BUDGET: u64 = 10;
const MINUTE: Duration = Duration::from_secs(60);
/// Sources that have a budget of their own; the others share one for each code.
const MAX_SOURCES: usize = 4_096;

/// How often a source was denied within its minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Counting this one.
    pub(crate) denials: u64,
    /// Seconds until the minute is over.
    pub(crate) left: u64,
}

/// Counts a denial that changes nothing else, and writes it down if the budget allows.
///
/// # Errors
/// The database failed.
pub(crate) async fn deny(cx: &Cx, event: AuditEvent) -> Result<Standing, StoreError> {
    // A name that somebody made up is no client: the source is then the address alone.
    let catalog = cx.app.catalog.load();
    let client = event.client_id.clone().filter(|id| catalog.client(id).is_some());
    let source = Source { code: event.code, client, ip: cx.ip.map(network::of) };
    let ledger = &cx.app.denials.0;
    let standing = ledger.lock().count(source.clone(), cx.now);
    if standing.denials <= BUDGET {
        let mut unwritten = Unwritten { ledger, source: Some(source) };
        // Boxed, so that a request that is not denied stays small.
        Box::pin(cx.record(event)).await?;
        unwritten.source = None;
    }
    Ok(standing)
}

/// A row within the budget, on its way: dropped before it has been written, it is held back.
struct Unwritten<'a> {
    ledger: &'a Mutex<Ledger>,
    source: Option<Source>,
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
    let held_back = app.denials.0.lock().take(minutes, app.clock.now());
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
        detail: Some(format!("{number} more")),
        ..cx.event(source.code)
    }
}

/// The denials of the last minute.
#[derive(Default)]
pub(crate) struct Denials(Mutex<Ledger>);

#[derive(Default)]
struct Ledger {
    windows: HashMap<Source, Window>,
    /// Of minutes that are over, and what could not be written of those under way.
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

struct Window {
    since: Timestamp,
    denials: u64,
}

impl Window {
    /// A request that was read a moment earlier ends no minute; a clock that went back does.
    fn is_over(&self, now: Timestamp) -> bool {
        self.since.since(now) > MINUTE || now.since(self.since) >= MINUTE
    }

    const fn held_back(&self) -> u64 {
        self.denials.saturating_sub(BUDGET)
    }
}

impl Ledger {
    fn count(&mut self, source: Source, now: Timestamp) -> Standing {
        let full = self.windows.len() >= MAX_SOURCES && !self.windows.contains_key(&source);
        if full || self.windows.get(&source).is_some_and(|window| window.is_over(now)) {
            self.close(|window| window.is_over(now));
        }
        let crowded = self.windows.len() >= MAX_SOURCES && !self.windows.contains_key(&source);
        let source = if crowded { shared(source.code) } else { source };
        let window = self.windows.entry(source).or_insert(Window { since: now, denials: 0 });
        window.denials += 1;
        Standing { denials: window.denials, left: MINUTE.saturating_sub(now.since(window.since)).as_secs() }
    }

    fn take(&mut self, minutes: Minutes, now: Timestamp) -> HeldBack {
        self.close(|window| minutes == Minutes::All || window.is_over(now));
        std::mem::take(&mut self.held_back)
    }

    fn close(&mut self, is_over: impl Fn(&Window) -> bool) {
        let over: Vec<_> = self.windows.extract_if(|_, window| is_over(window)).collect();
        self.hold_back(over.into_iter().map(|(source, window)| (source, window.held_back())));
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

    fn written(ledger: &mut Ledger, source: Source, now: i64) -> bool {
        ledger.count(source, at(now)).denials <= BUDGET
    }

    #[test]
    fn s19_ten_a_minute_are_written_and_the_rest_becomes_one_number() {
        let mut ledger = Ledger::default();
        for number in 0..25 {
            assert_eq!(written(&mut ledger, source(1), number), number < 10);
        }
        assert_eq!(ledger.count(source(1), at(59)), Standing { denials: 26, left: 1 });
        assert!(written(&mut ledger, source(2), 59), "another source has its own budget");
        assert_eq!(ledger.take(Minutes::Over, at(59)), HeldBack::new(), "the minute goes on");
        assert!(written(&mut ledger, source(1), 60), "the next minute");
        assert_eq!(ledger.take(Minutes::Over, at(60)), HeldBack::from([(source(1), 16)]));
        assert_eq!(ledger.take(Minutes::Over, at(60)), HeldBack::new(), "once");
    }

    #[test]
    fn what_could_not_be_written_comes_with_the_next() {
        let mut ledger = Ledger::default();
        for _ in 0..12 {
            ledger.count(source(1), at(0));
        }
        ledger.hold_back([(source(1), 1)]);
        for _ in 0..11 {
            ledger.count(source(1), at(60));
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
        let rows = (0..10_000).filter(|number| written(&mut ledger, source(*number), 0)).count();
        assert_eq!(rows, MAX_SOURCES + 10);
        assert_eq!(ledger.windows.len(), MAX_SOURCES + 1);
        ledger.hold_back((0..10_000).map(|number| (source(number), 1)));
        assert_eq!(ledger.held_back.len(), MAX_SOURCES + 1);
        assert_eq!(ledger.held_back.values().sum::<u64>(), 10_000);
    }

    #[test]
    fn s19_a_request_that_took_its_time_opens_no_new_minute() {
        let mut ledger = Ledger::default();
        let looked_at = (0..40).rev().filter(|second| written(&mut ledger, source(1), *second)).count();
        assert_eq!(looked_at, 10);
    }

    #[test]
    fn a_clock_that_goes_back_opens_a_new_minute() {
        let mut ledger = Ledger::default();
        ledger.count(source(1), at(1_000));
        assert_eq!(ledger.count(source(1), at(0)), Standing { denials: 1, left: 60 });
    }
}
