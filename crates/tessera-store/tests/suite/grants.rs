//! Grants: holders and stages, spending a code, ending.

use std::net::{IpAddr, Ipv4Addr};

use tessera_model::{
    Grant, GrantStage, Holder, PasswordHash, PendingCode, Refresh, RevokeReason, SecurityVersion, Timestamp,
};
use tessera_store::StoreError;

use super::bed::Bed;
use super::sample::{
    at, client, client_id, grant, grant_id, of_session, offline, plant, session_id, user_id,
};

/// Who redeems a code.
const IP: Option<IpAddr> = Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7)));

pub async fn find(bed: &Bed, number: u32) -> Option<Grant> {
    bed.read(|tx| async move { tx.grants().find(grant_id(number)).await }).await
}

async fn redeem(bed: &Bed, number: u32, now: Timestamp, refresh: Option<Refresh>) -> Option<Grant> {
    bed.write(|tx| async move { tx.grants().redeem_code(grant_id(number), (now, IP), refresh).await }).await
}

async fn fail(bed: &Bed, number: u32, now: Timestamp) -> Option<i64> {
    bed.write(|tx| async move { tx.grants().fail_code(grant_id(number), now).await }).await
}

/// A grant like [`grant`] that belongs to person, client and session 1.
pub fn of_one(number: u32, stage: GrantStage) -> Grant {
    Grant { client_id: client_id(1), holder: of_session(1, 1), stage, ..grant(number) }
}

pub async fn every_stage_reads_back(bed: Bed) {
    plant(&bed, 1).await;
    let bare = PendingCode {
        expires_at: at(70),
        redirect_uri: "com.example.app:/cb".to_owned(),
        code_challenge: None,
        failures: 2,
    };
    let parented = Refresh { leaf: 9, parent: Some(7), rotated_at: at(3), ..Refresh::first(at(1), at(4)) };
    let retried = Refresh { retried_at: Some(at(5)), ..parented };
    let elsewhere =
        Refresh { rotated_from: Some("2001:db8::".parse().unwrap()), elsewhere: 2, shadow_run: 3, ..retried };
    let mut stages = vec![
        GrantStage::Code(bare),
        GrantStage::Active(None),
        GrantStage::Active(Some(Refresh::first(at(1), at(2)))),
        GrantStage::Active(Some(parented)),
        GrantStage::Active(Some(retried)),
        GrantStage::Active(Some(elsewhere)),
    ];
    stages.extend(RevokeReason::ALL.map(|reason| GrantStage::Revoked { at: at(8), reason }));
    for (number, stage) in (2..).zip(stages) {
        let holder = if number % 2 == 0 { offline(1, Some(1)) } else { of_session(1, 1) };
        let one = &Grant { nonce: None, audiences: Vec::new(), holder, ..of_one(number, stage) };
        bed.write(|tx| async move { tx.grants().insert(one).await }).await;
        assert_eq!(find(&bed, number).await.as_ref(), Some(one));
    }
    assert_eq!(find(&bed, 99).await, None);
}

pub async fn a_code_is_spent_only_while_it_is_good(bed: Bed) {
    let planted = plant(&bed, 1).await;
    let refresh = Some(Refresh::first(at(30), at(500)));
    assert_eq!(redeem(&bed, 2, at(30), refresh).await, None, "no such grant");
    assert_eq!(redeem(&bed, 1, at(60), refresh).await, None, "at its end it has expired");
    assert_eq!(find(&bed, 1).await.as_ref(), Some(&planted), "a refusal changes nothing");
    let GrantStage::Code(code) = planted.stage.clone() else { panic!("a code") };
    let active = Grant { stage: GrantStage::Active(refresh), last_used_ip: IP, ..planted };
    assert_eq!(redeem(&bed, 1, at(59), refresh).await.as_ref(), Some(&active));
    assert_eq!(find(&bed, 1).await.as_ref(), Some(&active));
    assert_eq!(redeem(&bed, 1, at(59), refresh).await, None, "spent");
    let bound =
        async |number| bed.read(|tx| async move { tx.grants().find_code(grant_id(number)).await }).await;
    assert_eq!(bound(1).await, Some(code), "what it was bound to stays");
    assert_eq!(bound(2).await, None);

    let planted = plant(&bed, 2).await;
    let without = redeem(&bed, 2, at(59), None).await;
    assert_eq!(without, Some(Grant { stage: GrantStage::Active(None), last_used_ip: IP, ..planted }));

    let short = &Grant { expires_at: at(40), ..of_one(3, grant(3).stage) };
    bed.write(|tx| async move { tx.grants().insert(short).await }).await;
    assert_eq!(redeem(&bed, 3, at(40), None).await, None, "a grant past its end gives nothing");
}

