//! Failure counters (policy P3).

use tessera_model::{Admission, Throttle, Timestamp};

use super::bed::Bed;
use super::sample::{at, digest};

const DAY: i64 = 86_400;

/// An attempt that nobody judges.
async fn begin(bed: &Bed, key: u32, now: Timestamp) -> Option<Throttle> {
    begin_of(bed, key, key, now).await
}

async fn begin_of(bed: &Bed, key: u32, account: u32, now: Timestamp) -> Option<Throttle> {
    bed.write(|tx| async move {
        tx.throttles().begin(&digest(key), &digest(account), Throttle::MOST_PASSWORDS, now).await
    })
    .await
}

async fn find(bed: &Bed, key: u32) -> Option<Throttle> {
    bed.store.read(|tx| async move { tx.throttles().find(&digest(key)).await }).await.unwrap()
}

/// Midnight of a day after the moment that samples begin at.
fn midnight(days: i64) -> Timestamp {
    Timestamp::from_seconds((Throttle::day(at(0)) + days) * DAY)
}

pub async fn p3_the_steps_are_those_of_the_model(bed: Bed) {
    let mut now = midnight(1);
    for failures in 1..=100 {
        let blocked_until = match failures {
            Throttle::MOST_PASSWORDS => Throttle::next_day(now),
            _ => Throttle::next_attempt(failures, now),
        };
        let pending_until = Some(now.after(Throttle::LONGEST_ATTEMPT));
        let expected = Throttle { day: Throttle::day(now), failures, blocked_until, pending_until };
        assert_eq!(begin(&bed, 1, now).await, Some(expected), "attempt {failures}");
        assert_eq!(find(&bed, 1).await, Some(expected), "attempt {failures}");
        let early = Timestamp::from_seconds(blocked_until.seconds() - 1);
        assert_eq!(
            begin(&bed, 1, early).await,
            None,
            "attempt {failures} blocks, and a blocked one is not counted"
        );
        now = blocked_until;
    }
    assert_eq!(now, midnight(2));
    assert_eq!(begin(&bed, 2, at(0)).await.map(|t| t.failures), Some(1), "another key is another counter");
}

pub async fn l17_however_few_may_be_wrong_the_last_of_them_blocks_until_midnight(bed: Bed) {
    for (key, most) in [(1, 1), (2, 2), (3, 7), (4, 10), (5, 30)] {
        let mut now = midnight(1);
        for failures in 1..=most {
            let begun = bed
                .write(|tx| async move { tx.throttles().begin(&digest(key), &digest(key), most, now).await });
            let begun = begun.await.unwrap();
            let until = if failures == most { midnight(2) } else { Throttle::next_attempt(failures, now) };
            assert_eq!((begun.failures, begun.blocked_until), (failures, until), "{most}");
            now = until;
        }
    }
}

pub async fn p3_nothing_blocks_for_long_while_the_clock_is_in_doubt(bed: Bed) {
    let mut now = midnight(1);
    let in_doubt = async |now| {
        bed.write(|tx| async move {
            tx.throttles().begin_in_doubt(&digest(1), &digest(1), Throttle::MOST_PASSWORDS, now).await
        })
        .await
    };
    for _ in 1..=100 {
        now = in_doubt(now).await.unwrap().blocked_until;
    }
    let next = in_doubt(now).await.unwrap();
    assert_eq!((next.failures, next.blocked_until.since(now).as_secs()), (101, 10));
    let next = begin(&bed, 1, next.blocked_until).await.unwrap();
    assert_eq!((next.failures, next.blocked_until), (102, midnight(2)), "then it is not in doubt");
}

pub async fn p3_failures_count_within_one_utc_day(bed: Bed) {
    let mut now = midnight(1);
    for _ in 1..=100 {
        now = begin(&bed, 1, now).await.unwrap().blocked_until;
    }
    let fresh = begin(&bed, 1, midnight(2)).await.unwrap();
    assert_eq!((fresh.failures, fresh.blocked_until.seconds()), (1, midnight(2).seconds() + 1));
    // A few failures of yesterday count as little as a hundred.
    let evening = Timestamp::from_seconds(midnight(2).seconds() - 60);
    for n in 0..10 {
        begin(&bed, 2, Timestamp::from_seconds(evening.seconds() + 5 * n)).await.unwrap();
    }
    assert_eq!(begin(&bed, 2, midnight(2)).await.map(|t| t.failures), Some(1));
}

