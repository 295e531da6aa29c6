//! Closed and erased.

use rstest::rstest;
use tessera_app::users::{self, UserError};
use tessera_model::PlainPassword;
use tessera_model::user::UserStatus;
use tessera_testkit::server::{Backend, PASSWORD};

use super::{Alice, add};

#[rstest]
#[tokio::test]
async fn i04_a_closed_account_never_opens_again(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[values(false, true)] locked_before: bool,
) {
    let mut alice = Alice::at(backend).await;
    if locked_before {
        users::lock(&alice.server.cli(), alice.id).await.unwrap();
    }
    let cx = &alice.server.cli();
    let closed = users::disable(cx, alice.id).await.unwrap();
    assert_eq!(closed.status, UserStatus::Disabled { at: cx.now }, "{closed:?}");
    assert_eq!(users::disable(cx, alice.id).await.unwrap(), closed, "as it was");
    assert_eq!(alice.server.count("user.disabled").await, 1);
    assert!(!alice.session_works().await && !alice.login_works(PASSWORD).await);
    assert!(!alice.refresh_works().await && !alice.userinfo_works().await);
    assert!(alice.are_tokens_taken_back().await);

    assert!(matches!(users::lock(cx, alice.id).await, Err(UserError::Disabled)));
    assert!(matches!(users::unlock(cx, alice.id).await, Err(UserError::Disabled)));
    let new = PlainPassword::to_set("another password".to_owned()).unwrap();
    let refused = users::set_password(cx, alice.id, new).await;
    assert!(matches!(refused, Err(UserError::Disabled)), "{refused:?}");
    assert!(!alice.login_works("another password").await);
    assert!(matches!(add(&alice.server, "alice").await, Err(UserError::Taken)), "l47: the name stays taken");
    let user = users::find(cx, "alice").await.unwrap();
    assert!(matches!(user.status, UserStatus::Disabled { .. }));
}

#[rstest]
#[tokio::test]
async fn an_erased_account_leaves_nothing_but_its_id_in_the_audit_trail(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let mut alice = Alice::at(backend).await;
    let cx = &alice.server.cli();
    let before = users::find(cx, "alice").await.unwrap();
    assert_eq!(users::delete(cx, alice.id).await.unwrap(), before, "what it was");
    assert!(!alice.session_works().await && !alice.login_works(PASSWORD).await);
    assert!(!alice.refresh_works().await && !alice.userinfo_works().await);
    assert!(alice.are_tokens_taken_back().await);
    for refused in [
        users::delete(cx, alice.id).await,
        users::lock(cx, alice.id).await,
        users::unlock(cx, alice.id).await,
        users::disable(cx, alice.id).await,
        users::find(cx, "alice").await,
    ] {
        assert!(matches!(refused, Err(UserError::NotFound)), "{refused:?}");
    }
    let trail = alice.server.audit_trail().await;
    assert_eq!(trail.iter().filter(|event| event.code.as_str() == "user.deleted").count(), 1);
    assert!(trail.iter().any(|event| event.user_id == Some(alice.id)));
    let successor = add(&alice.server, "alice").await.unwrap();
    assert_ne!(successor.id, alice.id, "whoever gets the name next is somebody else");
}

#[rstest]
#[tokio::test]
async fn an_account_with_very_many_grants_is_closed_before_it_is_erased(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let mut alice = Alice::at(backend).await;
    let grant = alice.server.grant(alice.tokens.grant().parse().unwrap()).await.unwrap();
    alice.server.copy_grant(&grant, 1_200).await;
    let cx = &alice.server.cli();
    let before = users::find(cx, "alice").await.unwrap();
    assert_eq!(users::delete(cx, alice.id).await.unwrap(), before, "what it was");
    assert!(!alice.session_works().await && !alice.login_works(PASSWORD).await);
    assert!(!alice.refresh_works().await && !alice.userinfo_works().await);
    let codes = alice.server.audit_codes().await;
    let told: Vec<_> = codes.iter().filter(|code| code.starts_with("user.")).collect();
    assert_eq!(told, ["user.deleted", "user.disabled", "user.created"]);
}
