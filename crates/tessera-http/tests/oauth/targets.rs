//! The APIs that tokens are for (RFC 8707): those that were granted, or fewer.

use tessera_jose::Algorithm;
use tessera_model::{ClientKind, EventCode};
use tessera_testkit::browser::query;
use tessera_testkit::relying_party::text;
use tessera_testkit::server::{API, Backend, REDIRECT_URI, TestClient, TestServer, VERIFIER};

const OTHER: &str = "https://other.example";

/// A client of two APIs that share a scope.
async fn two_apis() -> (TestServer, TestClient) {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    server.add_api(OTHER, &["orders.read", "other.only"]).await;
    let client = server
        .add_client_with(ClientKind::Web, |new| {
            new.audiences = vec![API.to_owned(), OTHER.to_owned()];
            new.scopes = "openid orders.read orders.write other.only".parse().unwrap();
        })
        .await;
    (server, client)
}

async fn code(server: &TestServer, client: &TestClient, scope: &str, resources: &[(&str, &str)]) -> String {
    let path = server.authorize_path(client, scope, resources);
    let end = server.authorize(&mut server.browser(), &path, "alice").await;
    query(&end, "code").unwrap_or_else(|| panic!("{end}"))
}

fn exchange<'a>(code: &'a str, resources: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", VERIFIER),
    ];
    [&form[..], resources].concat()
}

#[tokio::test]
async fn o28_an_exchange_never_reaches_an_api_that_was_not_granted() {
    let (server, client) = two_apis().await;
    let code = code(&server, &client, "orders.read", &[("resource", API)]).await;
    for wider in [&[("resource", OTHER)][..], &[("resource", API), ("resource", OTHER)]] {
        let answer = server.post("/token", &client, &exchange(&code, wider)).await;
        assert_eq!((answer.status, &*answer.error()), (400, "invalid_target"), "{wider:?}");
    }
    let tokens = server.post("/token", &client, &exchange(&code, &[])).await.json();
    let claims = server.verified(text(&tokens, "access_token"), "at+jwt").await.1;
    assert_eq!(claims["aud"], API, "the other API has the same scope but was not asked for");
    let refreshed = server.refresh_with(&client, text(&tokens, "refresh_token")).await.json();
    let claims = server.verified(text(&refreshed, "access_token"), "at+jwt").await.1;
    assert_eq!(claims["aud"], API);
}

#[tokio::test]
async fn protocol_93_resource_narrows_at_each_step() {
    let (server, client) = two_apis().await;
    let code = code(&server, &client, "openid orders.read other.only", &[]).await;
    let tokens = server.post("/token", &client, &exchange(&code, &[])).await.json();
    assert_eq!(tokens["scope"], "openid orders.read other.only");
    let claims = server.verified(text(&tokens, "access_token"), "at+jwt").await.1;
    assert_eq!(claims["aud"], serde_json::json!([API, OTHER, server.issuer]));
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", text(&tokens, "refresh_token")),
        ("resource", API),
        ("scope", "orders.read other.only"),
    ];
    let refreshed = server.post("/token", &client, &form).await.json();
    assert_eq!(refreshed["scope"], "orders.read", "a scope of another API is not meant");
    let claims = server.verified(text(&refreshed, "access_token"), "at+jwt").await.1;
    assert_eq!((&claims["aud"], &claims["scope"]), (&API.into(), &"orders.read".into()));
    let scope_only = [
        ("grant_type", "refresh_token"),
        ("refresh_token", text(&refreshed, "refresh_token")),
        ("scope", "other.only"),
    ];
    let refreshed = server.post("/token", &client, &scope_only).await.json();
    let claims = server.verified(text(&refreshed, "access_token"), "at+jwt").await.1;
    assert_eq!((&claims["aud"], &claims["scope"]), (&OTHER.into(), &"other.only".into()));
}

#[tokio::test]
async fn an_api_that_the_client_does_not_have_is_no_target() {
    let (server, client) = two_apis().await;
    server.add_api("https://third.example", &["third"]).await;
    for (resource, scope) in [("https://third.example", "orders.read"), (OTHER, "third")] {
        let path = server.authorize_path(&client, scope, &[("resource", resource)]);
        let error = crate::error_in(&server, &server.get(&path).await, Some("s t&te"));
        assert!(["invalid_target", "invalid_scope"].contains(&&*error), "{error}");
    }
}

#[tokio::test]
async fn an_api_registered_after_the_grant_gets_nothing_from_it() {
    let server = TestServer::start(Backend::Postgres).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let tokens = server.tokens(&client, "orders.read", "alice").await;
    server.add_api(OTHER, &["orders.read"]).await;
    server.sql(&format!(
        "UPDATE clients SET settings = jsonb_set(settings::jsonb, '{{audiences}}', '[\"{API}\", \"{OTHER}\"]')::text; \
         UPDATE counters SET value = value + 1 WHERE name = 'catalog'"
    ));
    server.refresh().await;
    let refreshed = server.refresh_with(&client, text(&tokens, "refresh_token")).await.json();
    let claims = server.verified(text(&refreshed, "access_token"), "at+jwt").await.1;
    assert_eq!(claims["aud"], API);
    let asked_again = server.tokens(&client, "orders.read", "alice").await;
    let claims = server.verified(text(&asked_again, "access_token"), "at+jwt").await.1;
    assert_eq!(claims["aud"], serde_json::json!([API, OTHER]));
}

#[tokio::test]
async fn apis_with_different_signatures_need_a_token_each() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let rs256 = tessera_app::apis::NewApi {
        audience: OTHER.to_owned(),
        name: "Other".to_owned(),
        scopes: Vec::new(),
        access_token_alg: Algorithm::Rs256,
        token_type: tessera_model::api::JwtType::AtJwt,
        access_token_seconds: 60,
    };
    tessera_app::apis::add(&server.cli(), rs256).await.unwrap();
    server.refresh().await;
    let client = server
        .add_client_with(ClientKind::Web, |new| new.audiences = vec![API.to_owned(), OTHER.to_owned()])
        .await;
    let both = [("resource", API), ("resource", OTHER)];
    let answer = server.get(&server.authorize_path(&client, "openid orders.read", &both)).await;
    assert_eq!(crate::error_in(&server, &answer, Some("s t&te")), "invalid_target");
    let code = code(&server, &client, "openid", &[("resource", OTHER)]).await;
    let tokens = server.post("/token", &client, &exchange(&code, &[])).await.json();
    let (header, claims) = server.verified(text(&tokens, "access_token"), "at+jwt").await;
    assert_eq!((&header["alg"], &tokens["expires_in"]), (&"RS256".into(), &60.into()));
    assert_eq!(claims["aud"], serde_json::json!([OTHER, server.issuer]));
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.status, 200);
    assert!(server.events(EventCode::IssuanceRefused).await.is_empty());
}
