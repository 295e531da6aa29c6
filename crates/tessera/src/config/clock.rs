//! `[clock]`: how far the clock may be from the highest time seen.

use tessera_app::config::ClockLimits;

use super::duration::{DAY, HOUR, MINUTE};
use super::key::{Fallback, Key, Section, ValueKind};

pub(super) static KEYS: Section<ClockLimits> = Section {
    name: "clock",
    doc: "How far the clock may be from the highest time that a server has seen. `tessera clock accept` accepts one that is further away.",
    keys: &[
        Key {
            name: "clock.max_behind",
            kind: ValueKind::Duration { from: 10, to: 365 * DAY, set: |clock, span| clock.max_behind = span },
            default: Fallback::Value("60s"),
            doc: "A server does not start, and commands change nothing, while the clock is further behind.",
        },
        Key {
            name: "clock.max_ahead",
            kind: ValueKind::Duration {
                from: HOUR + MINUTE,
                to: 10 * 365 * DAY,
                set: |clock, span| clock.max_ahead = span,
            },
            default: Fallback::Value("30d"),
            doc: "The same while the clock is further ahead. This is also the longest time without a server after which one starts by itself.",
        },
    ],
};
