//! Ids of requests and audit events. They are unique across processes, and they are not secret.

use std::sync::atomic::{AtomicU64, Ordering};

use tessera_model::AuditId;

use crate::RequestId;
use crate::ports::Entropy;

/// Counts from a random start.
pub(crate) struct IdSource {
    process: [u8; 16],
    events: AtomicU64,
    requests: AtomicU64,
}

impl IdSource {
    pub(crate) fn new(entropy: &dyn Entropy) -> Self {
        let (mut process, mut first) = ([0; 16], [0; 8]);
        entropy.fill(&mut process);
        entropy.fill(&mut first);
        Self { process, events: AtomicU64::new(0), requests: AtomicU64::new(u64::from_be_bytes(first)) }
    }

    /// The first six bytes count up, so that events of one second keep their order and the database appends them. The other
    /// bytes are random and differ between processes.
    pub(crate) fn event(&self) -> AuditId {
        let number = self.events.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let mut id = self.process;
        id[..6].copy_from_slice(&number[2..]);
        AuditId::from_random(id)
    }

    pub(crate) fn request(&self) -> RequestId {
        RequestId(self.requests.fetch_add(1, Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::ports::tests::Zeros;

    #[test]
    fn no_two_ids_are_alike_and_events_come_in_order() {
        let ids = IdSource::new(&Zeros);
        let requests: HashSet<u64> = (0..10_000).map(|_| ids.request().0).collect();
        assert_eq!(requests.len(), 10_000);
        let events: Vec<_> = (0..300).map(|_| *ids.event().as_bytes()).collect();
        assert!(events.is_sorted_by(|one, next| one < next));
    }
}
