//! The highest time that a server has seen.

use tessera_model::{SeenTime, Timestamp};
use tessera_store::Location;

use super::bed::Bed;
use super::sample::at;

async fn seen(bed: &Bed) -> SeenTime {
    bed.read(|tx| async move { tx.clock().seen().await }).await
}

async fn raise(bed: &Bed, now: Timestamp, accepted: i64) -> bool {
    bed.write(|tx| async move { tx.clock().raise(now, accepted).await }).await
}

pub async fn the_highest_time_only_rises_until_a_clock_is_accepted(bed: Bed) {
    assert_eq!(seen(&bed).await, SeenTime { highest: None, accepted: 0 });
    assert!(raise(&bed, at(100), 0).await);
    assert!(!raise(&bed, at(100), 0).await && !raise(&bed, at(99), 0).await);
    assert_eq!(seen(&bed).await, SeenTime { highest: Some(at(100)), accepted: 0 });
    bed.write(|tx| async move { tx.clock().accept(at(50)).await }).await;
    assert_eq!(seen(&bed).await, SeenTime { highest: Some(at(50)), accepted: 1 });
    assert!(!raise(&bed, at(101), 0).await, "an instance that has not heard of it");
    assert!(raise(&bed, at(51), 1).await);
}

pub async fn a_server_has_a_clock_of_its_own(bed: Bed) {
    let read = bed.read(|tx| async move { tx.clock().of_database().await }).await;
    match bed.location {
        Location::Sqlite { .. } => assert_eq!(read, None),
        Location::Postgres { .. } => {
            let read = read.unwrap();
            assert!(read > Timestamp::from_seconds(1_760_000_000), "seconds since 1970: {read}");
        }
    }
}
