//! Rows that are removed or purged, in steps.

use tessera_model::{Consent, Grant, GrantStage, Session};

use super::bed::Bed;
use super::grants::{find, of_one};
use super::sample::{at, client, client_id, grant, of_session, plant, session, session_id, user, user_id};

pub async fn what_a_person_or_client_holds_is_removed_in_steps(bed: Bed) {
    for number in 1..=4 {
        plant(&bed, number).await;
    }
    for number in 11..=14 {
        let grant = &of_one(number, GrantStage::Active(None));
        bed.write(|tx| async move { tx.grants().insert(grant).await }).await;
    }
    let consent = |user| Consent {
        user_id: user_id(user),
        client_id: client_id(1),
        scope: "openid".parse().unwrap(),
        granted_at: at(1),
    };
    for user in 1..=3 {
        let consent = &consent(user);
        bed.write(|tx| async move { tx.consents().allow(consent).await }).await;
    }
    let removed = bed.write(|tx| async move {
        let mut steps = Vec::new();
        for _ in 0..2 {
            steps.push(tx.grants().remove_of_user(user_id(1), 2).await?);
        }
        for _ in 0..2 {
            steps.push(tx.grants().remove_of_client(&client_id(1), 2).await?);
        }
        for _ in 0..2 {
            steps.push(tx.consents().remove_of_client(&client_id(1), 2).await?);
        }
        Ok(steps)
    });
    assert_eq!(removed.await, [false, false, true, true, false, true]);
    assert!(find(&bed, 2).await.is_some(), "others keep theirs");
}

pub async fn grants_of_ended_sessions_are_removed_a_few_hundred_at_a_time(bed: Bed) {
    plant(&bed, 1).await;
    plant(&bed, 2).await;
    bed.write(|tx| async move {
        for number in 10..1_210 {
            tx.grants().insert(&of_one(number, GrantStage::Active(None))).await?;
        }
        tx.sessions().end(session_id(1), at(40)).await.map(drop)
    })
    .await;
    let mut steps = Vec::new();
    loop {
        let step = bed.write(|tx| async move { tx.grants().purge_of_ended_sessions(500).await }).await;
        if step == 0 {
            break;
        }
        steps.push(step);
    }
    // 1,200 grants and a code, and one step for the session.
    assert_eq!(steps.iter().sum::<u64>(), 1_202, "{steps:?}");
    assert!(steps.len() >= 3 && steps.iter().all(|step| *step <= 501), "{steps:?}");
    assert!(find(&bed, 2).await.is_some(), "another session's");
}

pub async fn expired_rows_are_purged_and_living_ones_stay(bed: Bed) {
    plant(&bed, 1).await; // session until 10,000, grant until 100,000
    bed.write(|tx| async move {
        assert!(tx.users().insert(&user(2)).await?);
        assert!(tx.clients().insert(&client(2)).await?);
        tx.sessions().insert(&session(2)).await?; // without a grant
        let (user_id, expires_at) = (user_id(2), at(20_000));
        tx.sessions().insert(&Session { user_id, expires_at, ..session(3) }).await?;
        let short = Grant { expires_at: at(50), ..grant(3) };
        tx.grants().insert(&Grant { holder: of_session(2, 3), client_id: client_id(2), ..short }).await
    })
    .await;
    let purge = async |now| {
        bed.write(|tx| async move {
            Ok(tx.grants().purge(at(now), 500).await? + tx.sessions().purge(at(now), 500).await?)
        })
        .await
    };
    assert_eq!(purge(49).await, 0);
    assert_eq!(purge(50).await, 1, "the short grant");
    assert_eq!(purge(10_000).await, 1, "the session without a grant");
    bed.read(|tx| async move {
        assert!(tx.sessions().find(session_id(1)).await?.is_some(), "its grant lives on");
        assert!(tx.sessions().find(session_id(2)).await?.is_none());
        assert!(tx.sessions().find(session_id(3)).await?.is_some());
        Ok(())
    })
    .await;
    assert_eq!(purge(100_000).await, 3, "a grant and two sessions");
    assert_eq!(purge(1_000_000).await, 0);
}
