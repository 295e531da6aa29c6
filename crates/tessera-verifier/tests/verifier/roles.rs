//! A key signs only what it is published for, and only from the published moment on.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use serde_json::json;
use tessera_jose::jwk::Purpose;
use tessera_jose::{Algorithm, SigningKey};
use tessera_oauth::bearer::Challenge;
use tessera_verifier::{FetchError, VerifyError};

use crate::refused;
use crate::support::{Issuer, NOW, Question};

/// An issuer that says what its keys are for: one for access tokens, one for ID tokens, one for rules.
async fn with_roles() -> (Arc<Issuer>, SigningKey, SigningKey) {
    let issuer = Issuer::start().await;
    let [id_token, feed] = [(); 2].map(|()| SigningKey::generate(Algorithm::Es256).unwrap());
    issuer.publish(&issuer.key(), Purpose::AccessToken, NOW - 86_400);
    issuer.publish(&id_token, Purpose::IdToken, NOW - 86_400);
    issuer.publish(&feed, Purpose::RevocationRules, NOW - 86_400);
    (issuer, id_token, feed)
}

fn access_token(issuer: &Issuer, key: &SigningKey) -> String {
    key.sign("at+jwt", issuer.claims().to_string().as_bytes()).unwrap()
}

fn answer_with(issuer: &Issuer, key: &SigningKey) {
    let key = key.clone();
    let answer = move |issuer: &Issuer, asked: &Question| {
        key.sign("revocation-rules+jwt", issuer.rules_claims(asked).to_string().as_bytes()).unwrap()
    };
    *issuer.custom_rules.lock().unwrap() = Some(Box::new(answer));
}

#[tokio::test]
async fn j31_a_key_for_something_else_signs_no_access_token() {
    let (issuer, id_token, feed) = with_roles().await;
    let verifier = issuer.verifier().await;
    let fetches = issuer.key_fetches.load(SeqCst);
    assert!(verifier.verify(&issuer.token()).await.is_ok());
    for key in [&id_token, &feed] {
        let error = refused(&verifier, &access_token(&issuer, key)).await;
        assert_eq!((&error, error.reason()), (&VerifyError::KeyPurpose, "key_purpose"));
        assert_eq!((error.status(), error.challenge("x")), (401, Some(Challenge::InvalidToken)));
    }
    assert_eq!(issuer.key_fetches.load(SeqCst), fetches, "no reason to ask");
}

#[tokio::test]
async fn j31_only_a_key_for_rules_signs_rules() {
    let (issuer, id_token, feed) = with_roles().await;
    for key in [&issuer.key(), &id_token] {
        answer_with(&issuer, key);
        let verifier = issuer.builder().live_revocation().build().unwrap();
        assert_eq!(verifier.ready().await, Err(FetchError::Untrusted("a key for something else")));
        assert_eq!(refused(&verifier, &issuer.token()).await, VerifyError::Stale);
    }
    answer_with(&issuer, &feed);
    let verifier = issuer.ready(issuer.builder().live_revocation()).await;
    assert!(verifier.verify(&issuer.token()).await.is_ok());

    let next = SigningKey::generate(Algorithm::Es256).unwrap();
    issuer.publish(&next, Purpose::RevocationRules, NOW + 300);
    verifier.refresh().await.unwrap();
    answer_with(&issuer, &next);
    let early = Err(FetchError::Untrusted("a key that does not sign yet"));
    assert_eq!(verifier.sync_revocations().await, early);
    issuer.clock.advance(240);
    verifier.sync_revocations().await.unwrap();
}

#[tokio::test]
async fn j31_a_next_key_signs_from_the_announced_moment_on_even_if_the_issuer_is_down_then() {
    let (issuer, ..) = with_roles().await;
    let next = SigningKey::generate(Algorithm::Es256).unwrap();
    issuer.publish(&next, Purpose::AccessToken, NOW + 3600);
    let verifier = issuer.verifier().await;
    let error = refused(&verifier, &access_token(&issuer, &next)).await;
    assert_eq!((&error, error.reason()), (&VerifyError::KeyInactive, "key_inactive"));
    assert_eq!((error.status(), error.challenge("x")), (401, Some(Challenge::InvalidToken)));
    let fetches = issuer.key_fetches.load(SeqCst);
    issuer.keys_down.store(true, SeqCst);
    issuer.clock.advance(3589);
    assert_eq!(
        refused(&verifier, &access_token(&issuer, &next)).await,
        VerifyError::Unavailable,
        "nobody knows"
    );
    issuer.clock.advance(1);
    assert!(verifier.verify(&access_token(&issuer, &next)).await.is_ok(), "10 s of leeway");
    assert_eq!(issuer.key_fetches.load(SeqCst), fetches + 1);
    assert!(verifier.verify(&issuer.token()).await.is_ok(), "the retired key, until it is removed");
}