pub async fn the_third_failure_burns_the_code(bed: Bed) {
    plant(&bed, 1).await;
    assert_eq!(fail(&bed, 1, at(20)).await, Some(1));
    assert_eq!(fail(&bed, 1, at(21)).await, Some(2));
    let GrantStage::Code(code) = find(&bed, 1).await.unwrap().stage else { panic!("still a code") };
    assert_eq!(code.failures, 2);
    assert_eq!(fail(&bed, 1, at(22)).await, Some(3));
    let burnt = GrantStage::Revoked { at: at(22), reason: RevokeReason::CodeBurnt };
    assert_eq!(find(&bed, 1).await.unwrap().stage, burnt);
    assert_eq!(fail(&bed, 1, at(23)).await, None);
    assert_eq!(redeem(&bed, 1, at(23), None).await, None);

    plant(&bed, 2).await;
    assert_eq!(fail(&bed, 2, at(20)).await, Some(1));
    assert!(redeem(&bed, 2, at(21), None).await.is_some(), "a failed exchange consumes nothing");
    assert_eq!(fail(&bed, 2, at(22)).await, None, "used codes have no failures to count");
}

pub async fn i04_a_revoked_grant_stays_revoked(bed: Bed) {
    for (number, redeemed) in [(1, false), (2, true)] {
        plant(&bed, number).await;
        if redeemed {
            redeem(&bed, number, at(20), Some(Refresh::first(at(20), at(500)))).await.unwrap();
        }
        let revoke = async |reason, now| {
            bed.write(|tx| async move { tx.grants().revoke(grant_id(number), reason, now).await }).await
        };
        assert!(revoke(RevokeReason::Replay, at(30)).await);
        assert!(!revoke(RevokeReason::Client, at(31)).await);
        assert_eq!(redeem(&bed, number, at(20), None).await, None);
        assert_eq!(fail(&bed, number, at(20)).await, None);
        let stage = find(&bed, number).await.unwrap().stage;
        assert_eq!(stage, GrantStage::Revoked { at: at(30), reason: RevokeReason::Replay });
    }
    assert!(
        !bed.write(|tx| async move { tx.grants().revoke(grant_id(9), RevokeReason::Client, at(1)).await })
            .await
    );
}

pub async fn grants_end_with_the_generation_of_their_person(bed: Bed) {
    plant(&bed, 1).await;
    let of = |number| Grant { holder: offline(1, None), ..of_one(number, GrantStage::Active(None)) };
    let unknown = &Grant { security_version: None, ..of(4) };
    for grant in [&of(2), &of(3), unknown] {
        bed.write(|tx| async move { tx.grants().insert(grant).await }).await;
    }
    let accesses = async || {
        bed.read(|tx| async move { tx.consents().accesses_of_user(user_id(1), at(20)).await }).await.len()
    };
    assert_eq!(accesses().await, 1);
    let now = at(40);
    bed.write(|tx| async move {
        assert!(tx.grants().revoke(grant_id(2), RevokeReason::Client, at(30)).await?);
        assert!(tx.users().set_password(user_id(1), &PasswordHash::new("new".to_owned()), now).await?);
        assert_eq!(tx.grants().revoke_without_generation(user_id(1), now).await?, 1);
        assert!(!tx.grants().revoke(grant_id(3), RevokeReason::Client, now).await?, "it had ended");
        let next = &Grant { security_version: Some(SecurityVersion(2)), ..of(5) };
        tx.grants().insert(next).await?;
        assert!(tx.grants().revoke(grant_id(5), RevokeReason::Client, now).await?, "it had not");
        Ok(())
    })
    .await;
    assert_eq!(accesses().await, 0);
    let stage = async |number| find(&bed, number).await.unwrap().stage;
    assert_eq!(stage(2).await, GrantStage::Revoked { at: at(30), reason: RevokeReason::Client });
    assert_eq!(stage(3).await, GrantStage::Active(None), "no row of a known generation changes");
    assert_eq!(stage(4).await, GrantStage::Revoked { at: now, reason: RevokeReason::Administrator });
}

