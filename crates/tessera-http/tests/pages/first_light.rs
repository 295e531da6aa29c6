//! The main job from end to end: log in, get tokens, refresh, revoke.

use rstest::rstest;
use tessera_model::ClientKind;
use tessera_testkit::server::{Backend, TestServer};

#[rstest]
#[tokio::test]
async fn r47_a_person_logs_in_and_the_client_gets_tokens(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let code = server.code(&client, "openid profile orders.read", "alice").await;
    let tokens = server.redeem(&client, &code).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    assert_eq!(
        (tokens.header("cache-control"), tokens.header("content-type")),
        ("no-store", "application/json")
    );
    let refresh_token = tokens.json()["refresh_token"].as_str().unwrap().to_owned();
    let refreshed = server.refresh_with(&client, &refresh_token).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.body);
    let newer = refreshed.json()["refresh_token"].as_str().unwrap().to_owned();
    assert_eq!(server.post("/revoke", &client, &[("token", &newer)]).await.status, 200);
    assert_eq!(server.refresh_with(&client, &newer).await.error(), "invalid_grant");
}
