//! Jobs that one of several instances does at a time.

use std::time::Duration;

use tessera_model::{JobClaim, JobEnd, JobLease, JobRecord, Timestamp};

use super::bed::Bed;
use super::sample::at;

/// A claim with a lease of a minute on an hourly job.
pub fn claim<'a>(name: &'a str, holder: &'a str, now: Timestamp) -> JobClaim<'a> {
    let (lease, period) = (Duration::from_secs(60), Duration::from_secs(3_600));
    JobClaim { name, holder, now, lease, period }
}

/// The end of a run that went well.
pub fn good(at: Timestamp, next_run_at: Timestamp) -> JobEnd<'static> {
    JobEnd { at, result: Ok(()), next_run_at }
}

async fn take(bed: &Bed, holder: &str, now: i64) -> Option<JobRecord> {
    let claim = &claim("test", holder, at(now));
    bed.write(|tx| async move { tx.jobs().claim(claim).await }).await
}

async fn extend(bed: &Bed, holder: &str, until: i64, done: i64) -> bool {
    let lease = &lease(holder, until);
    bed.write(|tx| async move { tx.jobs().extend("test", lease, done).await }).await
}

async fn finish(bed: &Bed, holder: &str, end: JobEnd<'static>) -> bool {
    bed.write(|tx| async move { tx.jobs().finish("test", holder, &end).await }).await
}

async fn find(bed: &Bed) -> JobRecord {
    bed.read(|tx| async move { tx.jobs().find("test").await }).await.unwrap()
}

fn lease(holder: &str, until: i64) -> JobLease {
    JobLease { holder: holder.to_owned(), until: at(until) }
}

pub async fn a_run_is_claimed_extended_and_ended(bed: Bed) {
    assert_eq!(bed.read(|tx| async move { tx.jobs().find("test").await }).await, None);
    let begun = JobRecord {
        lease: Some(lease("a", 60)),
        last_started_at: Some(at(0)),
        ..JobRecord::new("test", at(0))
    };
    assert_eq!(take(&bed, "a", 0).await, Some(begun.clone()));
    assert_eq!(take(&bed, "b", 1).await, None, "a holds it");
    assert!(extend(&bed, "a", 70, 500).await && extend(&bed, "a", 80, 20).await);
    let under_way = JobRecord { lease: Some(lease("a", 80)), progress: 520, ..begun };
    assert_eq!(find(&bed).await, under_way);
    assert!(finish(&bed, "a", good(at(30), at(3_630))).await);
    let ended = JobRecord {
        lease: None,
        last_finished_at: Some(at(30)),
        last_succeeded_at: Some(at(30)),
        next_run_at: at(3_630),
        ..under_way
    };
    assert_eq!(find(&bed).await, ended);
    assert_eq!(take(&bed, "b", 3_629).await, None, "not due yet");

    let again = take(&bed, "b", 3_630).await.unwrap();
    assert_eq!((again.progress, again.last_succeeded_at), (0, Some(at(30))), "{again:?}");
    let failed = JobEnd { at: at(3_640), result: Err("the disk is full"), next_run_at: at(3_700) };
    assert!(finish(&bed, "b", failed).await);
    let failed = JobRecord {
        last_started_at: Some(at(3_630)),
        last_finished_at: Some(at(3_640)),
        last_error: Some("the disk is full".to_owned()),
        progress: 0,
        next_run_at: at(3_700),
        ..ended
    };
    assert_eq!(find(&bed).await, failed, "the last success stays known");
    take(&bed, "a", 3_700).await.unwrap();
    assert_eq!(find(&bed).await.last_error, failed.last_error, "until a run ends well");
    assert!(finish(&bed, "a", good(at(3_710), at(7_310))).await);
    assert_eq!(bed.read(|tx| async move { tx.jobs().list().await }).await, [find(&bed).await]);
    assert_eq!(find(&bed).await.last_error, None);
}

/// Leases that end and next runs that come at moments around the limits.
pub async fn the_claim_follows_the_rule_of_the_model(bed: Bed) {
    const NOW: i64 = 100_000;
    let leases = [None, Some(-11), Some(-10), Some(-9), Some(0), Some(70), Some(71)];
    let mut both = [0, 0];
    for until in leases {
        for next in [-1, 0, 1, 3_610, 3_611] {
            let lease = until.map_or("holder = NULL, lease_until = NULL".to_owned(), |until| {
                format!("holder = 'a', lease_until = {}", at(NOW + until).seconds())
            });
            bed.execute("DELETE FROM jobs");
            take(&bed, "a", 0).await.unwrap();
            bed.execute(&format!("UPDATE jobs SET {lease}, next_run_at = {}", at(NOW + next).seconds()));
            let expected = claim("test", "b", at(NOW)).succeeds_on(&find(&bed).await);
            let taken = take(&bed, "b", NOW).await;
            assert_eq!(taken.is_some(), expected, "lease {until:?}, next run {next}: {taken:?}");
            both[usize::from(expected)] += 1;
        }
    }
    assert_eq!(both, [26, 9]);
}

pub async fn a_holder_that_lost_its_lease_changes_nothing(bed: Bed) {
    take(&bed, "a", 0).await.unwrap();
    assert!(extend(&bed, "a", 130, 1).await, "late, but nobody else has the job");
    assert_eq!(take(&bed, "b", 140).await, None, "the lease may not have ended on the clock of a");
    take(&bed, "b", 141).await.unwrap();
    let of_b = find(&bed).await;
    assert!(!extend(&bed, "a", 200, 5).await);
    assert!(!finish(&bed, "a", good(at(150), at(3_750))).await);
    let failed = JobEnd { at: at(150), result: Err("no"), next_run_at: at(160) };
    assert!(!finish(&bed, "a", failed).await);
    assert_eq!(find(&bed).await, of_b);
    assert!(finish(&bed, "b", good(at(150), at(3_750))).await);
    assert!(!finish(&bed, "b", good(at(150), at(9_999))).await, "a run ends once");
    assert!(!extend(&bed, "b", 200, 5).await);
}

pub async fn a_job_that_is_woken_while_it_runs_runs_again(bed: Bed) {
    let wake = async |now| bed.write(|tx| async move { tx.jobs().wake("test", at(now)).await }).await;
    wake(0).await;
    assert_eq!(bed.read(|tx| async move { tx.jobs().find("test").await }).await, None, "it is due anyway");
    take(&bed, "a", 0).await.unwrap();
    assert!(finish(&bed, "a", good(at(10), at(3_610))).await);
    wake(20).await;
    assert_eq!(find(&bed).await.next_run_at, at(20), "a job that rests");
    take(&bed, "a", 20).await.unwrap();
    wake(25).await;
    assert!(finish(&bed, "a", good(at(30), at(3_630))).await);
    assert_eq!(find(&bed).await.next_run_at, at(30), "a job that runs");
    take(&bed, "b", 30).await.unwrap();
    let failed = JobEnd { at: at(40), result: Err("no"), next_run_at: at(100) };
    assert!(finish(&bed, "b", failed).await);
    assert_eq!(find(&bed).await.next_run_at, at(100), "once");
}
