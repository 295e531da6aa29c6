//! Taking tokens back: rows V02, V04, V06, V14 and what the issuer's list must be to be believed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use serde_json::{Value, json};
use support::{Issuer, NOW};
use tessera_jose::digest::sha256;
use tessera_jose::{Algorithm, SigningKey};
use tessera_verifier::revocation::{MAX_RULES, RevocationView, Rule, RuleKind};
use tessera_verifier::{FetchError, Verifier, VerifyError};

fn rule(kind: RuleKind, id: &str) -> Rule {
    Rule { kind, id: sha256(id.as_bytes()), issued_before: NOW, expires_at: NOW + 3600 }
}

/// As many rules as there may be, about nothing in particular.
fn flood(issued_before: i64) -> impl Iterator<Item = Rule> {
    (0..MAX_RULES as u64).map(move |n| {
        let mut id = [0; 32];
        id[..8].copy_from_slice(&n.to_be_bytes());
        Rule { kind: RuleKind::Token, id, issued_before, expires_at: NOW + 86_400 }
    })
}

async fn live(issuer: &Issuer) -> Verifier {
    issuer.ready(issuer.builder().live_revocation()).await
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
async fn the_issuers_rules_reach_a_live_verifier() {
    let issuer = Issuer::start().await;
    let verifier = live(&issuer).await;
    let token = issuer.token();
    assert!(verifier.verify(&token).await.is_ok());
    issuer.revoke(RuleKind::Grant, "grant");
    verifier.sync_revocations().await.unwrap();
    assert_eq!(verifier.verify(&token).await.err(), Some(VerifyError::Revoked(RuleKind::Grant)));
}

#[tokio::test]
async fn rules_arrive_by_themselves_within_two_polls() {
    let issuer = Issuer::start().await;
    let verifier = live(&issuer).await;
    let token = issuer.token();
    assert!(verifier.verify(&token).await.is_ok());
    issuer.revoke(RuleKind::Client, "web");
    let before = issuer.rule_fetches.load(SeqCst);
    while issuer.rule_fetches.load(SeqCst) < before + 2 {
        issuer.rules_asked.notified().await;
    }
    assert_eq!(verifier.verify(&token).await.err(), Some(VerifyError::Revoked(RuleKind::Client)));
}

#[tokio::test]
async fn many_rules_arrive_in_pages() {
    let issuer = Issuer::start().await;
    issuer.page.store(7, SeqCst);
    for n in 0..50 {
        issuer.revoke(RuleKind::Subject, &format!("s{n}"));
    }
    let view = Arc::new(RevocationView::new());
    let verifier = issuer.ready(issuer.builder().live_revocation().revocations(view.clone())).await;
    assert_eq!(view.len(), 50);
    assert_eq!(
        verifier.verify(&issuer.token_with("sub", json!("s49"))).await.err(),
        Some(VerifyError::Revoked(RuleKind::Subject))
    );
}

#[tokio::test]
async fn a_page_may_be_longer_than_a_token() {
    let issuer = Issuer::start().await;
    for n in 0..1_000 {
        issuer.revoke(RuleKind::Subject, &format!("s{n}"));
    }
    let long = |issuer: &Issuer, after| {
        let header = issuer.header().replace("at+jwt", "revocation-rules+jwt");
        issuer.forge(&header, &issuer.rules_claims(after))
    };
    *issuer.custom_rules.lock().unwrap() = Some(Box::new(long));
    let view = Arc::new(RevocationView::new());
    issuer.ready(issuer.builder().live_revocation().revocations(view.clone())).await;
    assert_eq!(view.len(), 1_000);
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
async fn v06_clocks_may_be_a_minute_apart_and_no_more() {
    let issuer = Issuer::start().await;
    let answer = |offset: i64| {
        let custom = move |issuer: &Issuer, after| {
            let mut claims = issuer.rules_claims(after);
            claims["iat"] = json!(claims["iat"].as_i64().unwrap() + offset);
            issuer.sign_as("revocation-rules+jwt", &claims)
        };
        *issuer.custom_rules.lock().unwrap() = Some(Box::new(custom));
    };
    answer(-60);
    let verifier = live(&issuer).await;
    assert!(verifier.verify(&issuer.token()).await.is_ok());
    answer(60);
    issuer.clock.advance(1);
    verifier.sync_revocations().await.unwrap();
    for (offset, why) in [(61, "iat lies in the future"), (-61, "iat lies in the past")] {
        answer(offset);
        assert_eq!(verifier.sync_revocations().await, Err(FetchError::Untrusted(why)));
    }
    issuer.clock.advance(31);
    assert_eq!(verifier.verify(&issuer.token()).await.err(), Some(VerifyError::Stale));
}

#[tokio::test]
async fn an_old_answer_played_again_is_no_news() {
    let issuer = Issuer::start().await;
    let verifier = live(&issuer).await;
    let old = issuer.sign_as("revocation-rules+jwt", &issuer.rules_claims(0));
    *issuer.custom_rules.lock().unwrap() = Some(Box::new(move |_, _| old.clone()));
    issuer.clock.advance(31);
    verifier.sync_revocations().await.unwrap();
    assert_eq!(verifier.verify(&issuer.token()).await.err(), Some(VerifyError::Stale));
    issuer.clock.advance(30);
    assert_eq!(verifier.sync_revocations().await, Err(FetchError::Untrusted("iat lies in the past")));
}

#[tokio::test]
async fn an_answer_to_another_question_is_no_news() {
    let issuer = Issuer::start().await;
    issuer.revoke(RuleKind::Subject, "somebody");
    issuer.revoke(RuleKind::Subject, "8f14e45f");
    // Fresh, signed and complete, but asked by somebody who knows the rules already.
    let others = |issuer: &Issuer, _| issuer.sign_as("revocation-rules+jwt", &issuer.rules_claims(2));
    *issuer.custom_rules.lock().unwrap() = Some(Box::new(others));
    let verifier = issuer.builder().live_revocation().build().unwrap();
    assert_eq!(verifier.ready().await, Err(FetchError::Untrusted("an answer to another question")));
    assert_eq!(verifier.verify(&issuer.token()).await.err(), Some(VerifyError::Stale));
}

#[tokio::test]
async fn news_do_not_wait_for_what_is_asked_for_again() {
    let issuer = Issuer::start().await;
    issuer.page.store(1, SeqCst);
    for n in 0..20 {
        issuer.revoke(RuleKind::Subject, &format!("s{n}"));
    }
    let view = Arc::new(RevocationView::new());
    let verifier = issuer.ready(issuer.builder().live_revocation().revocations(view.clone())).await;
    // Everything is due again, and nothing of what is old can be had.
    let broken = |issuer: &Issuer, after: i64| {
        let claims = issuer.rules_claims(after);
        if after < 20 { String::new() } else { issuer.sign_as("revocation-rules+jwt", &claims) }
    };
    *issuer.custom_rules.lock().unwrap() = Some(Box::new(broken));
    issuer.clock.advance(300);
    issuer.revoke(RuleKind::Subject, "8f14e45f");
    assert_eq!(verifier.sync_revocations().await, Err(FetchError::Malformed("revocation rules")));
    assert_eq!(
        verifier.verify(&issuer.token()).await.err(),
        Some(VerifyError::Revoked(RuleKind::Subject)),
        "heard"
    );
    assert!(verifier.verify(&issuer.token_with("sub", json!("s20"))).await.is_ok(), "and fresh");
    // It can be had again, with a rule that has come in between, four pages in a run.
    *issuer.custom_rules.lock().unwrap() = None;
    issuer.revoke(RuleKind::Subject, "out of order");
    issuer.rules.lock().unwrap().swap_remove(18);
    let before = issuer.rule_fetches.load(SeqCst);
    let late = issuer.token_with("sub", json!("out of order"));
    for _ in 0..6 {
        verifier.sync_revocations().await.unwrap();
    }
    assert_eq!(verifier.verify(&late).await.err(), Some(VerifyError::Revoked(RuleKind::Subject)));
    assert!(issuer.rule_fetches.load(SeqCst) >= before + 21 + 6, "news were asked for in each run");
    assert_eq!(view.len(), 22);
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
async fn rules_may_be_signed_with_another_algorithm_than_tokens() {
    let issuer = Issuer::start_with(Algorithm::EdDsa).await;
    let feed = SigningKey::generate(Algorithm::Es256).unwrap();
    issuer.published.lock().unwrap().push(feed.clone());
    let signer = feed.clone();
    let by_feed_key = move |issuer: &Issuer, after| {
        signer.sign("revocation-rules+jwt", issuer.rules_claims(after).to_string().as_bytes()).unwrap()
    };
    *issuer.custom_rules.lock().unwrap() = Some(Box::new(by_feed_key));
    let verifier = issuer.ready(issuer.builder().algorithms(&[Algorithm::EdDsa]).live_revocation()).await;
    let token = issuer.token();
    assert!(verifier.verify(&token).await.is_ok());
    let other = feed.sign("at+jwt", issuer.claims().to_string().as_bytes()).unwrap();
    assert_eq!(verifier.verify(&other).await.err(), Some(VerifyError::AlgNotAllowed));
    issuer.revoke(RuleKind::Grant, "grant");
    verifier.sync_revocations().await.unwrap();
    assert_eq!(verifier.verify(&token).await.err(), Some(VerifyError::Revoked(RuleKind::Grant)));
}

#[tokio::test]
async fn an_issuer_that_went_back_is_heard_again_and_nothing_is_forgotten() {
    let issuer = Issuer::start().await;
    issuer.revoke(RuleKind::Subject, "8f14e45f");
    issuer.revoke(RuleKind::Client, "other");
    let verifier = live(&issuer).await;
    // Back to a backup from before both rules; then another act takes the number of the first.
    issuer.rules.lock().unwrap().clear();
    issuer.revoke(RuleKind::Subject, "somebody");
    issuer.clock.advance(1);
    verifier.sync_revocations().await.unwrap();
    verifier.sync_revocations().await.unwrap();
    for (sub, gone) in [("8f14e45f", true), ("somebody", true), ("nobody", false)] {
        let mut claims = issuer.claims();
        claims["sub"] = json!(sub);
        claims["iat"] = json!(NOW);
        assert_eq!(verifier.verify(&issuer.sign(&claims)).await.is_err(), gone, "{sub}");
    }
}

type Answer = Box<dyn Fn(&Issuer, i64) -> String + Send + Sync>;

/// The right answer with its claims changed.
fn changed(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Answer {
    Box::new(move |issuer, after| {
        let mut claims = issuer.rules_claims(after);
        change(&mut claims);
        issuer.sign_as("revocation-rules+jwt", &claims)
    })
}

/// Answers that no published key vouches for as a list of rules.
fn untrusted() -> Vec<(&'static str, Answer)> {
    vec![
        ("access token", Box::new(|issuer, _| issuer.token())),
        ("typ", Box::new(|issuer, after| issuer.sign_as("at+jwt", &issuer.rules_claims(after)))),
        (
            "other key",
            Box::new(|issuer, after| {
                let key = SigningKey::generate(Algorithm::Es256).unwrap();
                key.sign("revocation-rules+jwt", issuer.rules_claims(after).to_string().as_bytes()).unwrap()
            }),
        ),
        (
            "other key, same kid",
            Box::new(|issuer, after| {
                let key = SigningKey::generate(Algorithm::Es256).unwrap();
                let header = issuer.header().replace("at+jwt", "revocation-rules+jwt");
                support::es256_signed(&key, &header, issuer.rules_claims(after).to_string().as_bytes())
            }),
        ),
        (
            "alg none",
            Box::new(|issuer, after| {
                let header =
                    issuer.header().replace("at+jwt", "revocation-rules+jwt").replace("ES256", "none");
                format!(
                    "{}.",
                    support::signing_input(&header, issuer.rules_claims(after).to_string().as_bytes())
                )
            }),
        ),
        (
            "crit",
            Box::new(|issuer, after| {
                let header = issuer
                    .header()
                    .replace("at+jwt", "revocation-rules+jwt")
                    .replace('}', r#","crit":["x"]}"#);
                issuer.forge(&header, &issuer.rules_claims(after))
            }),
        ),
        ("unsigned JSON", Box::new(|issuer, after| issuer.rules_claims(after).to_string())),
        ("nothing", Box::new(|_, _| String::new())),
        ("too long", Box::new(|_, _| "x".repeat(600_000))),
    ]
}

/// Signed as they should be, but saying what cannot be understood.
fn unintelligible() -> Vec<(&'static str, Answer)> {
    let good = |kind: &str, id: &str| json!({"kind": kind, "id": id, "before": NOW, "exp": NOW + 60});
    let digest = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
    vec![
        ("iss", changed(|claims| claims["iss"] = json!("https://attacker.example"))),
        ("no iat", changed(|claims| claims["iat"] = json!(null))),
        ("no after", changed(|claims| claims["after"] = json!(null))),
        ("another after", changed(|claims| claims["after"] = json!(1))),
        ("seq text", changed(|claims| claims["seq"] = json!("1"))),
        ("endless", changed(|claims| claims["complete"] = json!(false))),
        ("unknown kind", changed(move |claims| claims["rules"] = json!([good("planet", digest)]))),
        ("short id", changed(move |claims| claims["rules"] = json!([good("token", "AAAA")]))),
        ("padded id", changed(move |claims| claims["rules"] = json!([good("token", &format!("{digest}="))]))),
        (
            "rule without before",
            changed(move |claims| claims["rules"] = json!([{"kind": "token", "id": digest, "exp": 1}])),
        ),
    ]
}

#[tokio::test]
async fn a_list_that_is_not_the_issuers_or_cannot_be_understood_is_refused_whole() {
    for (name, answer) in untrusted().into_iter().chain(unintelligible()) {
        let issuer = Issuer::start().await;
        *issuer.custom_rules.lock().unwrap() = Some(answer);
        let view = Arc::new(RevocationView::new());
        let verifier = issuer.builder().live_revocation().revocations(view.clone()).build().unwrap();
        assert!(verifier.ready().await.is_err(), "{name}");
        assert_eq!(verifier.verify(&issuer.token()).await.err(), Some(VerifyError::Stale), "{name}");
        assert!(view.is_empty(), "{name}");
    }
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
