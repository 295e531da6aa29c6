//! The audit trail: kept as long as the configuration says.

use std::time::Duration;

use rstest::rstest;
use tessera_testkit::server::{Backend, TestServer};

const DAY: u64 = 86_400;

#[rstest]
#[tokio::test]
async fn events_are_kept_for_four_hundred_days(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    for number in 0..600 {
        server.add_user(&format!("user{number}")).await;
    }
    server.advance(10 * DAY);
    server.add_user("late").await;
    let created = async || {
        server.app.purge().await.unwrap();
        server.count("user.created").await
    };
    assert_eq!(created().await, 601);
    server.advance(390 * DAY);
    assert_eq!(created().await, 601, "on the day itself they are still there");
    server.advance(1);
    assert_eq!(created().await, 1);
    server.advance(10 * DAY);
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
    server.app.purge().await.unwrap();
    assert_eq!(server.audit_trail().await, []);
}
