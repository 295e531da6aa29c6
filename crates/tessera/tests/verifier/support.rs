//! A verifier that follows the issuer of a test.

use std::time::Duration;

use tessera_testkit::server::{API, TestServer};
use tessera_verifier::Verifier;

pub(crate) const DAY: u64 = 86_400;

pub(crate) async fn verifier(server: &TestServer) -> Verifier {
    let builder = Verifier::builder(&*server.issuer).audience(API).clock(server.clock.clone());
    let verifier = builder.max_key_age(Duration::from_secs(2 * DAY)).live_revocation().build().unwrap();
    verifier.ready().await.unwrap();
    verifier
}
