//! One person logs out of a session with 100,000 grants, while tokens of other people are revoked: measured at an issuer over HTTP and at
//! a verifier that follows it, on both databases. One JSON object a line for `cargo xtask bench logout`. `bench_logout [GRANTS]`.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench stops at the first thing that goes wrong"
)]

use std::time::Duration;

use serde_json::json;
use tessera_model::{ClientKind, Grant, GrantId, GrantStage, Refresh};
use tessera_store::StoreError;
use tessera_testkit::evidence::Tokens;
use tessera_testkit::server::{API, Backend, TestClient, TestServer};
use tessera_verifier::{Verifier, VerifyError};
use tokio::time::Instant;

const SCOPE: &str = "openid orders.read";
/// Tokens of other people that are revoked meanwhile.
const OTHERS: usize = 24;

#[tokio::main]
async fn main() {
    let grants = std::env::args().nth(1).map_or(100_000, |text| text.parse().unwrap());
    for (name, backend) in [("SQLite", Backend::Sqlite), ("PostgreSQL", Backend::Postgres)] {
        measure(name, backend, grants).await;
    }
}

async fn measure(name: &str, backend: Backend, grants: u32) {
    let server = &TestServer::start(backend).await;
    for person in ["alice", "bob"] {
        server.add_user(person).await;
    }
    let client = &server.add_client(ClientKind::Web).await;
    let mut browser = server.browser();
    let tokens = server.sign_in(&mut browser, client, SCOPE, "alice").await;
    seed(server, &tokens, grants).await;
    let mut others = Vec::new();
    let mut bob = server.browser();
    for _ in 0..OTHERS {
        others.push(server.sign_in(&mut bob, client, SCOPE, "bob").await);
    }
    let verifier = &verifier(server).await;
    for token in others.iter().chain([&tokens]) {
        assert!(verifier.verify(&token.access).await.is_ok());
    }
    let csrf = browser.visit("/logout").await.hidden("csrf");

    let log_out = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let begun = Instant::now();
        let out = browser.submit("/logout", &[("csrf", &csrf)]).await;
        assert_eq!(out.status, 200, "{}", out.body);
        let done = begun.elapsed();
        (done, until_revoked(verifier, &tokens.access, begun).await)
    };
    let ((ended, refused), (acknowledged, heard)) =
        tokio::join!(log_out, revoke(server, client, verifier, &others));
    let n = format!("{grants} grants, {name}");
    row(&format!("logout of a session with {n}"), ended, 1_000);
    row(&format!("the same: until a verifier refuses its tokens, {name}"), refused, 1_000);
    row(
        &format!("meanwhile: another's revocation is acknowledged, slowest of {OTHERS}, {name}"),
        acknowledged,
        250,
    );
    row(&format!("meanwhile: and reaches a verifier, slowest of {OTHERS}, {name}"), heard, 1_000);
}

/// Copies of the grant of these tokens, as many silent authorizations and exchanges would have left them.
async fn seed(server: &TestServer, tokens: &Tokens, count: u32) {
    let one = server.grant(tokens.grant().parse().unwrap()).await.unwrap();
    let store = server.store().await;
    let numbers: Vec<u32> = (0..count).collect();
    for batch in numbers.chunks(1_000) {
        let (one, batch) = (&one, batch);
        let written = store.write(|tx| async move {
            for number in batch {
                let mut id = [0; 16];
                id[..4].copy_from_slice(&number.to_be_bytes());
                let refresh = Refresh::first(one.created_at, one.expires_at);
                let stage = GrantStage::Active(Some(refresh));
                tx.grants().insert(&Grant { id: GrantId::from_random(id), stage, ..one.clone() }).await?;
            }
            Ok::<_, StoreError>(())
        });
        written.await.unwrap();
    }
}

/// Revokes one after the other. Returns the slowest answer, and the longest time until the verifier refused a token.
async fn revoke(
    server: &TestServer,
    client: &TestClient,
    verifier: &Verifier,
    others: &[Tokens],
) -> (Duration, Duration) {
    let (mut acknowledged, mut heard) = (Vec::new(), Vec::new());
    for token in others {
        let begun = Instant::now();
        let answer = server.post("/revoke", client, &[("token", &token.refresh)]).await;
        assert_eq!(answer.status, 200);
        acknowledged.push(begun.elapsed());
        heard.push(tokio::spawn({
            let (verifier, token) = (verifier.clone(), token.access.clone());
            async move { until_revoked(&verifier, &token, begun).await }
        }));
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
    let mut slowest = Duration::ZERO;
    for one in heard {
        slowest = slowest.max(one.await.unwrap());
    }
    (acknowledged.into_iter().max().unwrap(), slowest)
}

async fn until_revoked(verifier: &Verifier, token: &str, begun: Instant) -> Duration {
    while verifier.verify(token).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert!(matches!(verifier.verify(token).await, Err(VerifyError::Revoked(_))));
    begun.elapsed()
}

fn row(name: &str, took: Duration, target_ms: u32) {
    let value = took.as_secs_f64() * 1_000.0;
    let holds = value <= f64::from(target_ms);
    println!(
        "{}",
        json!({ "name": name, "value": value, "unit": "ms", "target": target_ms, "holds": holds })
    );
}

async fn verifier(server: &TestServer) -> Verifier {
    let clock = server.clock.clone();
    let builder = Verifier::builder(&*server.issuer).audience(API).clock(clock);
    let verifier = builder.live_revocation().build().unwrap();
    verifier.ready().await.unwrap();
    verifier
}
