//! The issuer's pages of revocation rules: how they arrive, and which ones are refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use serde_json::{Value, json};
use tessera_jose::{Algorithm, MAX_DOCUMENT_LEN, SigningKey, base64url};
use tessera_verifier::revocation::{RevocationStatus, RevocationView, RuleKind};
use tessera_verifier::{FetchError, VerifyError};

use crate::support::{API, Answer, Issuer, NOW, Question, es256_signed, live, signing_input};

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
async fn a_page_may_be_longer_than_a_token_and_no_longer_than_a_document() {
    let issuer = Issuer::start().await;
    issuer.page.store(usize::MAX, SeqCst);
    for n in 0..1_000 {
        issuer.revoke(RuleKind::Subject, &format!("s{n}"));
    }
    let view = Arc::new(RevocationView::new());
    let verifier = issuer.ready(issuer.builder().live_revocation().revocations(view.clone())).await;
    assert_eq!(view.len(), 1_000);
    *issuer.custom_rules.lock().unwrap() = Some(Box::new(|_, _| "x".repeat(MAX_DOCUMENT_LEN + 1)));
    assert_eq!(verifier.sync_revocations().await, Err(FetchError::TooLarge));
}

#[tokio::test]
async fn v06_clocks_may_be_a_minute_apart_and_no_more() {
    let issuer = Issuer::start().await;
    let answer = |offset: i64| {
        let custom = move |issuer: &Issuer, asked: &Question| {
            let mut claims = issuer.rules_claims(asked);
            claims["iat"] = json!(claims["iat"].as_i64().unwrap() + offset);
            issuer.sign_rules(&claims)
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
async fn answers_played_again_are_no_news_however_many_were_recorded() {
    let issuer = Issuer::start().await;
    let verifier = live(&issuer).await;
    let recorded: Vec<_> = (0..3)
        .map(|n| {
            let question = Question { after: 0, nonce: format!("asked by somebody else {n}") };
            let mut claims = issuer.rules_claims(&question);
            claims["iat"] = json!(NOW + 10 * n);
            issuer.sign_rules(&claims)
        })
        .collect();
    let next = AtomicUsize::new(0);
    let again = move |_: &Issuer, _: &Question| recorded[next.fetch_add(1, SeqCst) % 3].clone();
    *issuer.custom_rules.lock().unwrap() = Some(Box::new(again));
    issuer.clock.advance(31);
    for _ in 0..6 {
        let error = FetchError::Untrusted("an answer to another request");
        assert_eq!(verifier.sync_revocations().await, Err(error));
        assert_eq!(verifier.verify(&issuer.token()).await.err(), Some(VerifyError::Stale));
    }
}

#[tokio::test]
async fn an_answer_to_another_question_is_no_news() {
    let issuer = Issuer::start().await;
    issuer.revoke(RuleKind::Subject, "somebody");
    issuer.revoke(RuleKind::Subject, "8f14e45f");
    // Fresh, signed and complete, but the answer to somebody who already knows the rules.
    let others = |issuer: &Issuer, asked: &Question| {
        issuer.sign_rules(&issuer.rules_claims(&Question { after: 2, nonce: asked.nonce.clone() }))
    };
    *issuer.custom_rules.lock().unwrap() = Some(Box::new(others));
    let verifier = issuer.builder().live_revocation().build().unwrap();
    assert_eq!(verifier.ready().await, Err(FetchError::Untrusted("an answer to another request")));
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
    // All rules are due to be fetched again, but the old ones cannot be fetched.
    let broken = |issuer: &Issuer, asked: &Question| {
        let claims = issuer.rules_claims(asked);
        if asked.after < 20 { String::new() } else { issuer.sign_rules(&claims) }
    };
    *issuer.custom_rules.lock().unwrap() = Some(Box::new(broken));
    issuer.clock.advance(300);
    issuer.revoke(RuleKind::Subject, "8f14e45f");
    assert_eq!(verifier.sync_revocations().await, Ok(()));
    assert_eq!(
        verifier.verify(&issuer.token()).await.err(),
        Some(VerifyError::Revoked(RuleKind::Subject)),
        "heard"
    );
    assert!(verifier.verify(&issuer.token_with("sub", json!("s20"))).await.is_ok(), "and fresh");
    let before = issuer.rule_fetches.load(SeqCst);
    assert_eq!(verifier.sync_revocations().await, Ok(()));
    assert_eq!(issuer.rule_fetches.load(SeqCst), before + 1, "old ones are not asked for all the time");
    // Now they can be fetched again, with a rule that was added in between, four pages in a run.
    *issuer.custom_rules.lock().unwrap() = None;
    issuer.clock.advance(60);
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
async fn rules_may_be_signed_with_another_algorithm_than_tokens() {
    let issuer = Issuer::start_with(Algorithm::EdDsa).await;
    let feed = SigningKey::generate(Algorithm::Es256).unwrap();
    issuer.published.lock().unwrap().push(feed.clone());
    let signer = feed.clone();
    let by_feed_key = move |issuer: &Issuer, asked: &Question| {
        signer.sign("revocation-rules+jwt", issuer.rules_claims(asked).to_string().as_bytes()).unwrap()
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
    // The issuer goes back to a backup from before both rules. Then another rule gets the number of the first.
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

/// Without its database an issuer tells what it has taken back itself, and does not know the numbers of others before it.
#[tokio::test]
async fn p5_a_rule_beyond_the_number_of_its_page_counts_and_those_before_it_are_still_heard() {
    let issuer = Issuer::start().await;
    let verifier = live(&issuer).await;
    let (ours, others) = (issuer.token_with("sub", json!("ours")), issuer.token_with("sub", json!("others")));
    issuer.revoke(RuleKind::Subject, "others");
    issuer.revoke(RuleKind::Subject, "ours");
    let last_only = changed(|claims| {
        claims["rules"].as_array_mut().unwrap().remove(0);
        claims["seq"] = json!(0);
    });
    *issuer.custom_rules.lock().unwrap() = Some(last_only);
    verifier.sync_revocations().await.unwrap();
    let revoked = Some(VerifyError::Revoked(RuleKind::Subject));
    assert_eq!(verifier.verify(&ours).await.err(), revoked);
    assert_eq!(verifier.verify(&others).await.err(), None);
    *issuer.custom_rules.lock().unwrap() = None;
    verifier.sync_revocations().await.unwrap();
    assert_eq!(verifier.verify(&others).await.err(), revoked);
}

/// The right answer with its claims changed.
fn changed(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Answer {
    Box::new(move |issuer, asked| {
        let mut claims = issuer.rules_claims(asked);
        change(&mut claims);
        issuer.sign_rules(&claims)
    })
}

/// Answers that no key published for rules has signed.
fn untrusted() -> Vec<(&'static str, Answer)> {
    vec![
        ("access token", Box::new(|issuer, _| issuer.token())),
        ("typ", Box::new(|issuer, asked| issuer.sign_as("at+jwt", &issuer.rules_claims(asked)))),
        (
            "other key",
            Box::new(|issuer, asked| {
                let key = SigningKey::generate(Algorithm::Es256).unwrap();
                key.sign("revocation-rules+jwt", issuer.rules_claims(asked).to_string().as_bytes()).unwrap()
            }),
        ),
        (
            "other key, same kid",
            Box::new(|issuer, asked| {
                let key = SigningKey::generate(Algorithm::Es256).unwrap();
                let header = issuer.header().replace("at+jwt", "revocation-rules+jwt");
                es256_signed(&key, &header, issuer.rules_claims(asked).to_string().as_bytes())
            }),
        ),
        (
            "alg none",
            Box::new(|issuer, asked| {
                let header =
                    issuer.header().replace("at+jwt", "revocation-rules+jwt").replace("ES256", "none");
                format!("{}.", signing_input(&header, issuer.rules_claims(asked).to_string().as_bytes()))
            }),
        ),
        (
            "crit",
            Box::new(|issuer, asked| {
                let header = issuer
                    .header()
                    .replace("at+jwt", "revocation-rules+jwt")
                    .replace('}', r#","crit":["x"]}"#);
                issuer.forge(&header, &issuer.rules_claims(asked))
            }),
        ),
        ("unsigned JSON", Box::new(|issuer, asked| issuer.rules_claims(asked).to_string())),
        ("nothing", Box::new(|_, _| String::new())),
        ("too long", Box::new(|_, _| "x".repeat(600_000))),
    ]
}

/// Answers with a right signature and an unreadable payload.
fn unintelligible() -> Vec<(&'static str, Answer)> {
    let good = |kind: &str, id: &str| json!({"kind": kind, "id": id, "before": NOW, "exp": NOW + 60});
    let digest = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
    vec![
        ("iss", changed(|claims| claims["iss"] = json!("https://attacker.example"))),
        ("no iat", changed(|claims| claims["iat"] = json!(null))),
        ("no after", changed(|claims| claims["after"] = json!(null))),
        ("no nonce", changed(|claims| claims["nonce"] = json!(null))),
        ("another after", changed(|claims| claims["after"] = json!(1))),
        ("seq text", changed(|claims| claims["seq"] = json!("1"))),
        ("endless", changed(|claims| claims["complete"] = json!(false))),
        (
            "a kind that is no text",
            changed(move |claims| {
                claims["rules"] = json!([{"kind": 7, "id": digest, "before": NOW, "exp": 1}]);
            }),
        ),
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
async fn a_rule_of_an_unknown_kind_hits_only_what_it_could_mean_and_is_told() {
    let issuer = Issuer::start().await;
    let verifier = live(&issuer).await;
    assert_eq!(verifier.revocation_status(), Some(RevocationStatus::default()));
    let named = |id: &str| base64url::encode(tessera_jose::digest::sha256(id.as_bytes()));
    // It says whom it could mean.
    issuer.push_rule(json!({
        "kind": "device", "id": {"x": 1}, "subject": named("8f14e45f"), "before": NOW, "exp": NOW + 3600,
    }));
    issuer.revoke(RuleKind::Subject, "after it");
    verifier.sync_revocations().await.unwrap();
    for (sub, outcome) in [
        ("8f14e45f", Some(VerifyError::Revoked(RuleKind::Subject))),
        ("after it", Some(VerifyError::Revoked(RuleKind::Subject))),
        ("somebody else", None),
    ] {
        let token = issuer.token_with("sub", json!(sub));
        assert_eq!(verifier.verify(&token).await.err(), outcome, "{sub}");
    }
    // It does not: it could mean every token up to its moment, and nothing later.
    issuer.push_rule(json!({"kind": "planet", "before": NOW - 10, "exp": NOW + 3600}));
    verifier.sync_revocations().await.unwrap();
    for (iat, outcome) in [(NOW - 10, Some(VerifyError::Revoked(RuleKind::Unknown))), (NOW - 9, None)] {
        let mut claims = issuer.claims();
        (claims["sub"], claims["iat"]) = (json!("somebody else"), json!(iat));
        assert_eq!(verifier.verify(&issuer.sign(&claims)).await.err(), outcome, "{iat}");
    }
    let status = verifier.revocation_status().unwrap();
    assert_eq!((status.rules, status.unknown_kinds), (3, vec!["device".to_owned(), "planet".to_owned()]));
}

#[tokio::test]
async fn rules_about_a_key_and_an_audience_arrive() {
    let issuer = Issuer::start().await;
    let verifier = live(&issuer).await;
    let token = issuer.token();
    issuer.revoke(RuleKind::Key, "another key");
    issuer.revoke(RuleKind::Audience, "https://other.example");
    verifier.sync_revocations().await.unwrap();
    assert!(verifier.verify(&token).await.is_ok());
    issuer.revoke(RuleKind::Audience, API);
    verifier.sync_revocations().await.unwrap();
    assert_eq!(verifier.verify(&token).await.err(), Some(VerifyError::Revoked(RuleKind::Audience)));
    let kid = issuer.key().kid().to_owned();
    issuer.rotate();
    verifier.refresh().await.unwrap();
    let later = issuer.token_with("iat", json!(NOW + 1));
    assert!(verifier.verify(&later).await.is_ok(), "issued after the rule");
    issuer.push_rule(json!({
        "kind": "key", "id": base64url::encode(tessera_jose::digest::sha256(kid.as_bytes())), "before": NOW + 3600,
        "exp": NOW + 3600,
    }));
    verifier.sync_revocations().await.unwrap();
    assert!(verifier.verify(&later).await.is_ok(), "another key signed it");
}
