//! Given a password by an administrator.

use rstest::rstest;
use tessera_app::users::{self, UserError};
use tessera_model::{Grant, PlainPassword, Timestamp, UserId};
use tessera_testkit::server::{Backend, PASSWORD};

use super::Alice;

#[rstest]
#[tokio::test]
async fn a_new_password_ends_what_the_old_one_opened(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let mut alice = Alice::at(backend).await;
    let new = PlainPassword::to_set("another password".to_owned()).unwrap();
    users::set_password(&alice.server.cli(), alice.id, new).await.unwrap();
    assert!(!alice.session_works().await && !alice.refresh_works().await && !alice.userinfo_works().await);
    assert!(alice.are_tokens_taken_back().await);
    assert!(!alice.login_works(PASSWORD).await);
    assert!(alice.login_works("another password").await);
    assert_eq!(alice.server.count("user.password_set").await, 1);
    let nobody = UserId::from_random([9; 16]);
    let new = PlainPassword::to_set("another password".to_owned()).unwrap();
    let refused = users::set_password(&alice.server.cli(), nobody, new).await;
    assert!(matches!(refused, Err(UserError::NotFound)));
}

#[rstest]
#[tokio::test]
async fn i04_a_new_password_ends_offline_grants_also_where_no_rule_tells(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[values(false, true)] by_an_older_server: bool,
) {
    let mut alice = Alice::at(backend).await;
    let scope = "openid offline_access orders.read";
    alice.tokens = alice.server.sign_in(&mut alice.browser, &alice.client, scope, "alice").await;
    let store = alice.server.store().await;
    if by_an_older_server {
        let grant = alice.server.grant(alice.tokens.grant().parse().unwrap()).await.unwrap();
        let unknown = &Grant { security_version: None, ..grant };
        let replaced = store.write(|tx| async move {
            assert!(tx.grants().remove_of_user(alice.id, 100).await?);
            tx.grants().insert(unknown).await
        });
        replaced.await.unwrap();
    }
    assert!(alice.refresh_works().await && alice.userinfo_works().await);
    let new = PlainPassword::to_set("another password".to_owned()).unwrap();
    users::set_password(&alice.server.cli(), alice.id, new).await.unwrap();
    let end = Timestamp::from_seconds(i64::MAX);
    store.write(|tx| async move { tx.revocations().purge(end, 100).await }).await.unwrap();
    assert!(!alice.are_tokens_taken_back().await, "the rule is gone");
    assert!(!alice.refresh_works().await && !alice.userinfo_works().await);
}
