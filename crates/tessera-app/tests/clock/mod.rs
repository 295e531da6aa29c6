//! A clock that is wrong: what it cannot take away, and what it cannot bring back.

use std::sync::Arc;
use std::time::Duration;

use rstest::rstest;
use tessera_app::access::AccessError;
use tessera_app::clock::{self, AcceptError, ClockRefused, accept_beside, watch_beside};
use tessera_app::jobs::{ClaimedJob, Outcome, run_if_due, table};
use tessera_app::users::{self, NewUser, UserError};
use tessera_app::{Actor, App, Cx};
use tessera_model::{ClientKind, EventCode, Timestamp};
use tessera_testkit::server::{Backend, TestServer};

mod pause;

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);
const SCOPE: &str = "openid offline_access orders.read";

/// What a server does every few seconds.
async fn watch(app: &Arc<App>) {
    watch_beside(app, None).await.unwrap();
}

async fn highest(server: &TestServer) -> Option<Timestamp> {
    clock::show(&server.cli()).await.unwrap().seen.highest
}

/// The jobs that purge and rotate. Mail does neither.
fn careful() -> Vec<ClaimedJob> {
    table().into_iter().filter(|job| !job.is_outbound).collect()
}

/// What became of each of them when an instance asked for it.
async fn outcomes(server: &TestServer) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for job in careful() {
        outcomes.push(run_if_due(&server.app, &job, "test").await.unwrap());
    }
    outcomes
}

#[rstest]
#[tokio::test]
async fn i04_what_expired_stays_expired_after_the_clock_was_put_back(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start_with(backend, |config| config.lifetimes.refresh_idle = 2 * HOUR).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let mut browser = server.browser();
    let tokens = server.sign_in(&mut browser, &client, SCOPE, "alice").await;
    let code = server.code(&client, SCOPE, "alice").await;
    assert_eq!(browser.visit("/").await.status, 200);
    assert_eq!(server.userinfo(&tokens.access).await.status, 200);

    // Nobody asks while the clock is ahead. The server alone has seen it.
    let ahead = server.app.config().lifetimes.session_idle.max(2 * HOUR) + HOUR;
    server.clock.set_ahead(ahead);
    watch(&server.app).await;
    server.clock.set_back(ahead);
    watch(&server.app).await;
    let refused = server.redeem(&client, &code).await;
    assert_eq!((refused.status, refused.error()), (400, "invalid_grant".to_owned()), "the code");
    let refused = server.refresh_with(&client, &tokens.refresh).await;
    assert_eq!((refused.status, refused.error()), (400, "invalid_grant".to_owned()), "the refresh token");
    assert_eq!(server.userinfo(&tokens.access).await.status, 401, "the access token");
    let asked = browser.visit("/").await;
    assert!(asked.location().is_some_and(|to| to.starts_with("/login")), "the session: {}", asked.status);

    // What is new lives, and time goes on.
    let again = server.sign_in(&mut server.browser(), &client, SCOPE, "alice").await;
    assert_eq!(server.userinfo(&again.access).await.status, 200);
    let now = server.cli().now;
    server.clock.advance(Duration::from_secs(100));
    assert_eq!(server.cli().now, now.after(Duration::from_secs(50)), "at half speed");
}

