//! Locked and unlocked.

use rstest::rstest;
use tessera_app::users;
use tessera_model::user::UserStatus;
use tessera_testkit::server::{Backend, PASSWORD};

use super::Alice;

#[rstest]
#[tokio::test]
async fn locked_people_hold_still_until_they_are_unlocked(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let mut alice = Alice::at(backend).await;
    let before = alice.tokens.access.clone();
    users::lock(&alice.server.cli(), alice.id).await.unwrap();
    assert!(!alice.session_works().await && !alice.login_works(PASSWORD).await);
    assert!(!alice.refresh_works().await && !alice.userinfo_works().await);
    assert!(alice.are_tokens_taken_back().await);

    users::unlock(&alice.server.cli(), alice.id).await.unwrap();
    assert!(alice.session_works().await && alice.refresh_works().await && alice.login_works(PASSWORD).await);
    assert_eq!(
        alice.server.userinfo(&before).await.status,
        401,
        "the access token of before stays dead (I4)"
    );
    assert!(alice.userinfo_works().await, "that of the refresh works at once");
}

#[rstest]
#[tokio::test]
async fn i09_locking_twice_is_locking_once(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let alice = Alice::at(backend).await;
    let cx = &alice.server.cli();
    let first = users::lock(cx, alice.id).await.unwrap();
    assert_eq!(first.status, UserStatus::Locked { at: cx.now }, "{first:?}");
    alice.server.advance(5);
    assert_eq!(users::lock(&alice.server.cli(), alice.id).await.unwrap(), first, "as it was");
    assert_eq!(alice.server.count("user.locked").await, 1);
    let first = users::unlock(cx, alice.id).await.unwrap();
    assert_eq!(first.status, UserStatus::Active, "{first:?}");
    assert_eq!(users::unlock(cx, alice.id).await.unwrap(), first, "as it was");
    assert_eq!(alice.server.count("user.unlocked").await, 1);
}
