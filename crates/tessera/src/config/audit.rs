//! `[audit]`: the audit trail.

use std::time::Duration;

use super::duration::DAY;
use super::key::{Fallback, Key, Kind, Section};

/// The audit trail.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Audit {
    /// How long events are kept.
    pub(crate) retention: Duration,
}

pub(super) static KEYS: Section<Audit> = Section {
    name: "audit",
    doc: "The audit trail.",
    keys: &[Key {
        name: "audit.retention",
        kind: Kind::Duration { from: DAY, to: 100 * 365 * DAY, set: |audit, span| audit.retention = span },
        default: Fallback::Value("400d"),
        doc: "How long the server keeps audit events.",
    }],
};
