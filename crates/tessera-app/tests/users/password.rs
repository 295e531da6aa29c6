//! Given a password by an administrator.

use rstest::rstest;
use tessera_app::users::{self, UserError};
use tessera_model::{PlainPassword, UserId};
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