#[tokio::test]
async fn j31_a_key_that_takes_over_early_is_believed_at_first_sight() {
    let (issuer, ..) = with_roles().await;
    let next = SigningKey::generate(Algorithm::Es256).unwrap();
    issuer.publish(&next, Purpose::AccessToken, NOW + 3600);
    let verifier = issuer.verifier().await;
    let fetches = issuer.key_fetches.load(SeqCst);
    // Strangers have used up their own limit. They cannot use that of the key's holder, not even with the name of the key.
    for n in 0..50 {
        let header = format!(r#"{{"alg":"ES256","typ":"at+jwt","kid":"{n}"}}"#);
        assert_eq!(
            refused(&verifier, &issuer.forge(&header, &issuer.claims())).await,
            VerifyError::UnknownKey
        );
        let header = format!(r#"{{"alg":"ES256","typ":"at+jwt","kid":"{}"}}"#, next.kid());
        let forged = issuer.forge(&header, &issuer.claims());
        assert_eq!(refused(&verifier, &forged).await, VerifyError::BadSignature);
    }
    assert_eq!(issuer.key_fetches.load(SeqCst), fetches + 1);
    for _ in 0..50 {
        assert_eq!(refused(&verifier, &access_token(&issuer, &next)).await, VerifyError::KeyInactive);
    }
    assert_eq!(issuer.key_fetches.load(SeqCst), fetches + 2, "once a second");
    issuer.publish(&next, Purpose::AccessToken, NOW);
    issuer.clock.advance(1);
    assert!(verifier.verify(&access_token(&issuer, &next)).await.is_ok());
    assert_eq!(issuer.key_fetches.load(SeqCst), fetches + 3);
}

#[tokio::test]
async fn j31_what_a_key_vouched_for_before_its_purpose_was_known_is_forgotten() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier().await;
    let token = issuer.token();
    assert!(verifier.verify(&token).await.is_ok(), "an issuer that does not say");
    issuer.publish(&issuer.key(), Purpose::IdToken, NOW);
    let access = SigningKey::generate(Algorithm::Es256).unwrap();
    issuer.publish(&access, Purpose::AccessToken, NOW);
    verifier.refresh().await.unwrap();
    assert_eq!(refused(&verifier, &token).await, VerifyError::KeyPurpose);
    issuer.publish(&access, Purpose::RevocationRules, NOW);
    assert_eq!(verifier.refresh().await, Err(FetchError::NoUsableKey), "no key for access tokens is left");
}

#[tokio::test]
async fn j31_a_key_for_a_purpose_that_nobody_knows_is_no_key() {
    let (issuer, ..) = with_roles().await;
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let mut jwk = serde_json::to_value(key.public_jwk().unwrap()).unwrap();
    (jwk["tessera_purpose"], jwk["tessera_signs_from"]) = (json!("cookies"), json!(NOW));
    let good = issuer.key().public_jwk().unwrap();
    *issuer.jwks.lock().unwrap() = Some(json!({"keys": [good, jwk]}).to_string());
    let verifier = issuer.verifier().await;
    assert_eq!(refused(&verifier, &access_token(&issuer, &key)).await, VerifyError::UnknownKey);
    assert!(verifier.verify(&issuer.token()).await.is_ok());
}

#[tokio::test]
async fn j31_j32_only_published_signature_keys_of_allowed_algorithms() {
    let issuer = Issuer::start().await;
    let next = SigningKey::generate(Algorithm::Es256).unwrap();
    let rsa = SigningKey::generate(Algorithm::Rs256).unwrap();
    let jwk = |key: &SigningKey| serde_json::to_value(key.public_jwk().unwrap()).unwrap();
    let mut enc = jwk(&next);
    enc["use"] = json!("enc");
    *issuer.jwks.lock().unwrap() =
        Some(json!({"keys": [jwk(&issuer.key()), enc, jwk(&rsa), {"kty": "oct-future"}]}).to_string());
    let verifier = issuer.ready(issuer.builder().algorithms(&[Algorithm::Es256])).await;
    let sign = |key: &SigningKey| key.sign("at+jwt", issuer.claims().to_string().as_bytes()).unwrap();
    assert!(verifier.verify(&sign(&issuer.key())).await.is_ok());
    assert_eq!(refused(&verifier, &sign(&next)).await, VerifyError::UnknownKey, "use enc");
    assert_eq!(refused(&verifier, &sign(&rsa)).await, VerifyError::AlgNotAllowed);
    let unpublished = SigningKey::generate(Algorithm::Es256).unwrap();
    assert_eq!(refused(&verifier, &sign(&unpublished)).await, VerifyError::UnknownKey);
}
