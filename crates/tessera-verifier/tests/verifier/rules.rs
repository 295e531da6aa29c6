//! Revocation rules in memory.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use serde_json::json;
use tessera_jose::digest::sha256;
use tessera_verifier::revocation::{MAX_RULES, RevocationView, Rule, RuleKind};
use tessera_verifier::{FetchError, VerifyError};

use crate::support::{Issuer, NOW, live};

fn rule(kind: RuleKind, id: &str) -> Rule {
    Rule { kind, id: sha256(id.as_bytes()), issued_before: NOW, expires_at: NOW + 3600 }
}

/// As many rules as there may be. They revoke no token of the tests.
fn flood(issued_before: i64) -> impl Iterator<Item = Rule> {
    (0..MAX_RULES as u64).map(move |n| {
        let mut id = [0; 32];
        id[..8].copy_from_slice(&n.to_be_bytes());
        Rule { kind: RuleKind::Token, id, issued_before, expires_at: NOW + 86_400 }
    })
}

#[tokio::test]
async fn every_kind_of_rule_hits_its_tokens_also_cached_ones_and_no_others() {
    let issuer = Issuer::start().await;
    for (kind, hit, miss) in [
        (RuleKind::Token, "grant.random", "grant"),
        (RuleKind::Grant, "grant", "grant.random"),
        (RuleKind::Session, "session", "grant"),
        (RuleKind::Subject, "8f14e45f", "web"),
        (RuleKind::Client, "web", "8f14e45f"),
        (RuleKind::All, "", ""),
    ] {
        let view = Arc::new(RevocationView::new());
        let verifier = issuer.ready(issuer.builder().revocations(view.clone())).await;
        let token = issuer.token();
        assert!(verifier.verify(&token).await.is_ok());
        if kind != RuleKind::All {
            view.insert([rule(kind, miss)], NOW);
            assert!(verifier.verify(&token).await.is_ok(), "{kind}");
        }
        view.insert([rule(kind, hit)], NOW);
        assert_eq!(verifier.verify(&token).await.err(), Some(VerifyError::Revoked(kind)));
        assert_eq!(
            verifier.verify(&issuer.token()).await.err(),
            Some(VerifyError::Revoked(kind)),
            "first seen"
        );
        let later = issuer.token_with("iat", json!(NOW + 1));
        assert!(verifier.verify(&later).await.is_ok(), "{kind}: issued after the rule");
    }
}

#[tokio::test]
async fn a_rule_only_ever_gets_stricter_and_outlives_every_token_it_can_hit() {
    let issuer = Issuer::start().await;
    let view = Arc::new(RevocationView::new());
    let verifier = issuer.ready(issuer.builder().revocations(view.clone())).await;
    let token = issuer.token();
    view.insert([rule(RuleKind::Subject, "8f14e45f")], NOW);
    view.insert([Rule { issued_before: 0, expires_at: 0, ..rule(RuleKind::Subject, "8f14e45f") }], NOW);
    view.purge(NOW + 3600 + 60);
    assert_eq!(verifier.verify(&token).await.err(), Some(VerifyError::Revoked(RuleKind::Subject)));
    assert_eq!(view.len(), 1);
    view.purge(NOW + 3600 + 120);
    assert!(view.is_empty());
}

#[tokio::test]
async fn v02_a_flood_of_rules_folds_into_one_and_revives_nothing() {
    let issuer = Issuer::start().await;
    let view = Arc::new(RevocationView::new());
    let verifier = issuer.ready(issuer.builder().revocations(view.clone())).await;
    let token = issuer.token();
    view.insert([rule(RuleKind::Subject, "8f14e45f")], NOW);
    view.insert(flood(NOW + 86_400), NOW);
    assert_eq!(view.len(), 1);
    assert_eq!(verifier.verify(&token).await.err(), Some(VerifyError::Revoked(RuleKind::All)));
}