#[rstest]
#[tokio::test]
async fn a_start_beside_the_highest_time_seen_changes_nothing_until_the_clock_is_accepted(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    assert_eq!(highest(&server).await, None, "no server has run");
    watch(&server.app).await;
    let seen = server.clock_now();
    assert_eq!(highest(&server).await, Some(seen));
    for (wrong, ahead) in [(31 * DAY, true), (Duration::from_secs(61), false)] {
        let (there, back) = if ahead { (wrong, Duration::ZERO) } else { (Duration::ZERO, wrong) };
        server.clock.set_ahead(there);
        server.clock.set_back(back);
        let started = server.second_process(|_| ()).await;
        let refused = started.require_right_clock();
        match refused {
            Err(ClockRefused::Ahead { .. }) => assert!(ahead, "{wrong:?}"),
            Err(ClockRefused::Behind { .. }) => assert!(!ahead, "{wrong:?}"),
            Ok(()) => panic!("{wrong:?} is right"),
        }
        let cli = &Cx::new(&started, Actor::Cli);
        let added = users::add(cli, NewUser::new("bob".parse().unwrap())).await;
        assert!(matches!(added, Err(UserError::Access(AccessError::Clock(_)))), "{added:?}");
        assert!(users::list(cli, None, 10).await.unwrap().is_empty(), "reading works, and nobody was added");
        server.clock.set_back(there);
        server.clock.set_ahead(back);
    }
    let generous = server.second_process(|config| config.clock.max_behind = HOUR).await;
    assert!(generous.require_right_clock().is_ok());

    // The administrator says that the clock is right.
    server.clock.set_back(DAY);
    let started = server.second_process(|_| ()).await;
    let accepted = accept_beside(&Cx::new(&started, Actor::Cli), None).await.unwrap();
    assert_eq!((accepted.before, accepted.now), (Some(seen), seen.before(DAY)));
    let started = server.second_process(|_| ()).await;
    assert!(started.require_right_clock().is_ok());
    assert_eq!(Cx::new(&started, Actor::System).now, seen.before(DAY));
    assert_eq!(server.cli().now, seen, "the server that runs has not heard yet");
    watch(&server.app).await;
    assert_eq!((server.cli().now, highest(&server).await), (seen.before(DAY), Some(seen.before(DAY))));
    let events = server.events(EventCode::ClockAccepted).await;
    assert_eq!(
        (events.len(), events[0].detail.as_deref(), &*events[0].actor),
        (1, Some("back 86400"), "cli")
    );
}

#[rstest]
#[tokio::test]
async fn an_instance_that_has_not_heard_of_an_accepted_clock_does_not_raise_it_again(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    watch(&server.app).await;
    let store = server.store().await;
    let seen = store.read(|tx| async move { tx.clock().seen().await }).await.unwrap();
    server.clock.set_back(DAY);
    server.accept_clock().await;
    let late = seen.highest.unwrap().after(HOUR);
    assert!(!store.write(|tx| async move { tx.clock().raise(late, seen.accepted).await }).await.unwrap());
    assert_eq!(highest(&server).await, Some(server.clock_now()));
}

#[rstest]
#[tokio::test]
async fn i09_a_clock_that_jumps_is_told_once(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let server = TestServer::start(backend).await;
    let jumps = async || {
        watch(&server.app).await;
        watch(&server.app).await;
        let events = server.events(EventCode::ClockJumped).await;
        events.into_iter().rev().map(|event| event.detail.unwrap()).collect::<Vec<_>>()
    };
    server.clock.set_ahead(Duration::from_secs(3_599));
    server.clock.set_back(Duration::from_secs(59));
    server.advance(7 * 86_400);
    assert_eq!(jumps().await, Vec::<String>::new(), "less than an hour, and a week that has passed");
    server.clock.set_ahead(Duration::from_secs(60));
    assert_eq!(jumps().await, ["ahead 3600"]);
    server.clock.set_back(Duration::from_secs(60));
    assert_eq!(jumps().await, ["ahead 3600", "back 60"]);
}

#[rstest]
#[tokio::test]
async fn after_a_gap_of_over_an_hour_nothing_is_purged_or_rotated_for_ten_minutes(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    server.sign_in(&mut server.browser(), &client, SCOPE, "alice").await;
    server.run_jobs().await;
    watch(&server.app).await;
    let user = users::find(&server.cli(), "alice").await.unwrap().id;
    let store = server.store().await;
    let sessions =
        async || store.read(|tx| async move { tx.sessions().list_of_user(user).await }).await.unwrap().len();
    let keys = async || server.keys().await.keys.len();
    let begun = (sessions().await, keys().await);
    assert_eq!(begun, (1, 3));

    // A year ahead, while the server runs. It is put right within the ten minutes.
    let seen = highest(&server).await;
    server.clock.set_ahead(365 * DAY);
    for _ in 0..2 {
        watch(&server.app).await;
        assert_eq!(highest(&server).await, seen, "a server that starts now finds the gap, too");
        assert_eq!(outcomes(&server).await, vec![Outcome::NotNow; careful().len()]);
        server.advance(299);
    }
    server.clock.set_back(365 * DAY);
    server.accept_clock().await;
    server.run_jobs().await;
    server.refresh().await;
    assert_eq!((sessions().await, keys().await), begun, "nothing was lost or planned");

    // A server that was down for two days, and a second one: each waits.
    server.clock.advance(2 * DAY);
    let second = server.second_process(|_| ()).await;
    let all = careful();
    for app in [&server.app, &second] {
        for job in &all {
            assert_eq!(run_if_due(app, job, "test").await.unwrap(), Outcome::NotNow, "{}", job.name);
        }
    }
    server.advance(599);
    assert_eq!(outcomes(&server).await, vec![Outcome::NotNow; all.len()]);
    server.advance(1);
    assert_eq!(outcomes(&server).await, vec![Outcome::Succeeded; all.len()]);
    server.clock.advance(400 * DAY);
    server.cli();
    server.advance(600);
    server.run_jobs().await;
    assert_eq!(sessions().await, 0, "then it is purged");
}

