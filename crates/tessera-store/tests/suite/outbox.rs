//! Messages that wait until another system has taken them.

use tessera_model::{Channel, OutboxId, Waiting};

use super::bed::Bed;
use super::sample::{at, bytes, user, user_id};

/// A message that is due at this moment.
pub fn waiting(number: u32, due: i64) -> Waiting {
    Waiting {
        id: OutboxId::from_random(bytes(number)),
        channel: Channel::Mail,
        kind: "password_changed".to_owned(),
        user_id: None,
        sealed: bytes::<40>(number).to_vec(),
        urgent: false,
        attempts: 0,
        last_error: None,
        next_attempt_at: at(due),
        created_at: at(0),
        expires_at: at(86_400),
    }
}

async fn add(bed: &Bed, message: &Waiting) {
    bed.write(|tx| async move { tx.outbox().insert(message).await }).await;
}

async fn all(bed: &Bed) -> Vec<Waiting> {
    bed.read(|tx| async move { tx.outbox().list(Channel::Mail, 100).await }).await
}

pub async fn a_message_reads_back_and_comes_when_it_is_due(bed: Bed) {
    bed.write(|tx| async move { tx.users().insert(&user(1)).await }).await;
    let first = Waiting { user_id: Some(user_id(1)), ..waiting(1, 10) };
    let failed = Waiting { attempts: 3, last_error: Some("unreachable".to_owned()), ..waiting(2, 20) };
    let late = waiting(3, 30);
    for message in [&late, &failed, &first] {
        add(&bed, message).await;
    }
    assert_eq!(all(&bed).await, [first.clone(), failed.clone(), late]);
    let due = async |now, most| {
        bed.read(|tx| async move { tx.outbox().due(Channel::Mail, at(now), most).await }).await
    };
    assert_eq!(due(9, 100).await, []);
    assert_eq!(due(20, 100).await, [first.clone(), failed]);
    assert_eq!(due(99, 1).await, [first]);
    let next = bed.read(|tx| async move { tx.outbox().next_attempt_at(Channel::Mail).await }).await;
    assert_eq!(next, Some(at(10)));
    let of_a_clock_ahead = waiting(4, 3 * 3_600 + 11);
    add(&bed, &of_a_clock_ahead).await;
    assert_eq!([due(0, 100).await, due(1, 100).await], [vec![of_a_clock_ahead], vec![]]);
    let urgent = Waiting { urgent: true, ..waiting(5, 15) };
    add(&bed, &urgent).await;
    assert_eq!((due(14, 100).await.len(), due(15, 100).await), (1, vec![urgent]), "before what only tells");
}

pub async fn whoever_counted_an_attempt_says_what_came_of_it(bed: Bed) {
    let message = &waiting(1, 10);
    add(&bed, message).await;
    let attempt =
        async |made| bed.write(|tx| async move { tx.outbox().attempt(message.id, made, at(15)).await }).await;
    let fail = async |number| {
        bed.write(|tx| async move { tx.outbox().fail(message.id, number, "timeout").await }).await
    };
    let remove =
        async |number| bed.write(|tx| async move { tx.outbox().remove(message.id, number).await }).await;
    assert!(!attempt(1).await);
    assert!(attempt(0).await && !attempt(0).await);
    assert!(!fail(0).await && fail(1).await);
    let after = Waiting {
        attempts: 1,
        last_error: Some("timeout".to_owned()),
        next_attempt_at: at(15),
        ..message.clone()
    };
    assert_eq!(all(&bed).await, [after]);
    assert!(attempt(1).await);
    assert!(!fail(1).await && !remove(1).await, "an attempt that somebody else made meanwhile");
    assert!(remove(2).await && !remove(2).await);
    let next = bed.read(|tx| async move { tx.outbox().next_attempt_at(Channel::Mail).await }).await;
    assert_eq!(next, None);
}

pub async fn a_message_goes_with_its_person(bed: Bed) {
    bed.write(|tx| async move { tx.users().insert(&user(1)).await }).await;
    let theirs = Waiting { user_id: Some(user_id(1)), ..waiting(1, 10) };
    for message in [&theirs, &waiting(2, 10)] {
        add(&bed, message).await;
    }
    assert!(bed.write(|tx| async move { tx.users().delete(user_id(1)).await }).await);
    assert_eq!(all(&bed).await, [waiting(2, 10)]);
}
