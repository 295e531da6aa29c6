//! Access tokens (RFC 9068) and OpenID Connect ID tokens, verified with the published keys.

use std::collections::BTreeSet;

use rstest::rstest;
use serde_json::Value;
use tessera_jose::{Algorithm, base64url, digest};
use tessera_model::ClientKind;
use tessera_testkit::relying_party::text;
use tessera_testkit::server::{API, Backend, TestServer};

/// Pins a header and claims. Values that differ between runs are replaced by their names.
fn shape((mut header, mut claims): (Value, Value), issuer: &str) -> Value {
    header["kid"] = "[kid]".into();
    for (name, named) in [
        ("jti", "[jti]"),
        ("sub", "[sub]"),
        ("sid", "[sid]"),
        ("client_id", "[client_id]"),
        ("at_hash", "[at_hash]"),
    ] {
        if let Some(member) = claims.get_mut(name) {
            *member = named.into();
        }
    }
    let claims = claims.to_string().replace(issuer, "[issuer]");
    serde_json::json!({ "header": header, "claims": serde_json::from_str::<Value>(&claims).unwrap() })
}

fn pin(name: &str, value: &Value) {
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => true }, {
        insta::assert_json_snapshot!(name, value);
    });
}

#[tokio::test]
async fn protocol_91_the_access_token_of_a_person_is_that_of_rfc_9068() {
    let server = TestServer::start(Backend::Sqlite).await;
    let alice = server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let tokens = server.tokens(&client, "openid profile orders.read", "alice").await;
    let (header, claims) = server.verified(text(&tokens, "access_token"), "at+jwt").await;
    assert_eq!((text(&claims, "sub"), text(&claims, "client_id")), (&*alice.id.to_string(), &*client.id));
    assert_eq!((text(&claims, "iss"), &header["alg"]), (&*server.issuer, &"ES256".into()));
    let mut shape = shape((header, claims), &server.issuer);
    shape["claims"]["aud"][1] = "[issuer]".into();
    pin("access_token", &shape);
}

#[tokio::test]
async fn protocol_91_without_openid_the_access_token_is_for_the_api_alone() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let tokens = server.tokens(&client, "orders.read", "alice").await;
    assert!(tokens.get("id_token").is_none(), "{tokens}");
    let claims = server.verified(text(&tokens, "access_token"), "at+jwt").await.1;
    assert_eq!(claims["aud"], API);
}

#[tokio::test]
async fn protocol_91_the_access_token_of_a_machine_is_that_of_rfc_9068() {
    let server = TestServer::start(Backend::Sqlite).await;
    let client = server.add_client(ClientKind::Service).await;
    let tokens = server.post("/token", &client, &[("grant_type", "client_credentials")]).await.json();
    let (header, claims) = server.verified(text(&tokens, "access_token"), "at+jwt").await;
    assert_eq!((text(&claims, "sub"), text(&claims, "client_id")), (&*client.id, &*client.id));
    pin("access_token_of_a_machine", &shape((header, claims), &server.issuer));
}

#[tokio::test]
async fn protocol_39_41_42_the_id_token_says_what_was_asked_for_and_no_more() {
    let server = TestServer::start(Backend::Sqlite).await;
    let alice = server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let tokens = server.tokens(&client, "openid profile email orders.read", "alice").await;
    let (header, claims) = server.verified(text(&tokens, "id_token"), "JWT").await;
    assert_eq!((text(&claims, "iss"), text(&claims, "aud")), (&*server.issuer, &*client.id));
    assert_eq!((text(&claims, "sub"), text(&claims, "nonce")), (&*alice.id.to_string(), "n-0S6_WzA2Mj"));
    assert_eq!(header["alg"], "RS256", "the default");
    let hash = digest::sha256(text(&tokens, "access_token").as_bytes());
    assert_eq!(text(&claims, "at_hash"), base64url::encode(&hash[..16]));
    let userinfo = server.userinfo(text(&tokens, "access_token")).await.json();
    assert_eq!(userinfo["sub"], claims["sub"]);
    let mut shape = shape((header, claims), &server.issuer);
    assert_eq!(shape["claims"]["aud"], *client.id);
    shape["claims"]["aud"] = "[client_id]".into();
    pin("id_token", &shape);
}

#[tokio::test]
async fn protocol_39_no_nonce_was_sent_so_none_comes_back() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let path = server.authorize_path(&client, "openid", &[("nonce", "")]);
    let end = server.authorize(&mut server.browser(), &path, "alice").await;
    let code = tessera_testkit::browser::query(&end, "code").unwrap();
    let tokens = server.redeem(&client, &code).await.json();
    let claims = server.verified(text(&tokens, "id_token"), "JWT").await.1;
    assert!(claims.get("nonce").is_none(), "{claims}");
}

