//! Denials that anybody can bring about, without an account and as often as they like: written down, but within a budget.
//!
//! Ten rows a minute for each code and address; the rest is counted, and the number becomes one row (without a request id)
//! when somebody is denied after that minute. In memory: a server that stops forgets the numbers it has not written yet.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use parking_lot::Mutex;
use tessera_model::{AuditEvent, EventCode, Timestamp};
use tessera_store::StoreError;

use crate::{Actor, Cx};

const BUDGET: u32 = 10;
const MINUTE: Duration = Duration::from_secs(60);
/// Sources that have a budget of their own; the others share one for each code.
const MAX_SOURCES: usize = 4_096;

/// Writes down a denial of somebody who has not proven anything, if the budget of its code and address allows.
///
/// # Errors
/// The database failed.
pub(crate) async fn deny(cx: &Cx, event: AuditEvent) -> Result<(), StoreError> {
    let Verdict { written, held_back } = cx.app.denials.0.lock().count(Source::of(event.code, cx.ip), cx.now);
    let mut events: Vec<AuditEvent> =
        held_back.iter().map(|(source, number)| summary(cx, *source, *number)).collect();
    events.extend(written.then_some(event));
    if events.is_empty() {
        return Ok(());
    }
    let events = &events;
    let appended = cx.app.store.write(|tx| async move { tx.append_events(events).await }).await;
    if appended.is_err() {
        cx.app.denials.0.lock().put_back(held_back, cx.now);
    }
    appended
}

fn summary(cx: &Cx, source: Source, number: u64) -> AuditEvent {
    AuditEvent {
        actor: Actor::Anonymous.to_string(),
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
    swept_at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Source {
    code: EventCode,
    ip: Option<IpAddr>,
}

impl Source {
    /// One subscriber has a whole /64 of IPv6: it counts as one address, its first.
    fn of(code: EventCode, ip: Option<IpAddr>) -> Self {
        let ip = ip.map(|ip| match ip {
            IpAddr::V4(_) => ip,
            IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64).into(),
        });
        Self { code, ip }
    }
}

struct Window {
    since: Timestamp,
    written: u32,
    held_back: u64,
}

impl Window {
    const fn at(since: Timestamp) -> Self {
        Self { since, written: 0, held_back: 0 }
    }
}

/// What is to be written: this denial itself or not, and the numbers of windows that are over.
struct Verdict {
    written: bool,
    held_back: Vec<(Source, u64)>,
}

impl Ledger {
    fn count(&mut self, source: Source, now: Timestamp) -> Verdict {
        let mine = self.windows.get(&source);
        let over = mine.is_some_and(|window| now.since(window.since) >= MINUTE);
        let held_back = if over || now.since(self.swept_at) >= MINUTE { self.sweep(now) } else { Vec::new() };
        let crowded = self.windows.len() >= MAX_SOURCES && !self.windows.contains_key(&source);
        let source = if crowded { Source { ip: None, ..source } } else { source };
        let window = self.windows.entry(source).or_insert(Window::at(now));
        let written = window.written < BUDGET;
        if written {
            window.written += 1;
        } else {
            window.held_back += 1;
        }
        Verdict { written, held_back }
    }

    fn sweep(&mut self, now: Timestamp) -> Vec<(Source, u64)> {
        self.swept_at = now;
        let mut held_back = Vec::new();
        self.windows.retain(|source, window| {
            let over = now.since(window.since) >= MINUTE;
            if over && window.held_back > 0 {
                held_back.push((*source, window.held_back));
            }
            !over
        });
        held_back
    }

    /// The numbers were not written: they wait for the next minute.
    fn put_back(&mut self, held_back: Vec<(Source, u64)>, now: Timestamp) {
        for (source, number) in held_back {
            self.windows.entry(source).or_insert(Window::at(now)).held_back += number;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(number: u32) -> Source {
        Source::of(EventCode::BadRedirect, Some(IpAddr::from(number.to_be_bytes())))
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_000 + seconds)
    }

    #[test]
    fn ten_a_minute_are_written_and_the_rest_becomes_one_number() {
        let mut ledger = Ledger::default();
        for number in 0..25 {
            assert_eq!(ledger.count(source(1), at(number)).written, number < 10);
        }
        let other = ledger.count(source(2), at(59));
        assert!(other.written && other.held_back.is_empty());
        let after = ledger.count(source(2), at(60));
        assert!(after.written, "anybody's denial after the minute brings the number");
        assert_eq!(after.held_back, [(source(1), 15)]);
        assert!(ledger.count(source(1), at(60)).held_back.is_empty(), "once");
    }

    #[test]
    fn what_could_not_be_written_comes_with_the_next() {
        let mut ledger = Ledger::default();
        for _ in 0..12 {
            ledger.count(source(1), at(0));
        }
        let lost = ledger.count(source(1), at(60)).held_back;
        ledger.put_back(lost, at(60));
        assert_eq!(ledger.count(source(1), at(120)).held_back, [(source(1), 2)]);
    }

    #[test]
    fn a_crowd_shares_one_budget_and_no_more_memory() {
        let mut ledger = Ledger::default();
        let written = (0..10_000).filter(|number| ledger.count(source(*number), at(0)).written).count();
        assert_eq!(written, MAX_SOURCES + 10);
        assert_eq!(ledger.windows.len(), MAX_SOURCES + 1);
    }

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let of = |ip: &str| Source::of(EventCode::CsrfRejected, Some(ip.parse().unwrap()));
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
    }
}
