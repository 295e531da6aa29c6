//! Keys that move on while many verify: rows F30 and V14.

use std::sync::atomic::Ordering::SeqCst;

use serde_json::json;

use crate::support::Issuer;

#[tokio::test]
async fn f30_a_rotated_key_is_found_at_first_sight_by_twenty_verifiers() {
    let issuer = Issuer::start().await;
    let mut verifiers = Vec::new();
    for _ in 0..20 {
        verifiers.push(issuer.verifier().await);
    }
    for _ in 0..20 {
        issuer.rotate();
        issuer.clock.advance(31);
        let before = issuer.key_fetches.load(SeqCst);
        let token = issuer.token();
        for verifier in &verifiers {
            assert!(verifier.verify(&token).await.is_ok());
            assert!(verifier.verify(&issuer.token_with("jti", json!("g.other"))).await.is_ok());
        }
        assert_eq!(issuer.key_fetches.load(SeqCst), before + verifiers.len());
    }
}