#[rstest]
#[tokio::test]
async fn p6_an_instance_off_the_clock_of_the_database_is_not_ready_and_raises_nothing(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    watch(&server.app).await;
    let before = highest(&server).await;
    server.advance(100);
    for ahead in [11, -11] {
        watch_beside(&server.app, Some(ahead)).await.unwrap();
        assert_eq!((server.app.off_database_clock(), highest(&server).await), (Some(ahead), before));
        assert_eq!(
            outcomes(&server).await,
            vec![Outcome::NotNow; careful().len()],
            "another one does better"
        );
    }
    watch_beside(&server.app, Some(10)).await.unwrap();
    assert_eq!((server.app.off_database_clock(), highest(&server).await), (None, Some(server.clock_now())));
}

#[rstest]
#[tokio::test]
async fn p6_a_clock_off_that_of_the_database_is_not_accepted(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    watch(&server.app).await;
    let before = highest(&server).await;
    server.advance(100);
    let (cli, now) = (&server.cli(), server.clock_now());
    let second = Duration::from_secs(1);
    for (ahead, expected) in [(11, now.before(11 * second)), (-11, now.after(11 * second))] {
        match accept_beside(cli, Some(ahead)).await {
            Err(AcceptError::OffDatabase { clock, database }) => {
                assert_eq!((clock, database), (now, expected));
            }
            other => panic!("{ahead}: {other:?}"),
        }
        assert_eq!(highest(&server).await, before, "{ahead}");
    }
    assert_eq!(server.events(EventCode::ClockAccepted).await, []);
    for ahead in [10, -10] {
        let accepted = accept_beside(cli, Some(ahead)).await;
        assert!(matches!(&accepted, Ok(accepted) if accepted.now == now), "{ahead}: {accepted:?}");
    }
    assert_eq!(highest(&server).await, Some(now));
}

#[tokio::test]
async fn p6_the_clock_of_postgresql_is_compared() {
    let server = TestServer::start(Backend::Postgres).await;
    clock::watch(&server.app).await.unwrap();
    let off = server.app.off_database_clock();
    assert!(off.is_some_and(|ahead| ahead < -10), "the clock of the test stands in the past: {off:?}");
    let accepted = clock::accept(&server.cli()).await;
    assert!(matches!(accepted, Err(AcceptError::OffDatabase { .. })), "{accepted:?}");
    let server = TestServer::start(Backend::Sqlite).await;
    clock::watch(&server.app).await.unwrap();
    assert_eq!(server.app.off_database_clock(), None, "SQLite has no clock of its own");
    let accepted = clock::accept(&server.cli()).await;
    assert!(accepted.is_ok(), "{accepted:?}");
}

#[rstest]
#[tokio::test]
async fn what_was_planned_for_a_time_that_does_not_count_any_more_is_brought_back(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    server.advance(89 * DAY.as_secs());
    server.run_jobs().await;
    server.clock.set_back(89 * DAY);
    server.accept_clock().await;
    server.run_jobs().await;
    let now = server.cli().now;
    let store = server.store().await;
    let keys = store.read(|tx| async move { tx.keys().list().await }).await.unwrap();
    let latest = now.after(89 * DAY);
    for key in keys.iter().filter(|key| key.purpose.is_published()) {
        assert!(
            key.created_at <= now && key.due_at.is_some_and(|due| due <= latest),
            "{key:?} {:?}",
            key.due_at
        );
    }
    let next: Vec<_> = keys.iter().filter(|key| key.activated_at.is_none()).collect();
    assert_eq!(next.len(), 3);
    assert!(next.iter().all(|key| key.due_at == Some(now.after(DAY))), "they sign a day from now");
}
