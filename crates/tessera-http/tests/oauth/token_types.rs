//! APIs whose access tokens have the `typ` `JWT`, for verifiers that do not accept `at+jwt`.

use tessera_app::apis::{ApiChange, update};
use tessera_jose::{Algorithm, SealingKey, SigningKey};
use tessera_model::api::JwtType;
use tessera_model::{ClientKind, KeyPurpose, KeyState};
use tessera_testkit::evidence::claims;
use tessera_testkit::relying_party::text;
use tessera_testkit::server::{API, Backend, TestClient, TestServer};

const OTHER: &str = "https://other.example";

/// Changes an API as an administrator would.
async fn change(server: &TestServer, audience: &str, change: ApiChange) {
    update(&server.cli(), audience, &change).await.unwrap();
    server.refresh().await;
}

/// A server with the person alice and an API that wants `JWT`.
async fn scene() -> (TestServer, TestClient) {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let of_spring = ApiChange { token_type: Some(JwtType::Jwt), ..ApiChange::default() };
    change(&server, API, of_spring).await;
    let client = server
        .add_client_with(ClientKind::Web, |new| {
            new.id_token_alg = Algorithm::Es256;
            new.client_credentials = true;
        })
        .await;
    (server, client)
}

/// The signing keys, as a thief with the database and the key-encryption key has them.
async fn stolen(server: &TestServer, purpose: KeyPurpose) -> SigningKey {
    let keys = server.store().await.read(|tx| async move { tx.keys().list().await }).await.unwrap();
    let key = keys.into_iter().find(|key| (key.purpose, key.state) == (purpose, KeyState::Active)).unwrap();
    let binding = format!("tessera key {} {}", key.id, key.purpose);
    let private = SealingKey::new(&[7; 32]).open(binding.as_bytes(), &key.sealed).unwrap();
    SigningKey::from_pkcs8(purpose.algorithm().unwrap(), &private).unwrap()
}

#[tokio::test]
async fn protocol_91_an_api_gets_the_type_it_was_set_to() {
    let (server, client) = scene().await;
    let tokens = server.tokens(&client, "openid orders.read", "alice").await;
    let (header, claims) = server.verified(text(&tokens, "access_token"), "JWT").await;
    assert_eq!((&header["typ"], &claims["aud"]), (&"JWT".into(), &serde_json::json!([API, server.issuer])));
    let machine = server.post("/token", &client, &[("grant_type", "client_credentials")]).await.json();
    server.verified(text(&machine, "access_token"), "JWT").await;
    let for_nobody_else = server.tokens(&client, "openid", "alice").await;
    server.verified(text(&for_nobody_else, "access_token"), "at+jwt").await;
    change(&server, API, ApiChange { token_type: Some(JwtType::AtJwt), ..ApiChange::default() }).await;
    let refreshed = server.refresh_with(&client, text(&tokens, "refresh_token")).await.json();
    server.verified(text(&refreshed, "access_token"), "at+jwt").await;
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.status, 200, "what is out stays good");
}

#[tokio::test]
async fn j25_userinfo_and_revoke_take_their_own_tokens_of_either_type_and_no_id_token() {
    let (server, client) = scene().await;
    let tokens = server.tokens(&client, "openid orders.read", "alice").await;
    let (access, id) = (text(&tokens, "access_token"), text(&tokens, "id_token"));
    let payload = |token: &str| claims(token).to_string();
    let access_key = stolen(&server, KeyPurpose::Access(Algorithm::Es256)).await;
    let id_key = stolen(&server, KeyPurpose::IdToken(Algorithm::Es256)).await;
    let feed_key = stolen(&server, KeyPurpose::Feed(Algorithm::Es256)).await;
    // ID tokens, other documents, and tokens signed with their keys. All have the right type.
    let mut wrong = vec![id.to_owned(), server.get("/revocation/rules").await.body];
    for typ in ["JWT", "at+jwt"] {
        for key in [&id_key, &feed_key] {
            wrong.extend([access, id].map(|token| key.sign(typ, payload(token).as_bytes()).unwrap()));
        }
        wrong.push(access_key.sign(typ, payload(id).as_bytes()).unwrap());
    }
    for typ in [
        "logout+jwt",
        "dpop+jwt",
        "client-authentication+jwt",
        "oauth-authz-req+jwt",
        "token-introspection+jwt",
    ] {
        wrong.push(access_key.sign(typ, payload(access).as_bytes()).unwrap());
    }
    for token in &wrong {
        let answer = server.userinfo(token).await;
        assert_eq!(
            (answer.status, answer.header("www-authenticate")),
            (401, "Bearer error=\"invalid_token\""),
            "{token}"
        );
        assert_eq!(server.post("/revoke", &client, &[("token", token)]).await.status, 200);
    }
    assert_eq!(server.count("token.revoked").await, 0);
    for typ in ["JWT", "jwt", "application/JWT", "at+jwt"] {
        let token = access_key.sign(typ, payload(access).as_bytes()).unwrap();
        assert_eq!(server.userinfo(&token).await.status, 200, "{typ}");
    }
    assert_eq!(server.userinfo(access).await.status, 200);
    server.post("/revoke", &client, &[("token", access)]).await;
    assert_eq!((server.userinfo(access).await.status, server.count("token.revoked").await), (401, 1));
}

#[tokio::test]
async fn one_token_for_two_apis_needs_one_type() {
    let (server, _) = scene().await;
    server.add_api(OTHER, &["other.read"]).await;
    let with_both = |new: &mut tessera_app::clients::NewClient| {
        new.audiences = vec![API.to_owned(), OTHER.to_owned()];
        new.scopes = "openid orders.read other.read".parse().unwrap();
        new.client_credentials = true;
    };
    let client = server.add_client_with(ClientKind::Web, with_both).await;
    let both = [("resource", API), ("resource", OTHER)];
    let asked = server.authorize_path(&client, "openid orders.read other.read", &both);
    let answer = server.get(&asked).await;
    assert_eq!(crate::error_in(&server, &answer, Some("s t&te")), "invalid_target");
    let machine = [("grant_type", "client_credentials"), both[0], both[1]];
    let answer = server.post("/token", &client, &machine).await;
    assert_ne!(answer.status, 200, "{}", answer.body);
    change(&server, OTHER, ApiChange { token_type: Some(JwtType::Jwt), ..ApiChange::default() }).await;
    let answer = server.post("/token", &client, &machine).await;
    let audiences = server.verified(text(&answer.json(), "access_token"), "JWT").await.1["aud"].clone();
    assert_eq!(audiences, serde_json::json!([API, OTHER]));
}
