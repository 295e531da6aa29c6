//! What is registered is looked at again when it is used: a redirect URI that no registration would accept does not become good by
//! standing in the database (attack O03).

use std::sync::Arc;

use rstest::rstest;
use tessera_app::keys::Kek;
use tessera_app::{App, Config, Parts};
use tessera_model::ClientKind;
use tessera_testkit::clock::SeededEntropy;
use tessera_testkit::server::{Backend, REDIRECT_URI, TestClient, TestServer};

use crate::{ask, is_login};

/// Writes a redirect URI into the client's row behind the back of every check.
fn overwrite(server: &TestServer, client: &TestClient, uri: &str) {
    server.sql(&format!(
        "UPDATE clients SET settings = jsonb_set(settings::jsonb, '{{redirect_uris}}', '[\"{uri}\"]')::text WHERE id = '{}'; \
         UPDATE counters SET value = value + 1 WHERE name = 'catalog'",
        client.id
    ));
}

/// Another server on the same database.
async fn starts(server: &TestServer) -> bool {
    let parts = Parts {
        store: server.store().await,
        config: Config::new(server.issuer.clone()),
        kek: Kek::new(&[7; 32]),
        clock: Arc::clone(&server.clock) as _,
        entropy: Arc::new(SeededEntropy::new(3)),
    };
    App::start(parts).await.is_ok()
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
    let client = server.add_client(ClientKind::Web).await;
    overwrite(&server, &client, bad);
    let seen = tessera_app::catalog::refresh(&server.app).await;
    assert!(seen.is_err(), "the row is not read");
    for more in [&[("redirect_uri", bad)][..], &[("redirect_uri", bad), ("prompt", "none")]] {
        let answer = ask(&server, &client, more).await;
        assert_eq!(answer.location(), None, "{}", answer.body);
        assert!([400, 503].contains(&answer.status), "{}", answer.status);
        assert!(!answer.body.contains("http-equiv") && !answer.body.contains("evil"), "{}", answer.body);
    }
    assert!(!starts(&server).await, "a server starts on it");
    overwrite(&server, &client, REDIRECT_URI);
    server.refresh().await;
    assert!(starts(&server).await);
    assert!(is_login(&ask(&server, &client, &[]).await));
}
