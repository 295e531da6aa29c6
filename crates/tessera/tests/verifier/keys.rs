//! What one believes of a key, the other says of it.

use serde_json::{Value, json};
use tessera_app::apis::ApiChange;
use tessera_app::keys::rotate::{request, run_schedule};
use tessera_app::ports::Clock as _;
use tessera_jose::{Algorithm, SealingKey, SigningKey};
use tessera_model::api::JwtType;
use tessera_model::{ClientKind, KeyPurpose, KeyState};
use tessera_testkit::evidence::claims;
use tessera_testkit::server::{API, Backend, TestServer};
use tessera_verifier::{Verifier, VerifyError};

use crate::support::{DAY, verifier};

const ACCESS: KeyPurpose = KeyPurpose::Access(Algorithm::Es256);

/// What a thief with database and key-encryption key could sign with.
async fn stolen(server: &TestServer, purpose: KeyPurpose, state: KeyState) -> SigningKey {
    let keys = server.store().await.read(|tx| async move { tx.keys().list().await }).await.unwrap();
    let key = keys.into_iter().find(|key| (key.purpose, key.state) == (purpose, state)).unwrap();
    let binding = format!("tessera key {} {}", key.id, key.purpose);
    let private = SealingKey::new(&[7; 32]).open(binding.as_bytes(), &key.sealed).unwrap();
    SigningKey::from_pkcs8(purpose.algorithm().unwrap(), &private).unwrap()
}

fn signed(key: &SigningKey, payload: &Value) -> String {
    key.sign("at+jwt", payload.to_string().as_bytes()).unwrap()
}

#[tokio::test]
async fn j31_issuer_and_verifier_believe_the_same_keys() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let verifier = verifier(&server).await;
    let tokens = server.sign_in(&mut server.browser(), &client, "openid orders.read", "alice").await;
    assert!(verifier.verify(&tokens.access).await.is_ok());
    assert_eq!(server.userinfo(&tokens.access).await.status, 200);

    // Every key signs a token that is right in everything else.
    let mut payload = claims(&tokens.access);
    for purpose in [KeyPurpose::IdToken(Algorithm::Rs256), KeyPurpose::Feed(Algorithm::Es256)] {
        let token = signed(&stolen(&server, purpose, KeyState::Active).await, &payload);
        assert_eq!(verifier.verify(&token).await.err(), Some(VerifyError::KeyPurpose), "{purpose}");
        assert_eq!(server.userinfo(&token).await.status, 401, "{purpose}");
        server.post("/revoke", &client, &[("token", &token)]).await;
    }
    assert!(server.rules(0).await["rules"].as_array().unwrap().is_empty(), "nothing was taken back");

    request(&server.cli(), ACCESS).await.unwrap();
    server.refresh().await;
    verifier.refresh().await.unwrap();
    let next = stolen(&server, ACCESS, KeyState::Next).await;
    assert_eq!(verifier.verify(&signed(&next, &payload)).await.err(), Some(VerifyError::KeyInactive));
    assert_eq!(server.userinfo(&signed(&next, &payload)).await.status, 401);

    // The takeover, of which the verifier has heard nothing but the announcement.
    server.advance(DAY);
    run_schedule(&server.app.system()).await.unwrap();
    server.refresh().await;
    verifier.sync_revocations().await.unwrap();
    let now = server.clock.now().seconds();
    (payload["iat"], payload["exp"]) = (json!(now), json!(now + 600));
    assert!(verifier.verify(&signed(&next, &payload)).await.is_ok());
    assert_eq!(server.userinfo(&signed(&next, &payload)).await.status, 200);
    let fresh = server.tokens(&client, "openid orders.read", "alice").await;
    assert!(verifier.verify(fresh["access_token"].as_str().unwrap()).await.is_ok(), "f30: nobody is refused");
}

#[tokio::test]
async fn j25_an_api_that_is_set_to_jwt_is_verified_where_the_verifier_is_told() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let change = ApiChange { token_type: Some(JwtType::Jwt), ..ApiChange::default() };
    tessera_app::apis::update(&server.cli(), API, &change).await.unwrap();
    server.refresh().await;
    let client = server.add_client_with(ClientKind::Web, |new| new.id_token_alg = Algorithm::Es256).await;
    let tokens = server.sign_in(&mut server.browser(), &client, "openid orders.read", "alice").await;
    let strict = verifier(&server).await;
    let builder = Verifier::builder(&*server.issuer).audience(API).clock(server.clock.clone());
    let told = builder.live_revocation().accept_typ_jwt().build().unwrap();
    told.ready().await.unwrap();
    assert_eq!(strict.verify(&tokens.access).await.err(), Some(VerifyError::WrongType));
    assert!(told.verify(&tokens.access).await.is_ok());
    assert_eq!(told.verify(&tokens.id).await.err(), Some(VerifyError::KeyPurpose));
    let id_key = stolen(&server, KeyPurpose::IdToken(Algorithm::Es256), KeyState::Active).await;
    let forged = id_key.sign("JWT", claims(&tokens.access).to_string().as_bytes()).unwrap();
    assert_eq!(told.verify(&forged).await.err(), Some(VerifyError::KeyPurpose));
    server.post("/revoke", &client, &[("token", &tokens.access)]).await;
    told.sync_revocations().await.unwrap();
    assert!(matches!(told.verify(&tokens.access).await, Err(VerifyError::Revoked(_))));
}
