//! A machine that stands still for ten minutes: `SIGSTOP`, or a virtual machine that was paused.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rstest::rstest;
use tessera_app::jobs::{ClaimedJob, Outcome, run_due, run_if_due};
use tessera_model::{ClientKind, Digest, EventCode, SpentKind};
use tessera_testkit::server::{Backend, PASSWORD, TestServer};

use super::{HOUR, watch};
use crate::jobs::held_up;

const PAUSE: Duration = Duration::from_secs(600);
const KIND: SpentKind = SpentKind::new("test.pause");

#[rstest]
#[tokio::test]
async fn f25_after_a_pause_of_ten_minutes_what_expired_has_expired(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start_with(backend, |config| config.lifetimes.session_idle = PAUSE).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let mut browser = server.browser();
    let tokens = server.sign_in(&mut browser, &client, "openid orders.read", "alice").await;
    let code = server.code(&client, "openid orders.read", "alice").await;
    let flow = server.browser().visit(&server.authorize_path(&client, "openid", &[])).await;
    assert!(flow.location().is_some(), "{}", flow.status);
    watch(&server.app).await;

    server.clock.advance(PAUSE + Duration::from_secs(11));
    let refused = server.redeem(&client, &code).await;
    assert_eq!((refused.status, refused.error()), (400, "invalid_grant".to_owned()), "the code");
    assert_eq!(server.userinfo(&tokens.access).await.status, 401, "the access token");
    let asked = browser.visit("/").await;
    assert!(asked.location().is_some_and(|to| to.starts_with("/login")), "the session: {}", asked.status);
    watch(&server.app).await;
    assert!(server.events(EventCode::ClockJumped).await.is_empty(), "a pause is no jump");

    // The server goes on: people log in, and the feed is one that verifiers take.
    let again = server.sign_in(&mut browser, &client, "openid orders.read", "alice").await;
    assert_eq!(server.userinfo(&again.access).await.status, 200, "{PASSWORD}");
    let iat = server.rules(0).await["iat"].as_i64().unwrap();
    assert_eq!(iat, server.cli().now.seconds());
}

#[rstest]
#[tokio::test]
async fn f25_after_a_pause_timers_fire_once_and_leases_are_lost_cleanly(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let other = server.second_process(|_| ()).await;
    let minutely = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&minutely);
    let timer = [ClaimedJob::new("test.timer", Duration::from_secs(60), move |_| {
        count.fetch_add(1, Ordering::Relaxed);
        async { Ok(()) }
    })];
    run_due(&server.app, &timer, "paused").await.unwrap();

    // A run of the instance that will be paused, between two of its steps.
    let (purge, begun, go_on) = held_up("test.purge", KIND);
    let app = Arc::clone(&server.app);
    let paused = tokio::spawn(async move { run_if_due(&app, &purge, "paused").await.unwrap() });
    begun.notified().await;

    server.clock.advance(PAUSE);
    let takes_over = ClaimedJob::new("test.purge", HOUR, async |_| Ok(()));
    assert_eq!(run_if_due(&other, &takes_over, "other").await.unwrap(), Outcome::Succeeded);
    go_on.notify_one();
    assert_eq!(paused.await.unwrap(), Outcome::LeaseLost);
    let store = server.store().await;
    let now = server.cli().now;
    let unspent =
        store.write(|tx| async move { tx.spent().spend(KIND, &Digest::new([1; 32]), now).await }).await;
    assert!(unspent.unwrap(), "the run that was paused changed nothing");

    for _ in 0..3 {
        run_due(&server.app, &timer, "paused").await.unwrap();
        run_due(&other, &timer, "other").await.unwrap();
    }
    assert_eq!(
        minutely.load(Ordering::Relaxed),
        2,
        "once before, and once for the ten minutes that were missed"
    );
}
