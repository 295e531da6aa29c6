//! Failure counters (policy P3).

use tessera_model::{Throttle, Timestamp};

use super::bed::Bed;
use super::sample::{at, digest};

async fn begin(bed: &Bed, key: u32, now: Timestamp) -> Option<Throttle> {
    bed.write(|tx| async move { tx.throttles().begin(&digest(key), now).await }).await
}

pub async fn p3_the_steps_are_those_of_the_model(bed: Bed) {
    let mut now = at(0);
    for failures in 1..=102 {
        let blocked_until = Throttle::next_attempt(failures, now);
        assert_eq!(
            begin(&bed, 1, now).await,
            Some(Throttle { failures, blocked_until }),
            "attempt {failures}"
        );
        let early = Timestamp::from_seconds(blocked_until.seconds() - 1);
        assert_eq!(
            begin(&bed, 1, early).await,
            None,
            "attempt {failures} blocks, and a blocked one is not counted"
        );
        now = blocked_until;
    }
    assert_eq!(begin(&bed, 2, at(0)).await.map(|t| t.failures), Some(1), "another key is another counter");
}

pub async fn success_and_time_clear_the_counter(bed: Bed) {
    begin(&bed, 1, at(0)).await.unwrap();
    bed.write(|tx| async move { tx.throttles().clear(&digest(1)).await }).await;
    assert_eq!(begin(&bed, 1, at(0)).await.map(|t| t.failures), Some(1));
    begin(&bed, 2, at(100)).await.unwrap();
    let purge =
        async |before| bed.write(|tx| async move { tx.throttles().purge(at(before), 500).await }).await;
    assert_eq!(purge(1).await, 0, "it still blocks at that moment");
    assert_eq!(purge(50).await, 1);
    assert_eq!(begin(&bed, 1, at(200)).await.map(|t| t.failures), Some(1));
    assert_eq!(begin(&bed, 2, at(200)).await.map(|t| t.failures), Some(2));
}