pub async fn p3_a_block_of_a_clock_that_was_days_ahead_holds_nobody(bed: Bed) {
    begin(&bed, 1, midnight(400)).await.unwrap();
    let after = begin(&bed, 1, at(0)).await;
    assert_eq!(after.map(|t| (t.failures, t.blocked_until)), Some((1, at(1))));
    assert_eq!(begin(&bed, 1, at(0)).await, None, "and counts on from here");
}

pub async fn i05_an_attempt_that_was_wrong_is_no_longer_waited_for(bed: Bed) {
    let first = begin(&bed, 1, at(0)).await.unwrap();
    assert_eq!(first.admission(at(0)), Admission::Pending);
    let second = begin(&bed, 1, at(1)).await.unwrap();
    bed.write(|tx| async move { tx.throttles().settle(&digest(1), &first).await }).await;
    assert_eq!(find(&bed, 1).await, Some(second), "the outcome of an older attempt settles no other");
    bed.write(|tx| async move { tx.throttles().settle(&digest(1), &second).await }).await;
    let settled = find(&bed, 1).await.unwrap();
    assert_eq!(settled, Throttle { pending_until: None, ..second });
    assert_eq!(settled.admission(at(1)), Admission::Blocked(second.blocked_until));
    bed.write(|tx| async move { tx.throttles().clear(&digest(1)).await }).await;
    bed.write(|tx| async move { tx.throttles().settle(&digest(1), &second).await }).await;
    assert_eq!(find(&bed, 1).await, None, "nothing to settle");
}

pub async fn an_attempt_that_nobody_verified_is_taken_back(bed: Bed) {
    begin(&bed, 1, at(0)).await.unwrap();
    let begun = begin(&bed, 1, at(1)).await.unwrap();
    let retract = async |begun: Throttle| {
        bed.write(|tx| async move { tx.throttles().retract(&digest(1), &begun, at(1)).await }).await;
    };
    retract(Throttle { failures: 1, ..begun }).await;
    assert_eq!(find(&bed, 1).await, Some(begun), "another attempt");
    retract(begun).await;
    let expected =
        Throttle { day: Throttle::day(at(1)), failures: 1, blocked_until: at(1), pending_until: None };
    assert_eq!(find(&bed, 1).await, Some(expected));
    assert_eq!(begin(&bed, 1, at(1)).await.map(|t| t.failures), Some(2));
}

pub async fn success_clears_a_counter_and_an_operator_all_of_an_account(bed: Bed) {
    begin(&bed, 1, at(0)).await.unwrap();
    bed.write(|tx| async move { tx.throttles().clear(&digest(1)).await }).await;
    assert_eq!(begin(&bed, 1, at(0)).await.map(|t| t.failures), Some(1));
    for (key, account) in [(2, 1), (3, 1), (4, 4)] {
        begin_of(&bed, key, account, at(0)).await.unwrap();
    }
    let clear = async || bed.write(|tx| async move { tx.throttles().clear_account(&digest(1)).await }).await;
    assert_eq!((clear().await, clear().await), (3, 0));
    assert_eq!(find(&bed, 4).await.map(|t| t.failures), Some(1), "another account keeps its own");
}

pub async fn counters_of_days_that_are_over_are_purged(bed: Bed) {
    let purge = async |now| bed.write(|tx| async move { tx.throttles().purge(now, 500).await }).await;
    let late = Timestamp::from_seconds(midnight(1).seconds() - 1);
    begin(&bed, 1, late).await.unwrap();
    let hour = |more| Timestamp::from_seconds(midnight(1).seconds() + 3_600 + more);
    assert_eq!(purge(hour(-1)).await, 0, "another server may still be in that day");
    begin(&bed, 2, hour(0)).await.unwrap();
    assert_eq!(purge(hour(0)).await, 1);
    assert_eq!((find(&bed, 1).await, purge(hour(0)).await), (None, 0));
    assert_eq!(find(&bed, 2).await.map(|t| t.failures), Some(1));
}
