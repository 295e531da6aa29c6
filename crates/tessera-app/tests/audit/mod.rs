//! The audit trail: who did what, kept as long as the configuration says.

use std::time::Duration;

use rstest::rstest;
use tessera_app::audit::{self, AuditFilter, Follower};
use tessera_app::users;
use tessera_model::EventCode;
use tessera_testkit::server::{Backend, TestServer};

const DAY: u64 = 86_400;

#[rstest]
#[case::on_the_day_itself(390 * DAY, 601)]
#[case::a_second_later(390 * DAY + 1, 1)]
#[tokio::test]
async fn events_are_kept_for_four_hundred_days(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[case] later: u64,
    #[case] kept: usize,
) {
    let server = TestServer::start(backend).await;
    for number in 0..600 {
        server.add_user(&format!("user{number}")).await;
    }
    server.advance(10 * DAY);
    server.add_user("late").await;
    let created = async || {
        server.run_jobs().await;
        server.count("user.created").await
    };
    assert_eq!(created().await, 601);
    server.advance(later);
    assert_eq!(created().await, kept);
    server.advance(10 * DAY + 1);
    assert_eq!(created().await, 0);
}

#[tokio::test]
async fn events_are_kept_as_long_as_the_operator_says() {
    let server = TestServer::start_with(Backend::Sqlite, |config| {
        config.audit_retention = Duration::from_secs(2 * DAY);
    })
    .await;
    server.add_user("alice").await;
    server.advance(2 * DAY + 1);
    server.run_jobs().await;
    assert_eq!(server.audit_trail().await, []);
}

#[rstest]
#[tokio::test]
async fn i09_what_administrators_do_is_written_down_with_their_door(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let id = server.add_user("alice").await.id;
    users::lock(&server.cli(), id).await.unwrap();
    users::unlock(&server.cli(), id).await.unwrap();
    users::disable(&server.cli(), id).await.unwrap();
    users::delete(&server.cli(), id).await.unwrap();
    let trail = server.audit_trail().await;
    let mut about: Vec<_> = trail.iter().filter(|event| event.user_id == Some(id)).collect();
    assert!(about.iter().all(|event| event.actor == "cli" && event.request_id.is_some()), "{about:?}");
    about.sort_by_key(|event| event.code.as_str().to_owned());
    let codes: Vec<_> = about.iter().map(|event| event.code.as_str()).collect();
    assert_eq!(codes, ["user.created", "user.deleted", "user.disabled", "user.locked", "user.unlocked"]);
}

#[tokio::test]
async fn an_event_of_a_newer_version_is_listed_as_it_was_written() {
    let server = TestServer::start(Backend::Postgres).await;
    let user = server.add_user("alice").await.id;
    users::lock(&server.cli(), user).await.unwrap();
    server.sql("UPDATE audit SET code = 'factor.added' WHERE code = 'user.locked'");
    let filter = AuditFilter { user: Some(user), ..AuditFilter::default() };
    let listed = audit::list(&server.cli(), &filter, 10).await.unwrap().events;
    let mut codes: Vec<_> = listed.iter().map(|event| event.code.as_str()).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["factor.added", "user.created"]);
    let filter = AuditFilter { code: Some(EventCode::UserCreated), ..filter };
    let listed = audit::list(&server.cli(), &filter, 10).await.unwrap().events;
    assert!(listed.len() == 1 && listed[0].code == EventCode::UserCreated, "{listed:?}");
}

/// An event has the time of its request, so one of a slow request stands before those that were read already.
#[rstest]
#[tokio::test]
async fn i09_who_follows_the_trail_gets_each_event_once_also_a_late_one(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let alice = server.add_user("alice").await.id;
    let cli = server.cli();
    let (mut follower, last) = Follower::begin(&cli, AuditFilter::default(), 1).await.unwrap();
    assert_eq!(last.len(), 1, "{last:?}");
    let mut turn = async || -> Vec<String> {
        let new = follower.turn(&cli).await.unwrap();
        new.iter().map(|event| event.code.as_str().to_owned()).collect()
    };
    assert_eq!(turn().await, [""; 0], "what was there is not new");
    let slow = server.cli();
    server.advance(25);
    server.add_user("bob").await;
    users::lock(&server.cli(), alice).await.unwrap();
    assert_eq!(turn().await, ["user.created", "user.locked"], "oldest first");
    users::unlock(&slow, alice).await.unwrap();
    assert_eq!(turn().await, ["user.unlocked"]);
    assert_eq!(turn().await, [""; 0]);
    server.advance(3_600);
    users::lock(&server.cli(), alice).await.unwrap();
    assert_eq!(turn().await, ["user.locked"], "after a quiet hour");
}
