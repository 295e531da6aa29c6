//! A verifier that follows the issuer of a test.

use std::sync::Arc;
use std::time::Duration;

use tessera_app::ports::Clock as _;
use tessera_testkit::clock::TestClock;
use tessera_testkit::server::{API, TestServer};
use tessera_verifier::Verifier;
use tessera_verifier::clock::Clock;

pub(crate) const DAY: u64 = 86_400;

/// The time of the issuer.
pub(crate) struct SameTime(pub(crate) Arc<TestClock>);

impl std::fmt::Debug for SameTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SameTime")
    }
}

impl Clock for SameTime {
    fn unix_seconds(&self) -> i64 {
        self.0.now().seconds()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_secs(self.unix_seconds().unsigned_abs())
    }
}

pub(crate) async fn verifier(server: &TestServer) -> Verifier {
    let builder =
        Verifier::builder(&*server.issuer).audience(API).clock(Arc::new(SameTime(server.clock.clone())));
    let verifier = builder.max_key_age(Duration::from_secs(2 * DAY)).live_revocation().build().unwrap();
    verifier.ready().await.unwrap();
    verifier
}
