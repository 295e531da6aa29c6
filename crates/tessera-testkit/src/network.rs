//! Requests of a test server to other servers.

use std::sync::Arc;
use std::time::Duration;

use tessera_fetch::{Fetch, GuardedFetch};

/// How a test server sends requests: as a server does, but also to this machine, and it gives up sooner.
///
/// # Panics
/// If there is no HTTP client.
pub fn fetch() -> Arc<dyn Fetch> {
    let guarded = GuardedFetch::builder().loopback_http().timeout(Duration::from_secs(2)).build();
    Arc::new(guarded.expect("an HTTP client"))
}
