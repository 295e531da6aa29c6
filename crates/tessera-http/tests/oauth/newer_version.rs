//! During a rolling upgrade this instance meets clients and APIs that a newer one has written. They work as far as this one knows
//! what they need, and nothing is granted that depends on the rest (`tessera_model::settings`).

use rstest::rstest;
use tessera_app::clients::{self, ClientChanges};
use tessera_model::{ClientKind, EventCode};
use tessera_testkit::relying_party::text;
use tessera_testkit::server::{API, Backend, TestClient, TestServer};

use crate::{ask, error_in, is_login};

/// A member that this version does not know, in every document.
const NEW: &str = r#""version": 7, "logo": {"light": "x"}"#;

/// Gives the client or API settings of a newer version.
async fn upgrade(server: &TestServer, table: &str, settings: &str) {
    server.sql(&format!(
        "UPDATE {table} SET settings = (settings::jsonb || '{{{NEW}, {settings}}}')::text; \
         UPDATE counters SET value = value + 1 WHERE name = 'catalog'"
    ));
    server.refresh().await;
}

async fn server_with_client() -> (TestServer, TestClient) {
    let server = TestServer::start(Backend::Postgres).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    (server, client)
}

#[tokio::test]
async fn fields_that_are_not_known_change_nothing_and_survive_an_update() {
    let (server, client) = server_with_client().await;
    upgrade(&server, "clients", r#""grant_types": ["device_code", "authorization_code", "refresh_token"]"#)
        .await;
    let tokens = server.tokens(&client, "openid orders.read", "alice").await;
    let refreshed = server.refresh_with(&client, text(&tokens, "refresh_token")).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.body);
    let refused = server.post("/token", &client, &[("grant_type", "device_code")]).await;
    assert_eq!((refused.status, &*refused.error()), (400, "unsupported_grant_type"), "{}", refused.body);

    let id = client.id.parse().unwrap();
    let changes = ClientChanges { name: Some("New name".to_owned()), ..ClientChanges::default() };
    clients::update(&server.cli(), &id, &changes).await.unwrap();
    clients::rotate_secret(&server.cli(), &id).await.unwrap();
    let kept =
        r#"(settings::jsonb @> '{"version": 7, "logo": {"light": "x"}, "grant_types": ["device_code"]}')"#;
    server.sql(&format!("DO $$ BEGIN ASSERT (SELECT {kept} FROM clients); END $$"));
    server.refresh().await;
    assert!(!server.code(&client, "openid", "alice").await.is_empty());
}

