//! Of many simultaneous writes exactly one succeeds (invariants I1, I4, I5, I10).

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tessera_model::{
    Authenticator, GrantStage, JobLease, KeyState, Refresh, RefreshUse, RevocationKind, RevocationRule,
    Throttle, UserStatus,
};
use tessera_store::{Store, StoreError, Tx};
use tokio::task::JoinSet;

use super::authenticators::{authenticator, login, totp};
use super::bed::{Bed, patiently};
use super::fobs::{fob, hotp};
use super::jobs::claim;
use super::outbox::waiting;
use super::sample::{RETRY, at, digest, grant, grant_id, key, plant, user, user_id};
use super::spent::BADGE;

const RACERS: usize = 64;
const ROUNDS: u32 = 1_000;

/// Runs the same write in 64 tasks at once. Returns their results.
async fn race<T, Fut>(bed: &Bed, write: impl Fn(Tx) -> Fut + Clone + Send + Sync + 'static) -> Vec<T>
where
    T: Send + 'static,
    Fut: Future<Output = Result<T, StoreError>> + Send,
{
    race_at(&[&bed.store], write).await
}

/// [`race`] with the tasks spread over these stores.
async fn race_at<T, Fut>(
    stores: &[&Store],
    write: impl Fn(Tx) -> Fut + Clone + Send + Sync + 'static,
) -> Vec<T>
where
    T: Send + 'static,
    Fut: Future<Output = Result<T, StoreError>> + Send,
{
    let mut racers = JoinSet::new();
    for store in stores.iter().cycle().take(RACERS) {
        let (store, write) = (Store::clone(store), write.clone());
        racers.spawn(async move { patiently(&store, write).await.unwrap() });
    }
    racers.join_all().await
}

fn winners<T>(answers: &[Option<T>]) -> usize {
    answers.iter().filter(|answer| answer.is_some()).count()
}

/// Grants 2, 3, …, beside the first one that exists.
async fn another_grant(bed: &Bed, number: u32) {
    let first = grant(1);
    let one = &tessera_model::Grant { id: grant_id(number), ..first };
    bed.write(|tx| async move { tx.grants().insert(one).await }).await;
}

pub async fn i01_o10_one_of_64_racers_redeems_a_code(bed: Bed) {
    one_redeems(&bed, &[&bed.store], ROUNDS).await;
}

/// Two stores are two instances of the issuer.
pub async fn i01_o10_one_of_64_racers_at_two_stores_redeems_a_code(bed: Bed) {
    one_redeems(&bed, &[&bed.store, &bed.reopen().await], ROUNDS / 2).await;
}

async fn one_redeems(bed: &Bed, stores: &[&Store], rounds: u32) {
    plant(bed, 1).await;
    for round in 2..2 + rounds {
        another_grant(bed, round).await;
        let refresh = Some(Refresh::first(at(20), at(500)));
        let redeem = move |tx: Tx| async move {
            tx.grants().redeem_code(grant_id(round), (at(20), None), refresh).await
        };
        assert_eq!(winners(&race_at(stores, redeem).await), 1, "round {round}");
    }
}

pub async fn i01_o24_one_of_64_racers_rotates_a_refresh_token(bed: Bed) {
    plant(&bed, 1).await;
    let refresh = Some(Refresh::first(at(20), at(100_000)));
    bed.write(|tx| async move { tx.grants().redeem_code(grant_id(1), (at(20), None), refresh).await })
        .await
        .unwrap();
    for number in 1..=i64::from(ROUNDS) {
        let answers = race(&bed, move |tx| async move {
            tx.grants().rotate_refresh(grant_id(1), &used(number, Duration::ZERO)).await
        })
        .await;
        assert_eq!(winners(&answers), 1, "round {number}");
    }
    assert_eq!(leaf(&bed).await, i64::from(ROUNDS) + 1);
}

/// With a retry window every task succeeds, and all get the same leaf.
pub async fn i10_o24_racers_with_retry_get_one_and_the_same_leaf(bed: Bed) {
    all_get_the_same_leaf(&bed, &[&bed.store]).await;
}

/// Two stores are two instances of the issuer.
pub async fn i10_o24_racers_with_retry_at_two_stores_get_one_and_the_same_leaf(bed: Bed) {
    all_get_the_same_leaf(&bed, &[&bed.store, &bed.reopen().await]).await;
}

async fn all_get_the_same_leaf(bed: &Bed, stores: &[&Store]) {
    plant(bed, 1).await;
    let refresh = Some(Refresh::first(at(20), at(100_000)));
    bed.write(|tx| async move { tx.grants().redeem_code(grant_id(1), (at(20), None), refresh).await })
        .await
        .unwrap();
    for number in 1..=50 {
        let write =
            move |tx: Tx| async move { tx.grants().rotate_refresh(grant_id(1), &used(number, RETRY)).await };
        let answers = race_at(stores, write).await;
        let got: Vec<_> = answers.iter().flatten().filter_map(|grant| rotation(&grant.stage)).collect();
        assert_eq!(got.len(), RACERS, "{got:?}");
        assert!(got.iter().all(|one| one.leaf == number + 1), "{got:?}");
        assert_eq!(got.iter().filter(|one| !one.is_retry()).count(), 1, "one rotates: {got:?}");
    }
    for dead in [1, 49] {
        let again =
            bed.write(|tx| async move { tx.grants().rotate_refresh(grant_id(1), &used(dead, RETRY)).await });
        assert_eq!(again.await, None, "{dead}");
    }
    assert_eq!(leaf(bed).await, 51);
}

/// Of all simultaneous retries from another address, exactly one completes the run.
pub async fn one_of_64_racers_from_elsewhere_completes_a_shadow_run(bed: Bed) {
    plant(&bed, 1).await;
    let refresh = Some(Refresh::first(at(20), at(100_000)));
    bed.write(|tx| async move { tx.grants().redeem_code(grant_id(1), (at(20), None), refresh).await })
        .await
        .unwrap();
    let from = |last: u8| Some(std::net::IpAddr::from([10, 0, 0, last]));
    for number in 1..=6 {
        let owner = &RefreshUse { from: from(1), ..used(number, RETRY) };
        bed.write(|tx| async move { tx.grants().rotate_refresh(grant_id(1), owner).await }).await.unwrap();
        let thief = RefreshUse { from: from(2), ..*owner };
        let answers =
            race(&bed, move |tx| async move { tx.grants().rotate_refresh(grant_id(1), &thief).await }).await;
        let got: Vec<_> = answers.iter().flatten().filter_map(|grant| rotation(&grant.stage)).collect();
        let alarms = got.iter().filter(|one| one.is_shadowed(thief.from)).count();
        assert_eq!((got.len(), alarms), (RACERS, usize::from(number % 3 == 0)), "rotation {number}: {got:?}");
    }
}

fn used(number: i64, retry: Duration) -> RefreshUse {
    RefreshUse { number, now: at(30), from: None, ip: None, retry, idle_expires_at: at(100_000) }
}

const fn rotation(stage: &GrantStage) -> Option<Refresh> {
    match stage {
        GrantStage::Active(refresh) => *refresh,
        GrantStage::Code(_) | GrantStage::Revoked { .. } => None,
    }
}

async fn leaf(bed: &Bed) -> i64 {
    let grant = bed.read(|tx| async move { tx.grants().find(grant_id(1)).await }).await.unwrap();
    rotation(&grant.stage).map_or(0, |refresh| refresh.leaf)
}

pub async fn one_of_64_racers_writes_a_rule(bed: Bed) {
    for number in 1..=20 {
        let rule = RevocationRule {
            kind: RevocationKind::Token,
            id: digest(number),
            issued_before: at(10),
            expires_at: at(100),
            subject: None,
            client: None,
        };
        let answers = race(&bed, move |tx| {
            let rule = rule.clone();
            async move { tx.revocations().append_once(&rule).await }
        });
        assert_eq!(answers.await.into_iter().filter(|written| *written).count(), 1);
        let last = bed.read(|tx| async move { tx.revocations().last().await }).await;
        assert_eq!(last, i64::from(number), "one number for one rule");
    }
}

pub async fn i05_one_of_64_racers_begins_an_attempt(bed: Bed) {
    for round in 0..50 {
        let answers = race(&bed, move |tx| async move {
            tx.throttles().begin(&digest(round), &digest(round), Throttle::MOST_PASSWORDS, at(1)).await
        })
        .await;
        assert_eq!(winners(&answers), 1, "round {round}");
    }
}

pub async fn i04_lock_and_disable_end_disabled(bed: Bed) {
    for number in 0..20 {
        bed.write(|tx| async move { tx.users().insert(&user(number)).await }).await;
        let turn = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
        let answers = race(&bed, move |tx| {
            let turn = turn.fetch_add(1, Ordering::Relaxed);
            async move {
                match turn % 3 {
                    0 => tx.users().lock(user_id(number), at(2)).await.map(|_| None),
                    1 => tx.users().unlock(user_id(number), at(3)).await.map(|_| None),
                    _ => tx.users().disable(user_id(number), at(4)).await.map(|won| won.then_some(())),
                }
            }
        })
        .await;
        assert_eq!(winners(&answers), 1, "closed once");
        let after = bed.read(|tx| async move { tx.users().find(user_id(number)).await }).await.unwrap();
        assert_eq!(after.status, UserStatus::Disabled { at: at(4) });
    }
}

pub async fn f04_one_of_64_racers_activates_a_key(bed: Bed) {
    static SEEN_TWO: AtomicBool = AtomicBool::new(false);
    let (old, new) = (&key(1, KeyState::Active), &key(2, KeyState::Next));
    bed.write(|tx| async move { Ok(tx.keys().insert(old).await? && tx.keys().insert(new).await?) }).await;
    let (old, new) = (old.id, new.id);
    let answers = race(&bed, move |tx| async move {
        tx.keys().retire(old, at(5)).await?;
        let activated = tx.keys().activate(new, at(5)).await?;
        let active = tx.keys().list().await?.iter().filter(|key| key.state == KeyState::Active).count();
        SEEN_TWO.fetch_or(active != 1, Ordering::Relaxed);
        Ok(activated.then_some(()))
    })
    .await;
    assert_eq!(winners(&answers), 1);
    assert!(!SEEN_TWO.load(Ordering::Relaxed));
}

pub async fn i01_one_of_64_racers_spends_a_thing(bed: Bed) {
    one_spends(&bed, &[&bed.store]).await;
}

/// Two stores are two instances of the issuer.
pub async fn i01_one_of_64_racers_at_two_stores_spends_a_thing(bed: Bed) {
    one_spends(&bed, &[&bed.store, &bed.reopen().await]).await;
}

async fn one_spends(bed: &Bed, stores: &[&Store]) {
    for round in 0..100 {
        let spend = move |tx: Tx| async move { tx.spent().spend(BADGE, &digest(round), at(60)).await };
        let answers = race_at(stores, spend).await;
        assert_eq!(answers.iter().filter(|won| **won).count(), 1, "round {round}");
    }
    let again = bed.write(|tx| async move { tx.spent().spend(BADGE, &digest(0), at(60)).await });
    assert!(!again.await, "the winner has committed");
}

pub async fn i01_one_of_64_racers_at_two_stores_makes_an_attempt(bed: Bed) {
    let stores = [&bed.store, &bed.reopen().await];
    let message = &waiting(1, 0);
    bed.write(|tx| async move { tx.outbox().insert(message).await }).await;
    for made in 0..50 {
        let id = message.id;
        let attempt = move |tx: Tx| async move { tx.outbox().attempt(id, made, at(60)).await };
        let answers = race_at(&stores, attempt).await;
        assert_eq!(answers.iter().filter(|won| **won).count(), 1, "attempt {made}");
    }
}

pub async fn one_of_64_racers_claims_a_job(bed: Bed) {
    let turn = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    for round in 0..50 {
        let now = at(round * 3_600);
        let turn = std::sync::Arc::clone(&turn);
        let answers = race(&bed, move |tx| {
            let holder = format!("racer {}", turn.fetch_add(1, Ordering::Relaxed));
            async move { tx.jobs().claim(&claim("test", &holder, now)).await }
        })
        .await;
        assert_eq!(winners(&answers), 1, "round {round}: {answers:?}");
        let holder = answers.into_iter().flatten().find_map(|record| record.lease).unwrap().holder;
        let end = super::jobs::good(now, at((round + 1) * 3_600));
        let (holder, end) = (&holder, &end);
        assert!(bed.write(|tx| async move { tx.jobs().finish("test", holder, end).await }).await);
    }
}

/// The holder of each round dies. After its lease one of the others gets the job, and the dead one gets nothing any more.
pub async fn one_of_64_racers_at_two_stores_takes_a_job_over(bed: Bed) {
    let other = bed.reopen().await;
    let turn = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let mut dead: Option<JobLease> = None;
    for round in 0..20 {
        let now = at(round * 71);
        let turn = std::sync::Arc::clone(&turn);
        let answers = race_at(&[&bed.store, &other], move |tx: Tx| {
            let holder = format!("racer {}", turn.fetch_add(1, Ordering::Relaxed));
            async move { tx.jobs().claim(&claim("test", &holder, now)).await }
        })
        .await;
        assert_eq!(winners(&answers), 1, "round {round}: {answers:?}");
        if let Some(dead) = &dead {
            assert!(!bed.write(|tx| async move { tx.jobs().extend("test", dead, 1).await }).await);
        }
        dead = answers.into_iter().flatten().find_map(|record| record.lease);
    }
}

pub async fn i01_one_of_64_racers_uses_a_code_a_recovery_code_and_a_step(bed: Bed) {
    let one = authenticator(1, 1, totp());
    let stored = &one;
    bed.write(|tx| async move {
        tx.users().insert(&user(1)).await?;
        tx.authenticators().insert(stored).await
    })
    .await;
    for round in 1..=20 {
        let under_way = &login(round);
        bed.write(|tx| async move {
            tx.recovery_codes().replace(user_id(1), &[digest(round)], at(1)).await?;
            tx.logins().insert(under_way).await
        })
        .await;
        let (counter, key, id) = (10 + i64::from(round), one.id, under_way.id);
        let answers = race(&bed, move |tx| async move {
            let spent = tx.recovery_codes().spend(user_id(1), &digest(round)).await?;
            let advanced = tx.authenticators().record_use(key, counter, at(2)).await?;
            Ok([spent, advanced, tx.logins().finish(id, 1).await?])
        })
        .await;
        let of = |place: usize| answers.iter().filter(|answer| answer[place]).count();
        assert_eq!([of(0), of(1), of(2)], [1, 1, 1], "round {round}");
    }
}

pub async fn i01_one_of_64_racers_uses_a_code_of_a_fob_and_one_gets_it(bed: Bed) {
    let (fob, one) = (fob(1, "A-1", None), Authenticator { counter: 0, ..authenticator(1, 1, hotp()) });
    let (in_stock, stored) = (&fob, &one);
    bed.write(|tx| async move {
        tx.users().insert(&user(1)).await?;
        tx.fobs().insert(in_stock).await?;
        tx.authenticators().insert(stored).await
    })
    .await;
    let (id, authenticator) = (fob.id, one.id);
    let got =
        race(&bed, move |tx| async move { tx.fobs().assign(id, user_id(1), authenticator).await }).await;
    assert_eq!(got.iter().filter(|got| **got).count(), 1);
    // The first code of a fresh fob is that of counter 0: one code is used up then.
    for counter in 1..=20 {
        let used = Authenticator { counter, ..one.clone() };
        let answers = race(&bed, move |tx| {
            let used = used.clone();
            async move { tx.authenticators().record_code(&used, at(2)).await }
        })
        .await;
        assert_eq!(answers.iter().filter(|counted| **counted).count(), 1, "{counter}");
        let fobs = bed.read(|tx| async move { tx.fobs().of_user(user_id(1)).await }).await;
        assert_eq!(fobs[0].counter, counter);
    }
}
