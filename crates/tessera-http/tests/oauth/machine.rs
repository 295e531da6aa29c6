//! Tokens for machines (RFC 6749 section 4.4), and unsupported grant types.

use rstest::rstest;
use tessera_jose::Algorithm;
use tessera_model::{ClientKind, EventCode};
use tessera_testkit::relying_party::text;
use tessera_testkit::server::{API, Backend, TestClient, TestServer};

const GRANT: (&str, &str) = ("grant_type", "client_credentials");
const OTHER: &str = "https://other.example";

async fn service() -> (TestServer, TestClient) {
    let server = TestServer::start(Backend::Sqlite).await;
    let client = server.add_client(ClientKind::Service).await;
    (server, client)
}

#[tokio::test]
async fn protocol_89_scopes_are_those_of_the_client_or_fewer() {
    let (server, client) = service().await;
    for (asked, got) in [
        ("", "orders.read orders.write"),
        ("orders.read", "orders.read"),
        ("orders.write orders.read", "orders.write orders.read"),
    ] {
        let answer = server.post("/token", &client, &[GRANT, ("scope", asked)]).await;
        assert_eq!(answer.status, 200, "{asked} {}", answer.body);
        let json = answer.json();
        assert_eq!((text(&json, "scope"), json["expires_in"].as_u64()), (got, Some(600)));
        assert!(json.get("refresh_token").is_none() && json.get("id_token").is_none(), "{json}");
        let claims = server.verified(text(&json, "access_token"), "at+jwt").await.1;
        assert_eq!((text(&claims, "sub"), text(&claims, "scope")), (&*client.id, got));
    }
    for refused in ["unknown", "orders.read unknown", "openid", "orders\"read"] {
        let answer = server.post("/token", &client, &[GRANT, ("scope", refused)]).await;
        assert_eq!((answer.status, &*answer.error()), (400, "invalid_scope"), "{refused}");
    }
}

#[tokio::test]
async fn a_machine_never_gets_the_scopes_of_a_person() {
    let server = TestServer::start(Backend::Sqlite).await;
    let client = server.add_client_with(ClientKind::Web, |new| new.client_credentials = true).await;
    for asked in ["", "openid orders.read orders.write email"] {
        let json = server.post("/token", &client, &[GRANT, ("scope", asked)]).await.json();
        assert_eq!(json["scope"], "orders.read orders.write", "{json}");
        let claims = server.verified(text(&json, "access_token"), "at+jwt").await.1;
        assert_eq!((&claims["scope"], &claims["aud"]), (&"orders.read orders.write".into(), &API.into()));
    }
    let answer = server.post("/token", &client, &[GRANT, ("scope", "openid")]).await;
    assert_eq!((answer.status, &*answer.error()), (400, "invalid_scope"));
}

#[tokio::test]
async fn protocol_93_resource_chooses_the_api() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_api(OTHER, &["other.only"]).await;
    server.add_api("https://third.example", &["third"]).await;
    let client = server
        .add_client_with(ClientKind::Service, |new| {
            new.audiences = vec![API.to_owned(), OTHER.to_owned()];
            new.scopes = "orders.read other.only".parse().unwrap();
        })
        .await;
    let both = serde_json::json!([API, OTHER]);
    for (resources, aud, scope) in [
        (&[][..], API.into(), "orders.read"),
        (&[("scope", "orders.read other.only")], both.clone(), "orders.read other.only"),
        (&[("resource", API)], API.into(), "orders.read"),
        (&[("resource", OTHER)], OTHER.into(), "other.only"),
        (&[("resource", OTHER), ("resource", OTHER)], OTHER.into(), "other.only"),
        (&[("resource", API), ("resource", OTHER)], both.clone(), "orders.read other.only"),
    ] {
        let json = server.post("/token", &client, &[&[GRANT][..], resources].concat()).await.json();
        let claims = server.verified(text(&json, "access_token"), "at+jwt").await.1;
        assert_eq!((&claims["aud"], &json["scope"]), (&aud, &scope.into()), "{resources:?}");
    }
    let too_many: Vec<String> = (0..17).map(|n| format!("https://{n}.example")).collect();
    let too_many: Vec<(&str, &str)> =
        too_many.iter().map(|resource| ("resource", resource.as_str())).collect();
    for refused in [
        &[("resource", "https://third.example")][..],
        &[("resource", "https://unknown.example")],
        &[("resource", API), ("resource", "https://third.example")],
        &[("resource", "https://api.example/")],
        &[("resource", "HTTPS://api.example")],
        &[("resource", "https://api.example#x")],
        &[("resource", "api")],
        &too_many,
    ] {
        let answer = server.post("/token", &client, &[&[GRANT][..], refused].concat()).await;
        assert_eq!((answer.status, &*answer.error()), (400, "invalid_target"), "{refused:?}");
    }
}

