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
    /// Keeps strangers, who see ids on error pages, from counting the requests between two of them.
    secret: u64,
}

impl Names {
    pub(crate) fn new(entropy: &dyn Entropy) -> Self {
        let (mut process, mut first, mut secret) = ([0; 16], [0; 8], [0; 8]);
        entropy.fill(&mut process);
        entropy.fill(&mut first);
        entropy.fill(&mut secret);
        Self {
            process,
            events: AtomicU64::new(0),
            requests: AtomicU64::new(u64::from_be_bytes(first)),
            secret: u64::from_be_bytes(secret),
        }
    }

    /// Counts up in its first six bytes, so that events of one second stay in the order of their happening and are appended to
    /// the table rather than scattered over it; the rest tells processes apart.
    pub(crate) fn event(&self) -> AuditId {
        let number = self.events.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let mut id = self.process;
        id[..6].copy_from_slice(&number[2..]);
        AuditId::from_random(id)
    }

    /// A number of its own for each, mixed by the finaliser of `SplitMix64`, which maps no two numbers to one.
    pub(crate) fn request(&self) -> RequestId {
        let mut id = self.requests.fetch_add(1, Ordering::Relaxed) ^ self.secret;
        id = (id ^ (id >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        id = (id ^ (id >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        RequestId(id ^ (id >> 31) ^ self.secret.rotate_left(32))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::ports::tests::Zeros;

    #[test]
    fn no_two_names_are_alike_and_events_come_in_order() {
        let names = Names::new(&Zeros);
        let requests: HashSet<u64> = (0..10_000).map(|_| names.request().0).collect();
        assert_eq!(requests.len(), 10_000);
        let events: Vec<_> = (0..300).map(|_| *names.event().as_bytes()).collect();
        assert!(events.is_sorted_by(|one, next| one < next));
    }
}
