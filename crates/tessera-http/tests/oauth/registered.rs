//! Registered redirect URIs are checked again when they are used. One that no registration would accept does not become valid by
//! being in the database.

use rstest::rstest;
use tessera_app::App;
use tessera_model::ClientKind;
use tessera_testkit::relying_party::text;
use tessera_testkit::server::{Backend, REDIRECT_URI, TestClient, TestServer};

use crate::{ask, is_login};

/// Writes a redirect URI into the client's row, past every check.
fn overwrite(server: &TestServer, client: &TestClient, uri: &str) {
    server.sql(&format!(
        "UPDATE clients SET settings = jsonb_set(settings::jsonb, '{{redirect_uris}}', '[\"{uri}\"]')::text WHERE id = '{}'; \
         UPDATE counters SET value = value + 1 WHERE name = 'catalog'",
        client.id
    ));
}

/// Whether another server starts on the same database.
async fn starts(server: &TestServer) -> bool {
    App::start(server.parts(3).await).await.is_ok()
}

#[rstest]
#[case::javascript("javascript:alert(1)")]
#[case::javascript_in_mixed_case("JaVaScRiPt:alert(1)")]
#[case::data("data:text/html,evil")]
#[case::vbscript("vbscript:evil")]
#[case::plain_http("http://evil.example/callback")]
#[case::wildcard("https://*.example/callback")]
#[case::fragment("https://evil.example/callback#x")]
#[case::relative("//evil.example")]
#[tokio::test]
async fn o03_a_bad_redirect_uri_in_the_database_is_never_redirected_to(#[case] bad: &str) {
    let server = TestServer::start(Backend::Postgres).await;
    server.add_user("alice").await;
    let (client, other) =
        (server.add_client(ClientKind::Web).await, server.add_client(ClientKind::Web).await);
    let tokens = server.tokens(&client, "openid", "alice").await;
    overwrite(&server, &client, bad);
    server.refresh().await;
    for more in [&[("redirect_uri", bad)][..], &[("redirect_uri", bad), ("prompt", "none")]] {
        let answer = ask(&server, &client, more).await;
        assert_eq!(answer.location(), None, "{}", answer.body);
        assert_eq!(answer.status, 400);
        assert!(!answer.body.contains("http-equiv") && !answer.body.contains("evil"), "{}", answer.body);
    }
    let refresh_token = text(&tokens, "refresh_token");
    let refused = server.refresh_with(&client, refresh_token).await;
    assert_eq!((refused.status, &*refused.error()), (401, "invalid_client"), "it is turned off");
    assert!(is_login(&ask(&server, &other, &[]).await), "alone");
    assert!(starts(&server).await, "and a server starts all the same");
    overwrite(&server, &client, REDIRECT_URI);
    server.refresh().await;
    assert!(is_login(&ask(&server, &client, &[]).await));
    assert_eq!(server.refresh_with(&client, refresh_token).await.status, 200, "what it had waits");
}

#[tokio::test]
async fn an_api_that_cannot_be_read_is_turned_off_alone() {
    let server = TestServer::start(Backend::Postgres).await;
    let other = "https://other.example";
    server.add_api(other, &["bills.read"]).await;
    let client = server
        .add_client_with(ClientKind::Service, |new| {
            new.audiences.push(other.to_owned());
            new.scopes = "orders.read bills.read".parse().unwrap();
        })
        .await;
    let ask = async |scope: &str| {
        server.post("/token", &client, &[("grant_type", "client_credentials"), ("scope", scope)]).await.status
    };
    let settings = |scope: &str| {
        server.sql(&format!(
            "UPDATE apis SET settings = jsonb_set(settings::jsonb, '{{scopes,0,name}}', '\"{scope}\"')::text \
             WHERE audience = '{other}'; UPDATE counters SET value = value + 1 WHERE name = 'catalog'"
        ));
    };
    settings("bills read");
    server.refresh().await;
    assert_eq!((ask("bills.read").await, ask("orders.read").await), (400, 200));
    settings("bills.read");
    server.refresh().await;
    assert_eq!((ask("bills.read").await, ask("orders.read").await), (200, 200));
}
