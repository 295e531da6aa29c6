//! Remembered answers.

use tessera_model::Consent;
use tessera_oauth::scope::ScopeSet;
use tessera_store::StoreError;
use tokio::task::JoinSet;

use super::bed::{Bed, patiently};
use super::sample::{at, client_id, plant, user_id};

pub async fn an_answer_is_remembered_beside_the_ones_before(bed: Bed) {
    plant(&bed, 1).await;
    let answer = |scope: &str, time| Consent {
        user_id: user_id(1),
        client_id: client_id(1),
        scope: scope.parse().unwrap(),
        granted_at: at(time),
    };
    let find = async || bed.read(|tx| async move { tx.consent(user_id(1), &client_id(1)).await }).await;
    assert_eq!(find().await, None);
    let steps =
        [("openid", "openid"), ("openid profile", "openid profile"), ("email", "openid profile email")];
    for (time, (given, remembered)) in (1..).zip(steps.into_iter().chain([("profile", steps[2].1)])) {
        let given = &answer(given, time);
        bed.write(|tx| async move { tx.allow(given).await }).await;
        assert_eq!(find().await, Some(answer(remembered, time)));
    }
    let stranger = &Consent { client_id: client_id(2), ..answer("openid", 1) };
    let refused = bed.store.write(|tx| async move { tx.allow(stranger).await }).await;
    assert_eq!(refused, Err(StoreError::Conflict));
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
            patiently(&store, |tx| async move { tx.allow(answer).await }).await
        });
    }
    assert!(answers.join_all().await.into_iter().all(|written| written == Ok(())));
    let remembered = bed.read(|tx| async move { tx.consent(user_id(1), &client_id(1)).await }).await.unwrap();
    assert!((0..16).all(|n| scope(n).is_subset(&remembered.scope)), "{remembered:?}");
}
