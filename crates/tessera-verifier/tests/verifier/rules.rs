//! Revocation rules in memory.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use serde_json::json;
use tessera_jose::digest::sha256;
use tessera_verifier::revocation::{MAX_RULES, RevocationStatus, RevocationView, Rule, RuleKind};
use tessera_verifier::{FetchError, VerifyError};

use crate::support::{API, Issuer, NOW, live};

fn rule(kind: RuleKind, id: &str) -> Rule {
    Rule::new(kind, sha256(id.as_bytes()), NOW, NOW + 3600)
}

/// A hash that is nobody's in these tests.
fn nobodys(n: u64) -> [u8; 32] {
    let mut id = [0; 32];
    id[..8].copy_from_slice(&n.to_be_bytes());
    id
}

/// As many rules about grants as there may be. Each is about another grant.
fn flood(of: impl Fn(u64) -> (Option<[u8; 32]>, Option<[u8; 32]>)) -> impl Iterator<Item = Rule> {
    (0..MAX_RULES as u64).map(move |n| {
        let (subject, client) = of(n);
        Rule { subject, client, ..Rule::new(RuleKind::Grant, nobodys(n), NOW + 86_400, NOW + 86_400) }
    })
}

#[tokio::test]
async fn every_kind_of_rule_hits_its_tokens_also_cached_ones_and_no_others() {
    let issuer = Issuer::start().await;
    let key = issuer.key();
    for (kind, hit, miss) in [
        (RuleKind::Token, "grant.random", "grant"),
        (RuleKind::Grant, "grant", "grant.random"),
        (RuleKind::Session, "session", "grant"),
        (RuleKind::Subject, "8f14e45f", "web"),
        (RuleKind::Client, "web", "8f14e45f"),
        (RuleKind::Audience, API, "web"),
        (RuleKind::Audience, "https://other.example", "other"),
        (RuleKind::Key, key.kid(), API),
        (RuleKind::All, "", ""),
    ] {
        let view = Arc::new(RevocationView::new());
        let verifier = issuer.ready(issuer.builder().revocations(view.clone())).await;
        let token = issuer.token_with("aud", json!([API, "https://other.example"]));
        assert!(verifier.verify(&token).await.is_ok());
        if kind != RuleKind::All {
            view.insert([rule(kind, miss)], NOW);
            assert!(verifier.verify(&token).await.is_ok(), "{kind}");
        }
        view.insert([rule(kind, hit)], NOW);
        assert_eq!(verifier.verify(&token).await.err(), Some(VerifyError::Revoked(kind)));
        assert_eq!(
            verifier.verify(&issuer.token_with("aud", json!(["https://other.example", API]))).await.err(),
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
async fn v02_a_flood_of_one_person_folds_into_a_rule_of_that_person_and_revives_nothing() {
    let issuer = Issuer::start().await;
    let view = Arc::new(RevocationView::new());
    let verifier = issuer.ready(issuer.builder().revocations(view.clone())).await;
    view.insert([rule(RuleKind::Subject, "somebody")], NOW);
    let attacker = sha256(b"attacker");
    view.insert(flood(|_| (Some(attacker), Some(sha256(b"web")))), NOW);
    assert!(view.len() < 10, "{view:?}");
    assert_eq!(view.status().folds, 1);
    let revoked = Some(VerifyError::Revoked(RuleKind::Subject));
    for (sub, outcome) in [("attacker", revoked.clone()), ("somebody", revoked), ("8f14e45f", None)] {
        let token = issuer.token_with("sub", json!(sub));
        assert_eq!(verifier.verify(&token).await.err(), outcome, "{sub}");
    }
    issuer.clock.advance(61);
    let later = verifier.verify(&issuer.token_with("sub", json!("attacker"))).await;
    assert!(later.is_ok(), "a new login helps: {later:?}");
}

#[tokio::test]
async fn v02_only_past_ten_thousand_people_of_a_client_their_rules_become_one_of_the_client() {
    let issuer = Issuer::start().await;
    let view = Arc::new(RevocationView::new());
    let verifier = issuer.ready(issuer.builder().revocations(view.clone())).await;
    // The clients 0 to 49 have 10,000 people each, the client "many" has half a million.
    let many = sha256(b"many");
    let client = move |n: u64| if n < 500_000 { nobodys(n / 10_000) } else { many };
    view.insert(flood(move |n| (Some(nobodys(n)), Some(client(n)))), NOW);
    view.insert([rule(RuleKind::Subject, "somebody")], NOW);
    assert_eq!(view.len(), 500_002, "the small clients keep their rules");
    let of_many = issuer.token_with("client_id", json!("many"));
    assert_eq!(verifier.verify(&of_many).await.err(), Some(VerifyError::Revoked(RuleKind::Client)));
    assert!(verifier.verify(&issuer.token()).await.is_ok(), "everybody else");
}

#[tokio::test]
async fn v02_rules_that_do_not_fit_and_cannot_be_folded_leave_old_tokens_undecided_and_memory_bounded() {
    let issuer = Issuer::start().await;
    let view = Arc::new(RevocationView::new());
    let verifier = issuer.ready(issuer.builder().revocations(view.clone())).await;
    view.insert(flood(|_| (None, None)), NOW);
    assert!(verifier.verify(&issuer.token()).await.is_ok(), "the last one fits");
    view.insert((1..1_000).map(|n| Rule::new(RuleKind::Token, nobodys(n), NOW, NOW + 3600)), NOW);
    assert_eq!(view.len(), MAX_RULES + 1);
    assert!(view.status().overfull);
    let error = verifier.verify(&issuer.token()).await.unwrap_err();
    assert_eq!((error.clone(), error.status()), (VerifyError::Stale, 503));
    issuer.clock.advance(61);
    assert!(verifier.verify(&issuer.token()).await.is_ok(), "what is issued later is known to be good");
    view.purge(NOW + 86_400 + 120);
    assert_eq!(view.status(), RevocationStatus { folds: 1, ..RevocationStatus::default() });
}

#[tokio::test]
async fn a_token_of_an_issuer_that_knew_a_rule_about_its_subject_or_client_is_not_meant_by_it() {
    let issuer = Issuer::start().await;
    for (kind, id, claim, other) in [
        (RuleKind::Subject, "8f14e45f", "tessera_subject_rule", "tessera_client_rule"),
        (RuleKind::Client, "web", "tessera_client_rule", "tessera_subject_rule"),
    ] {
        let view = Arc::new(RevocationView::new());
        let verifier = issuer.ready(issuer.builder().revocations(view.clone())).await;
        view.insert([Rule { seq: Some(7), ..rule(kind, id) }], NOW);
        let revoked = Some(VerifyError::Revoked(kind));
        for (token, outcome) in [
            (issuer.token(), revoked.clone()),
            (issuer.token_with(claim, json!(6)), revoked.clone()),
            (issuer.token_with(other, json!(7)), revoked.clone()),
            (issuer.token_with(claim, json!(7)), None),
            (issuer.token_with(claim, json!(8)), None),
        ] {
            assert_eq!(verifier.verify(&token).await.err(), outcome, "{kind}");
        }
        // A later rule about the same means it again.
        view.insert([Rule { seq: Some(9), ..rule(kind, id) }], NOW);
        assert_eq!(verifier.verify(&issuer.token_with(claim, json!(8))).await.err(), revoked, "{kind}");
        // So does a rule without a number, and a rule about something narrower.
        view.insert([rule(RuleKind::Grant, "grant")], NOW);
        let grant = Some(VerifyError::Revoked(RuleKind::Grant));
        assert_eq!(verifier.verify(&issuer.token_with(claim, json!(9))).await.err(), grant, "{kind}");
        view.insert([rule(kind, id)], NOW);
        assert!(verifier.verify(&issuer.token_with(claim, json!(i64::MAX - 1))).await.is_err(), "{kind}");
    }
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
    let attacker = sha256(b"attacker");
    view.insert(flood(|_| (Some(attacker), None)), NOW);
    let folded = view.len();
    assert!(folded < 10, "{view:?}");
    for _ in 0..2 {
        issuer.clock.advance(300);
        verifier.sync_revocations().await.unwrap();
    }
    assert_eq!(view.len(), folded, "to hear it again would be to fold it again");
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