#[tokio::test]
async fn an_unknown_authentication_method_opens_no_token_endpoint_and_breaks_nothing_else() {
    let (server, client) = server_with_client().await;
    let tokens = server.tokens(&client, "openid orders.read", "alice").await;
    upgrade(&server, "clients", r#""auth_method": "tls_client_auth""#).await;
    let code = server.code(&client, "openid", "alice").await;
    let refused = server.redeem(&client, &code).await;
    assert_eq!((refused.status, &*refused.error()), (401, "invalid_client"), "{}", refused.body);
    let refused = server.refresh_with(&client, text(&tokens, "refresh_token")).await;
    assert_eq!((refused.status, &*refused.error()), (401, "invalid_client"), "{}", refused.body);
    let answer = ask(&server, &client, &[("prompt", "none")]).await;
    assert_eq!(error_in(&server, &answer, Some("s t&te")), "login_required");
    // The code and the grant are as good as before where the method is known.
    upgrade(&server, "clients", r#""auth_method": "client_secret""#).await;
    let redeemed = server.redeem(&client, &code).await;
    assert_eq!(redeemed.status, 200, "{}", redeemed.body);
    let refreshed = server.refresh_with(&client, text(&tokens, "refresh_token")).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.body);
}

#[tokio::test]
async fn an_unknown_pkce_policy_asks_for_a_challenge() {
    let (server, client) = server_with_client().await;
    upgrade(&server, "clients", r#""pkce": "sometimes""#).await;
    let answer = ask(&server, &client, &[("code_challenge", ""), ("code_challenge_method", "")]).await;
    assert_eq!(error_in(&server, &answer, Some("s t&te")), "invalid_request");
    assert!(is_login(&ask(&server, &client, &[]).await));
}

#[tokio::test]
async fn an_unknown_algorithm_of_id_tokens_refuses_openid_alone_and_spends_nothing() {
    let (server, client) = server_with_client().await;
    let code = server.code(&client, "openid orders.read", "alice").await;
    upgrade(&server, "clients", r#""id_token_signed_response_alg": "ML-DSA-65""#).await;
    let answer = ask(&server, &client, &[]).await;
    assert_eq!(error_in(&server, &answer, Some("s t&te")), "temporarily_unavailable");
    let refused = server.redeem(&client, &code).await;
    assert_eq!((refused.status, &*refused.error()), (400, "invalid_grant"), "{}", refused.body);
    let events = server.events(EventCode::IssuanceRefused).await;
    assert_eq!(events[0].detail.as_deref(), Some("id_token_alg_unknown"), "{events:?}");
    let plain = server.code(&client, "orders.read", "alice").await;
    assert_eq!(server.redeem(&client, &plain).await.status, 200);
    upgrade(&server, "clients", r#""id_token_signed_response_alg": "RS256""#).await;
    let redeemed = server.redeem(&client, &code).await;
    assert_eq!(redeemed.status, 200, "the code was not spent: {}", redeemed.body);
}

#[tokio::test]
async fn an_unknown_refresh_policy_issues_no_refresh_token_and_ends_no_grant() {
    let (server, client) = server_with_client().await;
    let before = server.tokens(&client, "openid orders.read", "alice").await;
    upgrade(&server, "clients", r#""refresh_tokens": "sender_constrained""#).await;
    let tokens = server.tokens(&client, "openid offline_access orders.read", "alice").await;
    assert_eq!(tokens.get("refresh_token"), None, "{tokens}");
    let refused = server.refresh_with(&client, text(&before, "refresh_token")).await;
    assert_eq!((refused.status, &*refused.error()), (400, "invalid_grant"), "{}", refused.body);
    upgrade(&server, "clients", r#""refresh_tokens": "always""#).await;
    let refreshed = server.refresh_with(&client, text(&before, "refresh_token")).await;
    assert_eq!(refreshed.status, 200, "the grant goes on: {}", refreshed.body);
}

#[tokio::test]
async fn a_secret_with_an_unknown_rule_opens_nothing_and_the_other_one_does() {
    let (server, client) = server_with_client().await;
    let id = client.id.parse().unwrap();
    let second = clients::rotate_secret(&server.cli(), &id).await.unwrap();
    let second = TestClient { secret: String::clone(&second.secret), ..client.clone() };
    // The newest secret stands first.
    server.sql(
        "UPDATE clients SET secrets = jsonb_set(secrets::jsonb, '{0,networks}', '[\"10.0.0.0/8\"]')::text; \
         UPDATE counters SET value = value + 1 WHERE name = 'catalog'",
    );
    server.refresh().await;
    let code = server.code(&client, "openid", "alice").await;
    let refused = server.redeem(&second, &code).await;
    assert_eq!((refused.status, &*refused.error()), (401, "invalid_client"), "{}", refused.body);
    let redeemed = server.redeem(&client, &code).await;
    assert_eq!(redeemed.status, 200, "{}", redeemed.body);
}

#[tokio::test]
async fn a_scope_with_an_unknown_rule_is_in_no_token() {
    let (server, client) = server_with_client().await;
    let scopes = r#""scopes": [{"name": "orders.read", "description": ""}, {"name": "orders.write", "description": "", "acr": "2"}]"#;
    let before = server.tokens(&client, "openid orders.read orders.write", "alice").await;
    upgrade(&server, "apis", scopes).await;
    let tokens = server.tokens(&client, "openid orders.read orders.write", "alice").await;
    assert_eq!(text(&tokens, "scope"), "openid orders.read", "{tokens}");
    let refreshed = server.refresh_with(&client, text(&before, "refresh_token")).await;
    assert_eq!(text(&refreshed.json(), "scope"), "openid orders.read", "{}", refreshed.body);
    let answer = server.browser().visit(&server.authorize_path(&client, "orders.write", &[])).await;
    assert_eq!(error_in(&server, &answer, Some("s t&te")), "invalid_scope");
}

#[rstest]
#[case::another_form(r#"{"form": "opaque"}"#)]
#[case::another_algorithm(r#"{"form": "jwt", "alg": "ML-DSA-65"}"#)]
#[case::a_rule_that_is_not_known(r#"{"form": "jwt", "alg": "ES256", "encrypted_for": "k"}"#)]
#[tokio::test]
async fn an_api_with_an_unknown_form_of_tokens_gets_none(#[case] form: &str) {
    let (server, client) = server_with_client().await;
    let machine = server.add_client(ClientKind::Service).await;
    let code = server.code(&client, "orders.read", "alice").await;
    upgrade(&server, "apis", &format!(r#""token_form": {form}"#)).await;
    let answer = ask(&server, &client, &[("resource", API)]).await;
    assert_eq!(error_in(&server, &answer, Some("s t&te")), "invalid_target");
    let refused = server.redeem(&client, &code).await;
    assert_eq!((refused.status, &*refused.error()), (400, "invalid_grant"), "{}", refused.body);
    let refused = server.post("/token", &machine, &[("grant_type", "client_credentials")]).await;
    assert_eq!((refused.status, &*refused.error()), (400, "invalid_scope"), "{}", refused.body);
    let tokens = server.tokens(&client, "openid", "alice").await;
    assert!(tokens.get("id_token").is_some(), "{tokens}");
    upgrade(&server, "apis", r#""token_form": {"form": "jwt", "alg": "ES256"}"#).await;
    let redeemed = server.redeem(&client, &code).await;
    assert_eq!(redeemed.status, 200, "the code was not spent: {}", redeemed.body);
}