pub async fn o13_an_offline_grant_outlives_its_session_and_no_code_does(bed: Bed) {
    plant(&bed, 1).await;
    let active = GrantStage::Active(Some(Refresh::first(at(1), at(100_000))));
    let code = grant(1).stage;
    let (ends, stays) = (of_session(1, 1), offline(1, Some(1)));
    let rows = [(2, &ends, &code), (3, &stays, &code), (4, &ends, &active), (5, &stays, &active)];
    for (number, holder, stage) in rows {
        let one = &Grant { holder: holder.clone(), ..of_one(number, stage.clone()) };
        bed.write(|tx| async move { tx.grants().insert(one).await }).await;
    }
    let sweep = async || bed.write(|tx| async move { tx.grants().purge_of_ended_sessions(500).await }).await;
    assert_eq!(sweep().await, 0, "the session lives");
    assert!(bed.write(|tx| async move { tx.sessions().end(session_id(1), at(40)).await }).await);
    // Before anybody removes them, they are dead.
    let revoke = async |number| {
        let reason = RevokeReason::Client;
        bed.write(|tx| async move { tx.grants().revoke(grant_id(number), reason, at(41)).await }).await
    };
    for number in 1..=4 {
        assert!(!revoke(number).await, "{number}: it has ended already");
        assert_eq!(fail(&bed, number, at(20)).await, None, "{number}: there is no code to burn");
    }
    let code_too_late = &of_one(6, code);
    let refused = bed.store.write(|tx| async move { tx.grants().insert(code_too_late).await }).await;
    assert_eq!(refused, Err(StoreError::Conflict), "no code for an ended session");
    assert!(sweep().await > 0);
    assert_eq!(sweep().await, 0);
    for number in 1..=4 {
        assert_eq!(find(&bed, number).await, None, "{number}");
    }
    assert_eq!(find(&bed, 5).await.unwrap().stage, active);
    assert!(revoke(5).await, "it outlives its session");
}

/// Codes that wait to be exchanged are bounded for each session and client: the oldest goes.
pub async fn i08_a_session_and_client_have_at_most_sixteen_codes_waiting(bed: Bed) {
    plant(&bed, 1).await;
    plant(&bed, 2).await;
    let other = &client(3);
    bed.write(|tx| async move { tx.clients().insert(other).await.map(drop) }).await;
    let issue = async |number, client| {
        let one = &Grant { client_id: client_id(client), ..of_one(number, grant(1).stage) };
        bed.write(|tx| async move { tx.grants().insert(one).await }).await;
    };
    issue(30, 3).await;
    for number in 10..25 {
        issue(number, 1).await;
    }
    assert!(find(&bed, 1).await.is_some(), "with that of the plant, sixteen");
    // A code that was exchanged takes up no room.
    assert!(redeem(&bed, 12, at(20), None).await.is_some());
    issue(25, 1).await;
    assert!(find(&bed, 1).await.is_some());
    for (number, gone) in [(26, 1), (27, 10), (28, 11), (29, 13)] {
        assert!(find(&bed, gone).await.is_some(), "{gone}");
        issue(number, 1).await;
        assert_eq!(find(&bed, gone).await, None, "{gone}: the oldest");
    }
    for stays in [2, 12, 14, 29, 30] {
        assert!(find(&bed, stays).await.is_some(), "{stays}");
    }
}

pub async fn the_only_client_of_a_session_is_found(bed: Bed) {
    plant(&bed, 1).await;
    let other = &client(2);
    bed.write(|tx| async move { tx.clients().insert(other).await.map(drop) }).await;
    let only = async |number| {
        bed.read(|tx| async move { tx.grants().only_client_of_session(session_id(number)).await }).await
    };
    assert_eq!((only(1).await, only(9).await), (Some(client_id(1)), None));
    let more = &of_one(2, GrantStage::Active(None));
    let others = &Grant { client_id: client_id(2), ..of_one(3, GrantStage::Active(None)) };
    bed.write(|tx| async move { tx.grants().insert(more).await }).await;
    assert_eq!(only(1).await, Some(client_id(1)));
    bed.write(|tx| async move { tx.grants().insert(others).await }).await;
    assert_eq!(only(1).await, None, "two");
}