#[tokio::test]
async fn v02_after_a_flood_of_rules_logging_in_again_helps() {
    let issuer = Issuer::start().await;
    let view = Arc::new(RevocationView::new());
    let verifier = issuer.ready(issuer.builder().revocations(view.clone())).await;
    view.insert(flood(NOW + 86_400), NOW);
    view.insert([rule(RuleKind::Subject, "one more")], NOW);
    issuer.clock.advance(60);
    assert_eq!(verifier.verify(&issuer.token()).await.err(), Some(VerifyError::Revoked(RuleKind::All)));
    issuer.clock.advance(1);
    assert!(verifier.verify(&issuer.token()).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn v14_after_a_rule_is_in_nothing_it_hits_is_accepted() {
    let issuer = Issuer::start().await;
    let view = Arc::new(RevocationView::new());
    let verifier = issuer.ready(issuer.builder().revocations(view.clone())).await;
    for n in 0..50 {
        let id = format!("subject {n}");
        let token = Arc::new(issuer.token_with("sub", json!(id)));
        let askers: Vec<_> = (0..8)
            .map(|_| {
                let (verifier, token) = (verifier.clone(), token.clone());
                tokio::spawn(async move {
                    while verifier.verify(&token).await.is_ok() {
                        tokio::task::yield_now().await;
                    }
                })
            })
            .collect();
        view.insert([rule(RuleKind::Subject, &id)], NOW);
        assert_eq!(verifier.verify(&token).await.err(), Some(VerifyError::Revoked(RuleKind::Subject)));
        for asker in askers {
            asker.await.unwrap();
        }
    }
}

#[tokio::test]
async fn v02_what_was_folded_is_not_asked_for_again() {
    let issuer = Issuer::start().await;
    for n in 0..3 {
        issuer.revoke(RuleKind::Subject, &format!("s{n}"));
    }
    let view = Arc::new(RevocationView::new());
    let verifier = issuer.ready(issuer.builder().live_revocation().revocations(view.clone())).await;
    view.insert(flood(NOW + 86_400), NOW);
    assert_eq!(view.len(), 3, "one for everybody, and two that came after");
    for _ in 0..2 {
        issuer.clock.advance(300);
        verifier.sync_revocations().await.unwrap();
    }
    assert_eq!(view.len(), 3, "to hear it again would be to fold it again");
    issuer.revoke(RuleKind::Subject, "8f14e45f");
    verifier.sync_revocations().await.unwrap();
    assert_eq!(verifier.verify(&issuer.token()).await.err(), Some(VerifyError::Revoked(RuleKind::Subject)));
}

#[tokio::test]
async fn v04_without_news_for_30_seconds_everything_is_refused_until_news_comes() {
    let issuer = Issuer::start().await;
    let verifier = live(&issuer).await;
    let token = issuer.token();
    issuer.rules_down.store(true, SeqCst);
    issuer.clock.advance(30);
    assert!(verifier.verify(&token).await.is_ok());
    issuer.clock.advance(1);
    let error = verifier.verify(&token).await.unwrap_err();
    assert_eq!(
        (error.clone(), error.status(), error.challenge("x"), error.retry_after()),
        (VerifyError::Stale, 503, None, Some(5))
    );
    assert_eq!(verifier.verify(&issuer.token()).await.err(), Some(VerifyError::Stale), "first seen");
    assert_eq!(verifier.sync_revocations().await, Err(FetchError::Status(503)));
    issuer.rules_down.store(false, SeqCst);
    verifier.sync_revocations().await.unwrap();
    assert!(verifier.verify(&token).await.is_ok());
}

#[tokio::test]
async fn before_the_first_news_everything_is_refused() {
    let issuer = Issuer::start().await;
    issuer.rules_down.store(true, SeqCst);
    let verifier = issuer.builder().live_revocation().build().unwrap();
    assert_eq!(verifier.ready().await, Err(FetchError::Status(503)));
    assert_eq!(verifier.verify(&issuer.token()).await.err(), Some(VerifyError::Stale));
}

#[tokio::test]
async fn a_rule_for_everybody_and_a_shorter_staleness() {
    let issuer = Issuer::start().await;
    let verifier =
        issuer.ready(issuer.builder().live_revocation().max_staleness(Duration::from_secs(5))).await;
    let token = issuer.token();
    assert!(verifier.verify(&token).await.is_ok());
    issuer.push_rule(json!({"kind": "all", "id": "", "before": NOW, "exp": NOW + 3600}));
    verifier.sync_revocations().await.unwrap();
    assert_eq!(verifier.verify(&token).await.err(), Some(VerifyError::Revoked(RuleKind::All)));
    issuer.rules_down.store(true, SeqCst);
    issuer.clock.advance(6);
    assert_eq!(verifier.verify(&token).await.err(), Some(VerifyError::Stale));
}
