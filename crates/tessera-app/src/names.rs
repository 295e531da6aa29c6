//! Names of requests and audit events: unlike any other, of this process or another, without being secret or random each.

use std::sync::atomic::{AtomicU64, Ordering};

use tessera_model::AuditId;

use crate::RequestId;
use crate::ports::Entropy;

/// What the names of one process have in common, and how many there are.
pub(crate) struct Names {
    process: [u8; 16],
    events: AtomicU64,
    requests: AtomicU64,
}

impl Names {
    pub(crate) fn new(entropy: &dyn Entropy) -> Self {
        let (mut process, mut request) = ([0; 16], [0; 8]);
        entropy.fill(&mut process);
        entropy.fill(&mut request);
        Self { process, events: AtomicU64::new(0), requests: AtomicU64::new(u64::from_be_bytes(request)) }
    }

    /// Counts up in its first six bytes, so that events of one second stay in the order of their happening and are appended to
    /// the table rather than scattered over it; the rest tells processes apart.
    pub(crate) fn event(&self) -> AuditId {
        let number = self.events.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let mut id = self.process;
        id[..6].copy_from_slice(&number[2..]);
        AuditId::from_random(id)
    }

    /// Steps through all 64-bit numbers by the golden ratio, so that neighbours in time do not look alike.
    pub(crate) fn request(&self) -> RequestId {
        RequestId(self.requests.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed))
    }
}