pub async fn a_grant_needs_its_person_client_and_session(bed: Bed) {
    plant(&bed, 1).await;
    let one = of_one(2, GrantStage::Active(None));
    let strangers = [
        Grant { holder: of_session(2, 1), ..one.clone() },
        Grant { client_id: client_id(2), ..one.clone() },
        Grant { holder: of_session(1, 2), ..one.clone() },
        Grant { holder: offline(2, None), ..one.clone() },
        Grant { holder: offline(1, Some(2)), ..one.clone() },
        Grant { id: grant_id(1), ..one.clone() },
    ];
    for stranger in &strangers {
        let answer = bed.store.write(|tx| async move { tx.grants().insert(stranger).await }).await;
        assert_eq!(answer, Err(StoreError::Conflict));
    }
    bed.store
        .write(|tx| async move { tx.grants().insert(&of_one(2, GrantStage::Active(None))).await })
        .await
        .unwrap();
}

pub async fn grants_without_a_session_or_a_person_read_back_and_end(bed: Bed) {
    plant(&bed, 1).await;
    let refresh = Some(Refresh::first(at(1), at(500)));
    let of = |number, holder, stage| Grant { holder, ..of_one(number, stage) };
    let good = [
        of(2, Holder::Machine, GrantStage::Active(None)),
        of(3, Holder::Machine, GrantStage::Revoked { at: at(8), reason: RevokeReason::Client }),
        of(4, offline(1, None), GrantStage::Active(None)),
        of(5, offline(1, None), GrantStage::Active(refresh)),
    ];
    for one in &good {
        bed.write(|tx| async move { tx.grants().insert(one).await }).await;
        let found = bed.read(|tx| async move { tx.grants().find(one.id).await }).await;
        assert_eq!(found.as_ref(), Some(one));
    }
    for holder in [Holder::Machine, offline(1, None)] {
        let code = &of(6, holder, grant(6).stage);
        let answer = bed.store.write(|tx| async move { tx.grants().insert(code).await }).await;
        assert_eq!(answer, Err(StoreError::Conflict), "a code comes from a browser: {code:?}");
    }
    for number in [1, 2, 4, 5] {
        let why = RevokeReason::Client;
        assert!(bed.write(|tx| async move { tx.grants().revoke(grant_id(number), why, at(9)).await }).await);
    }
}

/// What the model cannot say, the tables do not hold either.
pub async fn the_columns_of_a_grant_fit_its_holder_and_stage(bed: Bed) {
    plant(&bed, 1).await;
    plant(&bed, 2).await;
    redeem(&bed, 2, at(20), Some(Refresh::first(at(20), at(500)))).await.unwrap();
    plant(&bed, 3).await;
    redeem(&bed, 3, at(20), None).await.unwrap();
    for (number, wrong) in [
        (1, "holder = 'nobody'"),
        (1, "holder = 'machine'"),
        (1, "user_id = NULL"),
        (1, "session_id = NULL"),
        (1, "holder = 'offline', session_id = NULL"),
        (1, "proofs = NULL"),
        (1, "stage = 'new'"),
        (1, "code_expires_at = NULL"),
        (1, "redirect_uri = NULL"),
        (1, "code_expires_at = NULL, redirect_uri = NULL"),
        (1, "refresh_leaf = 1, refresh_rotated_at = 1, refresh_idle_expires_at = 1"),
        (1, "revoked_at = 1"),
        (1, "stage = 'revoked', revoked_at = 1"),
        (2, "session_id = NULL"),
        (2, "code_expires_at = NULL, redirect_uri = NULL"),
        (2, "refresh_leaf = NULL"),
        (2, "refresh_idle_expires_at = NULL"),
        (2, "refresh_parent = 1"),
        (2, "refresh_retried_at = 1"),
        (3, "refresh_parent = 0"),
        (3, "refresh_rotated_from = '192.0.2.1'"),
        (3, "refresh_elsewhere = 1"),
        (3, "refresh_shadow_run = 1"),
    ] {
        let sql = format!("UPDATE grants SET {wrong} WHERE id = {}", bed.blob(grant_id(number).as_bytes()));
        let refused = bed.try_execute(&sql);
        let by_a_check = refused.as_ref().is_err_and(|why| why.to_lowercase().contains("check constraint"));
        assert!(by_a_check, "{number}: {wrong}: {refused:?}");
    }
}
