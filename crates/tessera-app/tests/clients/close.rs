//! Turned off and removed.

use rstest::rstest;
use tessera_app::clients::{self, ClientError};
use tessera_model::{ClientId, ClientKind};
use tessera_testkit::server::{Backend, TestServer};

#[rstest]
#[tokio::test]
async fn i02_a_client_that_is_turned_off_or_removed_keeps_nothing(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[values(false, true)] removed: bool,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let id: ClientId = client.id.parse().unwrap();
    let mut browser = server.browser();
    let tokens = server.sign_in(&mut browser, &client, "openid orders.read", "alice").await;
    let code = server.code(&client, "openid orders.read", "alice").await;
    if removed {
        let before = clients::find(&server.cli(), &id).await.unwrap();
        assert_eq!(clients::delete(&server.cli(), &id).await.unwrap(), before, "what it was");
        assert!(matches!(clients::delete(&server.cli(), &id).await, Err(ClientError::NotFound)));
        assert!(matches!(clients::disable(&server.cli(), &id).await, Err(ClientError::NotFound)));
    } else {
        let off = clients::disable(&server.cli(), &id).await.unwrap();
        assert!(off.as_ref().is_some_and(|client| !client.is_active()), "{off:?}");
        assert_eq!(clients::disable(&server.cli(), &id).await.unwrap(), off, "as it was");
    }
    // Even before the server has looked: the database says so.
    assert_eq!(server.refresh_with(&client, &tokens.refresh).await.error(), "invalid_grant");
    assert_eq!(server.redeem(&client, &code).await.error(), "invalid_grant");
    assert_eq!(server.userinfo(&tokens.access).await.status, 401);
    assert!(server.has_revocation_rule("client", &client.id).await);
    server.refresh().await;
    let refused = server.refresh_with(&client, &tokens.refresh).await;
    assert_eq!((refused.status, refused.error().as_str()), (401, "invalid_client"));
    let page = browser.visit(&server.authorize_path(&client, "openid", &[])).await;
    assert_eq!((page.status, page.location()), (400, None));
    let (disabled, deleted) = (server.count("client.disabled").await, server.count("client.deleted").await);
    assert_eq!((disabled, deleted), if removed { (0, 1) } else { (1, 0) }, "i09");
}

#[rstest]
#[tokio::test]
async fn a_client_with_very_many_grants_is_turned_off_before_it_is_removed(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let id: ClientId = client.id.parse().unwrap();
    let tokens = server.sign_in(&mut server.browser(), &client, "openid orders.read", "alice").await;
    let grant = server.grant(tokens.grant().parse().unwrap()).await.unwrap();
    server.copy_grant(&grant, 1_200).await;
    let before = clients::find(&server.cli(), &id).await.unwrap();
    assert_eq!(clients::delete(&server.cli(), &id).await.unwrap(), before, "what it was");
    assert_eq!(server.refresh_with(&client, &tokens.refresh).await.error(), "invalid_grant");
    assert_eq!(server.userinfo(&tokens.access).await.status, 401);
    assert_eq!(server.grant(grant.id).await, None);
    let (disabled, deleted) = (server.count("client.disabled").await, server.count("client.deleted").await);
    assert_eq!((disabled, deleted), (1, 1), "i09");
}
