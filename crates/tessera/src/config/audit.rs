//! `[audit]`: the audit trail.

use std::time::Duration;

use super::duration::DAY;
use super::key::{Fallback, Key, Section, ValueKind};

/// The audit trail.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AuditSettings {
    /// How long events are kept.
    pub(crate) retention: Duration,
}

pub(super) static KEYS: Section<AuditSettings> = Section {
    name: "audit",
    doc: "The audit trail.",
    keys: &[Key {
        name: "audit.retention",
        kind: ValueKind::Duration {
            from: DAY,
            to: 100 * 365 * DAY,
            set: |audit, span| audit.retention = span,
        },
        default: Fallback::Value("400d"),
        doc: "How long the server keeps audit events.",
    }],
};