#[rstest]
#[case::rs256(Algorithm::Rs256)]
#[case::es256(Algorithm::Es256)]
#[case::eddsa(Algorithm::EdDsa)]
#[case::ed25519(Algorithm::Ed25519)]
#[tokio::test]
async fn protocol_40_each_client_gets_the_signature_it_registered(#[case] alg: Algorithm) {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let client = server.add_client_with(ClientKind::Web, |new| new.id_token_alg = alg).await;
    let tokens = server.tokens(&client, "openid", "alice").await;
    let (header, claims) = server.verified(text(&tokens, "id_token"), "JWT").await;
    assert_eq!(header["alg"], alg.as_str());
    let hash = digest::sha256(text(&tokens, "access_token").as_bytes());
    if let Some(at_hash) = claims.get("at_hash") {
        assert_eq!(at_hash, &base64url::encode(&hash[..16]));
    }
}

#[rstest]
#[case::es256(Algorithm::Es256)]
#[case::eddsa(Algorithm::EdDsa)]
#[case::ed25519(Algorithm::Ed25519)]
#[case::rs256(Algorithm::Rs256)]
#[case::ps256(Algorithm::Ps256)]
#[tokio::test]
async fn each_api_gets_the_signature_it_registered(#[case] alg: Algorithm) {
    let server = TestServer::start(Backend::Sqlite).await;
    let api = tessera_app::apis::NewApi {
        audience: "urn:example:other".to_owned(),
        name: "Other".to_owned(),
        scopes: Vec::new(),
        access_token_alg: alg,
        token_type: tessera_model::api::JwtType::AtJwt,
        access_token_seconds: 60,
    };
    tessera_app::apis::add(&server.cli(), api).await.unwrap();
    server.refresh().await;
    let client = server
        .add_client_with(ClientKind::Service, |new| {
            new.audiences = vec!["urn:example:other".to_owned()];
            new.scopes = "".parse().unwrap();
        })
        .await;
    let form = [("grant_type", "client_credentials"), ("resource", "urn:example:other")];
    let tokens = server.post("/token", &client, &form).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    let (header, claims) = server.verified(text(&tokens.json(), "access_token"), "at+jwt").await;
    assert_eq!((text(&header, "alg"), claims.get("scope")), (alg.as_str(), None));
}

#[tokio::test]
async fn protocol_30_31_tokens_are_printable_long_and_never_the_same() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let mut seen = BTreeSet::new();
    for _ in 0..5 {
        let tokens = server.tokens(&client, "openid orders.read", "alice").await;
        for name in ["access_token", "refresh_token", "id_token"] {
            let token = text(&tokens, name).to_owned();
            assert!(token.len() >= 43 && token.bytes().all(|c| (0x20..=0x7e).contains(&c)), "{token}");
            assert!(seen.insert(token), "{name} came twice");
        }
        assert!(tokens["expires_in"].is_u64() && tokens["token_type"] == "Bearer", "{tokens}");
    }
}

#[tokio::test]
async fn protocol_9_tokens_of_the_last_key_stay_good_after_a_rotation() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let before = server.keys().await.keys.len();
    let purpose = tessera_model::KeyPurpose::Access(Algorithm::Es256);
    tessera_app::keys::rotate::request(&server.cli(), purpose).await.unwrap();
    server.refresh().await;
    assert_eq!(server.keys().await.keys.len(), before + 1, "published before it signs");
    let old = server.tokens(&client, "openid", "alice").await;
    server.advance(86_400 - 300);
    tessera_app::keys::rotate::run_schedule(&server.app.system()).await.unwrap();
    server.refresh().await;
    let still_old = server.tokens(&client, "openid", "alice").await;
    server.advance(300);
    tessera_app::keys::rotate::run_schedule(&server.app.system()).await.unwrap();
    server.refresh().await;
    let new = server.tokens(&client, "openid", "alice").await;
    let kid =
        async |tokens: &Value| server.verified(text(tokens, "access_token"), "at+jwt").await.0["kid"].clone();
    assert_eq!(kid(&old).await, kid(&still_old).await);
    assert_ne!(kid(&old).await, kid(&new).await);
    assert_eq!(
        server.userinfo(text(&still_old, "access_token")).await.status,
        200,
        "signed by the retired key"
    );
    assert_eq!(server.userinfo(text(&new, "access_token")).await.status, 200);
}
