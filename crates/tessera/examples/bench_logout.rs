//! All grants of a session, a person or a client end, 100,000 of them, while tokens of other people are revoked: measured at an issuer
//! over HTTP and at a verifier that follows it, on both databases. One JSON object a line for `cargo xtask bench logout`.
//! `bench_logout [GRANTS]`.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench stops at the first thing that goes wrong"
)]

use std::time::Duration;

use serde_json::json;
use tessera_app::{clients, users};
use tessera_model::{ClientKind, Grant, Holder, PlainPassword, UserId};
use tessera_testkit::browser::Browser;
use tessera_testkit::evidence::Tokens;
use tessera_testkit::server::{API, Backend, TestClient, TestServer};
use tessera_verifier::{Verifier, VerifyError};
use tokio::time::Instant;

const SCOPE: &str = "openid orders.read";
/// Tokens of other people that are revoked meanwhile.
const OTHERS: usize = 24;

/// What ends the grants.
#[derive(Clone, Copy)]
enum End {
    Logout,
    NewPassword,
    UserDeleted,
    ClientDeleted,
}

impl End {
    const ALL: [Self; 4] = [Self::Logout, Self::NewPassword, Self::UserDeleted, Self::ClientDeleted];

    const fn name(self) -> &'static str {
        match self {
            Self::Logout => "logout of a session",
            Self::NewPassword => "new password of a person",
            Self::UserDeleted => "deletion of a person",
            Self::ClientDeleted => "deletion of a client",
        }
    }

    /// How long it may take, in milliseconds. A deletion removes each grant, and is in no hurry.
    const fn target_ms(self) -> Option<u32> {
        match self {
            Self::Logout | Self::NewPassword => Some(1_000),
            Self::UserDeleted | Self::ClientDeleted => None,
        }
    }
}

#[tokio::main]
async fn main() {
    let grants = std::env::args().nth(1).map_or(100_000, |text| text.parse().unwrap());
    for (name, backend) in [("SQLite", Backend::Sqlite), ("PostgreSQL", Backend::Postgres)] {
        for end in End::ALL {
            measure(end, (name, backend), grants).await;
        }
    }
}

async fn measure(end: End, (name, backend): (&str, Backend), grants: u32) {
    let server = &TestServer::start(backend).await;
    let alice = server.add_user("alice").await.id;
    server.add_user("bob").await;
    let hers = &server.add_client(ClientKind::Web).await;
    let client = &server.add_client(ClientKind::Web).await;
    let mut browser = server.browser();
    let tokens = server.sign_in(&mut browser, hers, SCOPE, "alice").await;
    let one = server.grant(tokens.grant().parse().unwrap()).await.unwrap();
    let authentication = one.holder.authentication().unwrap().clone();
    let holder = match end {
        End::Logout => one.holder.clone(),
        _ => Holder::Offline { user_id: alice, session_id: None, authentication },
    };
    server.copy_grant(&Grant { holder, ..one }, grants).await;
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

    let ended = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let begun = Instant::now();
        let act = async {
            bring_about(end, server, (&mut browser, &csrf), (alice, hers)).await;
            begun.elapsed()
        };
        tokio::join!(act, until_revoked(verifier, &tokens.access, begun))
    };
    let ((ended, refused), (acknowledged, heard)) =
        tokio::join!(ended, revoke(server, client, verifier, &others));
    let what = end.name();
    for (what, took, target_ms) in [
        (format!("{what} with {grants} grants"), ended, end.target_ms()),
        (format!("{what}: until a verifier refuses its tokens"), refused, Some(1_000)),
        (
            format!("{what}: another's revocation is acknowledged, slowest of {OTHERS}"),
            acknowledged,
            Some(250),
        ),
        (format!("{what}: and reaches a verifier, slowest of {OTHERS}"), heard, Some(1_000)),
    ] {
        row(&format!("{what}, {name}"), took, target_ms);
    }
}

async fn bring_about(
    end: End,
    server: &TestServer,
    (browser, csrf): (&mut Browser, &str),
    (alice, hers): (UserId, &TestClient),
) {
    let cx = &server.cli();
    match end {
        End::Logout => {
            let out = browser.submit("/logout", &[("csrf", csrf)]).await;
            assert_eq!(out.status, 200, "{}", out.body);
        }
        End::NewPassword => {
            let new = PlainPassword::to_set("another password".to_owned()).unwrap();
            users::set_password(cx, alice, new).await.unwrap();
        }
        End::UserDeleted => drop(users::delete(cx, alice).await.unwrap()),
        End::ClientDeleted => drop(clients::delete(cx, &hers.id.parse().unwrap()).await.unwrap()),
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

fn row(name: &str, took: Duration, target_ms: Option<u32>) {
    let value = took.as_secs_f64() * 1_000.0;
    let holds = target_ms.map(|target| value <= f64::from(target));
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
