//! Single sign-on sessions.

use tessera_model::{Session, Timestamp};
use tessera_store::StoreError;

use super::bed::Bed;
use super::sample::{at, digest, session, session_id, user, user_id};

async fn find(bed: &Bed, number: u32) -> Option<Session> {
    bed.read(|tx| async move { tx.sessions().find(session_id(number)).await }).await
}

async fn insert(bed: &Bed, session: &Session) -> Result<(), StoreError> {
    bed.store.write(|tx| async move { tx.sessions().insert(session).await }).await
}

pub async fn a_session_reads_back(bed: Bed) {
    bed.write(|tx| async move { tx.users().insert(&user(1)).await }).await;
    let bare = Session { user_agent: None, ip: None, user_id: user_id(1), created_at: at(6), ..session(2) };
    for (number, one) in (1..).zip([&session(1), &bare]) {
        insert(&bed, one).await.unwrap();
        assert_eq!(find(&bed, number).await.as_ref(), Some(one));
        let by_cookie =
            bed.read(|tx| async move { tx.sessions().find_by_secret(&digest(number)).await }).await;
        assert_eq!(by_cookie.as_ref(), Some(one));
    }
    assert_eq!(bed.read(|tx| async move { tx.sessions().find_by_secret(&digest(3)).await }).await, None);
    let listed = bed.read(|tx| async move { tx.sessions().list_of_user(user_id(1)).await }).await;
    assert_eq!(listed, [bare, session(1)], "newest first");
    assert_eq!(insert(&bed, &session(1)).await, Err(StoreError::Conflict), "there already");
    assert_eq!(insert(&bed, &session(3)).await, Err(StoreError::Conflict), "no such person");
}

pub async fn i04_an_ended_session_stays_ended(bed: Bed) {
    bed.write(|tx| async move { tx.users().insert(&user(1)).await }).await;
    insert(&bed, &session(1)).await.unwrap();
    let end =
        async |now| bed.write(|tx| async move { tx.sessions().end(session_id(1), at(now)).await }).await;
    assert!(end(20).await && !end(10).await && !end(30).await);
    let touched =
        bed.write(|tx| async move { tx.sessions().touch(session_id(1), at(15), at(5_000)).await }).await;
    assert!(!touched);
    let ended = Session { ended_at: Some(at(20)), ..session(1) };
    assert_eq!(find(&bed, 1).await, Some(ended));
}

pub async fn only_a_live_session_is_touched(bed: Bed) {
    bed.write(|tx| async move { tx.users().insert(&user(1)).await }).await;
    insert(&bed, &session(1)).await.unwrap();
    let touch = async |now: Timestamp, idle: Timestamp| {
        bed.write(|tx| async move { tx.sessions().touch(session_id(1), now, idle).await }).await
    };
    assert!(touch(at(999), at(20_000)).await);
    let touched = Session { last_seen_at: at(999), idle_expires_at: at(20_000), ..session(1) };
    assert_eq!(find(&bed, 1).await, Some(touched));
    assert!(!touch(at(10_000), at(30_000)).await, "past its end in any case");
    assert!(touch(at(1_000), at(1_100)).await);
    assert!(!touch(at(1_100), at(2_000)).await, "idle for too long");
}

pub async fn all_sessions_of_a_user_end_at_once(bed: Bed) {
    bed.write(
        |tx| async move { Ok(tx.users().insert(&user(1)).await? && tx.users().insert(&user(2)).await?) },
    )
    .await;
    for number in 1..=3 {
        insert(&bed, &Session { user_id: user_id(1), ..session(number) }).await.unwrap();
    }
    insert(&bed, &Session { user_id: user_id(2), ..session(4) }).await.unwrap();
    bed.write(|tx| async move { tx.sessions().end(session_id(2), at(10)).await }).await;
    let end_all =
        async || bed.write(|tx| async move { tx.sessions().end_all_of_user(user_id(1), at(20)).await }).await;
    let mut ended = end_all().await;
    ended.sort_by_key(|id| *id.as_bytes());
    let mut expected = vec![session_id(1), session_id(3)];
    expected.sort_by_key(|id| *id.as_bytes());
    assert_eq!(ended, expected);
    assert!(end_all().await.is_empty());
    assert_eq!(find(&bed, 2).await.unwrap().ended_at, Some(at(10)));
    assert_eq!(find(&bed, 4).await.unwrap().ended_at, None);
}
