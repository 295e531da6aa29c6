//! Keys rotate while many tokens are verified.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use serde_json::json;
use tessera_jose::jwk::Purpose;
use tessera_jose::{Algorithm, SigningKey};
use tessera_verifier::revocation::RuleKind;
use tessera_verifier::{Verifier, VerifyError};
use tokio::task::JoinSet;

use crate::support::{Issuer, live};

const ROTATIONS: usize = 1_000;

async fn twenty_verifiers(issuer: &Issuer) -> Vec<Verifier> {
    let mut verifiers = Vec::new();
    for _ in 0..20 {
        verifiers.push(issuer.verifier().await);
    }
    verifiers
}

/// Each verifier accepts every token. All of them run at the same time.
async fn all_accept(verifiers: &[Verifier], tokens: [String; 2], rotation: usize) {
    let tokens = Arc::new(tokens);
    let mut at_once = JoinSet::new();
    for verifier in verifiers {
        let (verifier, tokens) = (verifier.clone(), Arc::clone(&tokens));
        at_once.spawn(async move {
            for token in &*tokens {
                assert!(verifier.verify(token).await.is_ok(), "rotation {rotation}");
            }
        });
    }
    at_once.join_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f30_a_rotated_key_is_found_at_first_sight_by_twenty_verifiers() {
    let issuer = Issuer::start().await;
    let verifiers = twenty_verifiers(&issuer).await;
    for rotation in 0..ROTATIONS {
        issuer.rotate();
        issuer.clock.advance(31);
        let before = issuer.key_fetches.load(SeqCst);
        let tokens = [issuer.token(), issuer.token_with("jti", json!("g.other"))];
        all_accept(&verifiers, tokens, rotation).await;
        assert_eq!(issuer.key_fetches.load(SeqCst), before + verifiers.len());
    }
}

/// Five minutes pass. Each verifier refreshes at its own time, and every third attempt fails.
async fn refresh_all(issuer: &Issuer, verifiers: &[Verifier], attempts: &mut usize) {
    for verifier in verifiers {
        issuer.clock.advance(300 / verifiers.len() as u64);
        *attempts += 1;
        issuer.keys_down.store(attempts.is_multiple_of(3), SeqCst);
        assert_eq!(verifier.refresh().await.is_err(), attempts.is_multiple_of(3));
    }
}

/// Every five minutes another key signs. Each is published ten minutes before, which is time for two refreshes. At most one fails.
#[tokio::test]
async fn f30_scheduled_rotations_refuse_nobody_though_refreshing_fails_now_and_then() {
    let issuer = Issuer::start().await;
    issuer.publish(&issuer.key(), Purpose::AccessToken, 0);
    let verifiers = twenty_verifiers(&issuer).await;
    let (mut attempts, mut successors) = (0, VecDeque::new());
    for rotation in 0..=ROTATIONS {
        let successor = SigningKey::generate(Algorithm::Es256).unwrap();
        issuer.publish(&successor, Purpose::AccessToken, issuer.clock.unix() + 600);
        successors.push_back(successor);
        let old = issuer.token();
        refresh_all(&issuer, &verifiers, &mut attempts).await;
        if rotation == 0 {
            continue;
        }
        let before = issuer.key_fetches.load(SeqCst);
        *issuer.key.lock().unwrap() = successors.pop_front().unwrap();
        // The issuer cannot be reached during every other change of keys.
        issuer.keys_down.store(rotation % 2 == 0, SeqCst);
        all_accept(&verifiers, [issuer.token(), old], rotation).await;
        assert_eq!(issuer.key_fetches.load(SeqCst), before, "nobody had to ask");
        let mut published = issuer.published.lock().unwrap();
        if published.len() > 3 {
            published.remove(0);
        }
    }
}

#[tokio::test]
async fn f30_unannounced_rotations_cost_each_verifier_one_fetch_in_30_seconds_and_refuse_nobody() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier().await;
    let start = issuer.clock.unix();
    let before = issuer.key_fetches.load(SeqCst);
    for second in 0_usize..600 {
        issuer.clock.advance(1);
        // There is a new key every minute. In every fifth second the key set cannot be fetched.
        if second % 60 == 0 {
            issuer.rotate();
        }
        issuer.keys_down.store(second.is_multiple_of(5), SeqCst);
        match verifier.verify(&issuer.token()).await {
            Ok(_) | Err(VerifyError::Unavailable) => {}
            Err(refused) => panic!("{refused} in second {second}"),
        }
    }
    let fetches = issuer.key_fetches.load(SeqCst) - before;
    let most = usize::try_from((issuer.clock.unix() - start) / 30).unwrap();
    assert!((10..=most).contains(&fetches), "{fetches} of {most}");
}

/// Somebody whose tokens are verified all the time.
struct Holder {
    token: String,
    revoking: AtomicBool,
    revoked: AtomicBool,
}

/// Verifies the holder's token again and again. Each outcome must fit what was known before the call.
async fn verify_in_turn(verifier: Verifier, holders: Arc<Vec<Holder>>, first: usize) -> usize {
    let mut accepted = 0;
    for holder in holders.iter().cycle().skip(first).take(40) {
        let was_revoked = holder.revoked.load(SeqCst);
        let outcome = verifier.verify(&holder.token).await;
        match outcome {
            Ok(_) => {
                assert!(!was_revoked, "accepted after it had been taken back");
                accepted += 1;
            }
            Err(VerifyError::Revoked(_)) => assert!(holder.revoking.load(SeqCst), "nobody took it back"),
            Err(refused) => panic!("{refused}"),
        }
        tokio::task::yield_now().await;
    }
    accepted
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn v14_ten_thousand_tasks_verify_during_rotation_and_revocation() {
    let issuer = Issuer::start().await;
    let verifier = live(&issuer).await;
    let holders = (0..100).map(|n| Holder {
        token: issuer.token_with("sub", json!(format!("holder {n}"))),
        revoking: false.into(),
        revoked: false.into(),
    });
    let holders: Arc<Vec<_>> = Arc::new(holders.collect());
    let tasks: Vec<_> = (0..10_000)
        .map(|n| tokio::spawn(verify_in_turn(verifier.clone(), Arc::clone(&holders), n % 100)))
        .collect();
    // The tokens of all holders but one are revoked while keys come and go. The key of each token stays published.
    let mut extra: Option<SigningKey> = None;
    for (n, holder) in holders.iter().enumerate().skip(1) {
        if n % 10 == 0 {
            let key = SigningKey::generate(Algorithm::Es256).unwrap();
            issuer.replace(extra.replace(key.clone()).as_ref(), key);
            verifier.refresh().await.unwrap();
        }
        holder.revoking.store(true, SeqCst);
        issuer.revoke(RuleKind::Subject, &format!("holder {n}"));
        verifier.sync_revocations().await.unwrap();
        holder.revoked.store(true, SeqCst);
    }
    let mut accepted = 0;
    for task in tasks {
        accepted += task.await.unwrap();
    }
    assert!((4_000..400_000).contains(&accepted), "{accepted}: holder 0 alone is accepted 4,000 times");
    for (n, holder) in holders.iter().enumerate() {
        assert_eq!(verifier.verify(&holder.token).await.is_err(), n != 0, "{n}");
    }
}
