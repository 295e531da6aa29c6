//! A recorder of one counter, for the thread of a test.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};

/// Counts one counter. Give it to [`metrics::set_default_local_recorder`].
pub struct Counted {
    name: &'static str,
    label: Option<(&'static str, &'static str)>,
    total: Arc<AtomicU64>,
}

impl Counted {
    /// The counter of this name, with any labels.
    pub fn new(name: &'static str) -> Self {
        Self { name, label: None, total: Arc::default() }
    }

    /// The same where this label has this value.
    #[must_use]
    pub fn labelled(self, label: &'static str, value: &'static str) -> Self {
        Self { label: Some((label, value)), ..self }
    }

    /// What it has come to.
    pub fn total(&self) -> u64 {
        self.total.load(Ordering::Relaxed)
    }
}

impl Recorder for Counted {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let labelled = |(label, value)| key.labels().any(|one| (one.key(), one.value()) == (label, value));
        let counted = key.name() == self.name && self.label.is_none_or(labelled);
        if counted { Counter::from_arc(Arc::clone(&self.total)) } else { Counter::noop() }
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}
