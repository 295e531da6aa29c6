//! An issuer whose database was restored: nothing that it signed before counts, and its numbers begin again.

use std::sync::atomic::Ordering::SeqCst;

use serde_json::json;
use tessera_jose::{Algorithm, SigningKey};
use tessera_verifier::revocation::RuleKind;
use tessera_verifier::{FetchError, VerifyError};

use crate::support::{Issuer, live};

/// What a restore does to the issuer: a higher epoch, other keys, no rules.
fn restore(issuer: &Issuer) {
    issuer.epoch.fetch_add(1, SeqCst);
    issuer.rotate();
    issuer.rules.lock().unwrap().clear();
}

#[tokio::test]
async fn f53_a_new_epoch_ends_every_token_and_a_lower_number_is_no_rollback() {
    let issuer = Issuer::start().await;
    for n in 0..3 {
        issuer.revoke(RuleKind::Grant, &format!("another {n}"));
    }
    let verifier = live(&issuer).await;
    let [seen, unseen] = [(); 2].map(|()| issuer.token());
    assert!(verifier.verify(&seen).await.is_ok());
    restore(&issuer);
    let fetches = issuer.key_fetches.load(SeqCst);
    for _ in 0..2 {
        verifier.sync_revocations().await.unwrap();
    }
    assert!(issuer.key_fetches.load(SeqCst) > fetches, "the keys are fetched at once");
    for old in [&seen, &unseen] {
        assert_eq!(verifier.verify(old).await.err(), Some(VerifyError::UnknownKey));
    }
    assert!(verifier.verify(&issuer.token()).await.is_ok());
    // The verifier is as fresh as before, and follows the new numbers.
    issuer.clock.advance(29);
    assert!(verifier.verify(&issuer.token()).await.is_ok());
    issuer.revoke(RuleKind::Client, "web");
    verifier.sync_revocations().await.unwrap();
    assert_eq!(
        verifier.verify(&issuer.token_with("jti", json!("grant.other"))).await.err(),
        Some(VerifyError::Revoked(RuleKind::Client))
    );
}

#[tokio::test]
async fn a_token_of_a_key_that_the_restored_issuer_still_publishes_is_good() {
    let issuer = Issuer::start().await;
    let verifier = live(&issuer).await;
    let token = issuer.token();
    assert!(verifier.verify(&token).await.is_ok());
    let key = issuer.key();
    issuer.epoch.fetch_add(1, SeqCst);
    *issuer.jwks.lock().unwrap() = Some(json!({ "keys": [key.public_jwk()] }).to_string());
    verifier.sync_revocations().await.unwrap();
    assert!(verifier.verify(&token).await.is_ok(), "the issuer stands by its key");
}

#[tokio::test]
async fn f53_an_older_epoch_is_a_rollback() {
    let issuer = Issuer::start().await;
    issuer.epoch.store(7, SeqCst);
    let verifier = live(&issuer).await;
    for older in [6, 0] {
        issuer.epoch.store(older, SeqCst);
        let refused = Err(FetchError::Untrusted("an epoch that is over"));
        assert_eq!(verifier.sync_revocations().await, refused, "{older}");
    }
    issuer.clock.advance(31);
    assert_eq!(verifier.verify(&issuer.token()).await.err(), Some(VerifyError::Stale));
    issuer.epoch.store(7, SeqCst);
    verifier.sync_revocations().await.unwrap();
    assert!(verifier.verify(&issuer.token()).await.is_ok());
}

#[tokio::test]
async fn f53_an_epoch_whose_keys_cannot_be_fetched_is_no_news() {
    let issuer = Issuer::start().await;
    let verifier = live(&issuer).await;
    let token = issuer.token();
    assert!(verifier.verify(&token).await.is_ok());
    issuer.epoch.fetch_add(1, SeqCst);
    issuer.keys_down.store(true, SeqCst);
    issuer.clock.advance(20);
    for _ in 0..3 {
        assert!(verifier.sync_revocations().await.is_err(), "the page alone says nothing");
    }
    issuer.clock.advance(11);
    assert_eq!(verifier.verify(&token).await.err(), Some(VerifyError::Stale));
    issuer.keys_down.store(false, SeqCst);
    for _ in 0..2 {
        verifier.sync_revocations().await.unwrap();
    }
    assert!(verifier.verify(&issuer.token()).await.is_ok());
}

/// Strangers may cause one fetch of the keys in 30 seconds. The restored issuer does not wait for that.
#[tokio::test]
async fn v13_strangers_do_not_hide_a_restore_behind_unknown_keys() {
    let issuer = Issuer::start().await;
    let verifier = live(&issuer).await;
    let token = issuer.token();
    assert!(verifier.verify(&token).await.is_ok());
    let stranger = SigningKey::generate(Algorithm::Es256).unwrap();
    let noise = stranger.sign("at+jwt", issuer.claims().to_string().as_bytes()).unwrap();
    assert_eq!(verifier.verify(&noise).await.err(), Some(VerifyError::UnknownKey));
    restore(&issuer);
    for _ in 0..2 {
        verifier.sync_revocations().await.unwrap();
    }
    assert_eq!(verifier.verify(&token).await.err(), Some(VerifyError::UnknownKey));
    assert!(verifier.verify(&issuer.token()).await.is_ok());
}