#[tokio::test]
async fn protocol_93_apis_with_different_signatures_need_a_token_each() {
    let server = TestServer::start(Backend::Sqlite).await;
    let eddsa = tessera_app::apis::NewApi {
        audience: OTHER.to_owned(),
        name: "Other".to_owned(),
        scopes: Vec::new(),
        access_token_alg: Algorithm::EdDsa,
        token_type: tessera_model::api::JwtType::AtJwt,
        access_token_seconds: 30,
    };
    tessera_app::apis::add(&server.cli(), eddsa).await.unwrap();
    server.refresh().await;
    let client = server
        .add_client_with(ClientKind::Service, |new| new.audiences = vec![API.to_owned(), OTHER.to_owned()])
        .await;
    let both = [GRANT, ("resource", API), ("resource", OTHER)];
    assert_eq!(server.post("/token", &client, &both).await.error(), "invalid_target");
    let json = server.post("/token", &client, &[GRANT, ("resource", OTHER)]).await.json();
    let (header, _) = server.verified(text(&json, "access_token"), "at+jwt").await;
    assert_eq!((&header["alg"], &json["expires_in"]), (&"EdDSA".into(), &30.into()));
}

#[tokio::test]
async fn a_client_may_have_shorter_tokens_than_its_api() {
    let server = TestServer::start(Backend::Sqlite).await;
    for (own, got) in [(Some(60), 60), (Some(6000), 600), (None, 600)] {
        let client = server.add_client_with(ClientKind::Service, |new| new.access_token_seconds = own).await;
        let json = server.post("/token", &client, &[GRANT]).await.json();
        let claims = server.verified(text(&json, "access_token"), "at+jwt").await.1;
        assert_eq!(json["expires_in"], got);
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), got);
    }
}

#[rstest]
#[case::password("password")]
#[case::implicit("implicit")]
#[case::jwt_bearer("urn:ietf:params:oauth:grant-type:jwt-bearer")]
#[case::device("urn:ietf:params:oauth:grant-type:device_code")]
#[case::upper_case("CLIENT_CREDENTIALS")]
#[tokio::test]
async fn o62_other_grant_types_do_not_exist(#[case] grant_type: &str) {
    let (server, client) = service().await;
    let form =
        [("grant_type", grant_type), ("username", "alice"), ("password", tessera_testkit::server::PASSWORD)];
    let answer = server.post("/token", &client, &form).await;
    assert_eq!((answer.status, &*answer.error()), (400, "unsupported_grant_type"));
    assert_eq!(server.post("/token", &client, &[("grant_type", "")]).await.error(), "invalid_request");
}

#[tokio::test]
async fn protocol_89_a_grant_type_that_is_not_registered_is_unauthorized_client_and_written_down() {
    let server = TestServer::start(Backend::Sqlite).await;
    let service = server.add_client(ClientKind::Service).await;
    let public = server.add_client(ClientKind::Spa).await;
    for (client, form) in [
        (&service, &[("grant_type", "authorization_code"), ("code", "x")][..]),
        (&service, &[("grant_type", "refresh_token"), ("refresh_token", "x")]),
        (&public, &[GRANT]),
    ] {
        let answer = server.post("/token", client, form).await;
        assert_eq!((answer.status, &*answer.error()), (400, "unauthorized_client"), "{form:?}");
    }
    let refused = server.events(EventCode::IssuanceRefused).await;
    assert_eq!(refused.len(), 3);
    assert!(
        refused.iter().all(|event| event.detail.as_deref() == Some("grant_type_not_allowed")),
        "{refused:?}"
    );
}

/// Anybody can act as a public client, so its denials are audited within a budget.
#[tokio::test]
async fn s19_refusals_of_a_client_fill_no_audit_trail() {
    let server = TestServer::start(Backend::Sqlite).await;
    let public = server.add_client(ClientKind::Spa).await;
    for _ in 0..30 {
        assert_eq!(server.post("/token", &public, &[GRANT]).await.error(), "unauthorized_client");
    }
    tessera_app::audit::settle(&server.app).await.unwrap();
    let refused = server.events(EventCode::IssuanceRefused).await;
    assert_eq!(refused.len(), 11);
    assert!(refused.iter().any(|event| event.detail.as_deref() == Some("20 more")), "{refused:?}");
}

#[rstest]
#[tokio::test]
async fn each_token_of_a_machine_is_one_audit_event(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let client = server.add_client(ClientKind::Service).await;
    for _ in 0..25 {
        assert_eq!(server.post("/token", &client, &[GRANT]).await.status, 200);
    }
    let issued = server.events(EventCode::ClientCredentials).await;
    assert_eq!(issued.len(), 25);
    assert!(issued.iter().all(|event| event.client_id.as_ref().is_some_and(|id| id.as_str() == client.id)));
    assert!(issued.iter().all(|event| event.actor == format!("client:{}", client.id) && event.ip.is_some()));
    assert_eq!(
        server.events(EventCode::ClientCredentials).await.len(),
        25,
        "a second flush writes nothing twice"
    );
}
