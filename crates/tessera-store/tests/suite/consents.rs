//! Remembered consents.

use tessera_model::{Consent, Grant, GrantStage, Refresh, RevokeReason};
use tessera_oauth::scope::ScopeSet;
use tessera_store::{Access, StoreError};
use tokio::task::JoinSet;

use super::bed::{Bed, patiently};
use super::sample::{at, client, client_id, grant, of_session, plant, session_id, user_id};

pub async fn an_answer_is_remembered_beside_the_ones_before(bed: Bed) {
    plant(&bed, 1).await;
    let answer = |scope: &str, time| Consent {
        user_id: user_id(1),
        client_id: client_id(1),
        scope: scope.parse().unwrap(),
        granted_at: at(time),
    };
    let find =
        async || bed.read(|tx| async move { tx.consents().find(user_id(1), &client_id(1)).await }).await;
    assert_eq!(find().await, None);
    let steps =
        [("openid", "openid"), ("openid profile", "openid profile"), ("email", "openid profile email")];
    for (time, (given, remembered)) in (1..).zip(steps.into_iter().chain([("profile", steps[2].1)])) {
        let given = &answer(given, time);
        bed.write(|tx| async move { tx.consents().allow(given).await }).await;
        assert_eq!(find().await, Some(answer(remembered, time)));
    }
    let stranger = &Consent { client_id: client_id(2), ..answer("openid", 1) };
    let refused = bed.store.write(|tx| async move { tx.consents().allow(stranger).await }).await;
    assert_eq!(refused, Err(StoreError::Conflict));
}

pub async fn a_person_sees_who_has_access_and_since_when(bed: Bed) {
    plant(&bed, 1).await;
    plant(&bed, 9).await;
    for number in 2..=5 {
        let client = &client(number);
        bed.write(|tx| async move { tx.clients().insert(client).await.map(drop) }).await;
    }
    let active = |idle| GrantStage::Active(Some(Refresh::first(at(1), at(idle))));
    let ended = GrantStage::Revoked { at: at(50), reason: RevokeReason::SessionEnded };
    let of_one = |number, client, stage, created| Grant {
        client_id: client_id(client),
        holder: of_session(1, 1),
        stage,
        created_at: at(created),
        ..grant(number)
    };
    let grants = [
        of_one(20, 2, active(900), 30),
        of_one(21, 2, active(900), 20),
        of_one(22, 3, active(99), 20),
        of_one(23, 4, ended, 20),
        Grant { expires_at: at(100), ..of_one(24, 4, active(900), 20) },
        of_one(25, 5, GrantStage::Active(None), 40),
        Grant { holder: of_session(9, 9), ..of_one(26, 3, active(900), 20) },
    ];
    for grant in &grants {
        bed.write(|tx| async move { tx.grants().insert(grant).await }).await;
    }
    let consent = |client, time| Consent {
        user_id: user_id(1),
        client_id: client_id(client),
        scope: "openid".parse().unwrap(),
        granted_at: at(time),
    };
    for answer in [&consent(2, 10), &consent(3, 60)] {
        bed.write(|tx| async move { tx.consents().allow(answer).await }).await;
    }
    let accesses = async || {
        bed.read(|tx| async move { tx.consents().accesses_of_user(user_id(1), at(100)).await }).await
    };
    let access = |client, time| Access { client_id: client_id(client), since: at(time) };
    // An unused code gives no access yet. An expired, idle or ended grant gives none any more, unless the consent is remembered.
    assert_eq!(accesses().await, [access(2, 10), access(3, 60), access(5, 40)]);
    bed.write(|tx| async move { tx.sessions().end(session_id(1), at(90)).await.map(drop) }).await;
    assert_eq!(accesses().await, [access(2, 10), access(3, 60)], "no grant outlives its session");
}

pub async fn of_answers_at_the_same_moment_none_is_lost(bed: Bed) {
    plant(&bed, 1).await;
    let scope = |n: u64| format!("scope{n}").parse::<ScopeSet>().unwrap();
    let mut answers = JoinSet::new();
    for n in 0..16 {
        let store = bed.store.clone();
        let (user_id, client_id) = (user_id(1), client_id(1));
        let answer = Consent { user_id, client_id, scope: scope(n), granted_at: at(1) };
        answers.spawn(async move {
            let answer = &answer;
            patiently(&store, |tx| async move { tx.consents().allow(answer).await }).await
        });
    }
    assert!(answers.join_all().await.into_iter().all(|written| written == Ok(())));
    let remembered =
        bed.read(|tx| async move { tx.consents().find(user_id(1), &client_id(1)).await }).await.unwrap();
    assert!((0..16).all(|n| scope(n).is_subset(&remembered.scope)), "{remembered:?}");
}
