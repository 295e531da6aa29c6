//! Jobs that one of several instances does at a time. Two instances share a database and a clock.

mod sweep;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rstest::rstest;
use tessera_app::App;
use tessera_app::jobs::{ClaimedJob, JobError, Outcome, Run, list, run_due, run_if_due, table};
use tessera_model::{Digest, JobRecord, JobState, SpentKind};
use tessera_store::{StoreError, Tx};
use tessera_testkit::counted::Counted;
use tessera_testkit::server::{Backend, TestServer};
use tokio::sync::Notify;
use tokio::task::JoinSet;

const HOUR: Duration = Duration::from_secs(3_600);
/// The lease of a dead holder, and what clocks may differ (policy P6).
const LEASE_AND_LEEWAY: u64 = 60 + 10;

async fn run(app: &Arc<App>, job: &ClaimedJob) -> Outcome {
    run_if_due(app, job, "machine:1").await.unwrap()
}

fn full() -> JobError {
    JobError::Store(StoreError::Unavailable("the disk is full".to_owned()))
}

/// What an administrator sees of a job.
async fn seen(server: &TestServer, name: &str) -> JobRecord {
    list(&server.cli()).await.unwrap().into_iter().find(|job| job.name == name).unwrap()
}

/// What an administrator sees of where a job stands.
async fn state(server: &TestServer, name: &str) -> JobState {
    seen(server, name).await.state(server.cli().now)
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i01_of_several_instances_one_does_a_job_once_a_period(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let apps = [Arc::clone(&server.app), server.second_process(|_| ()).await];
    let runs = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&runs);
    let job = Arc::new(ClaimedJob::new("test", HOUR, move |run| {
        count.fetch_add(1, Ordering::Relaxed);
        async move { run.step(|_| async { Ok(7) }).await.map(drop) }
    }));
    for round in 1..=40 {
        let mut polls = JoinSet::new();
        for app in apps.iter().cycle().take(12) {
            let (app, job) = (Arc::clone(app), Arc::clone(&job));
            polls.spawn(async move { run(&app, &job).await });
        }
        let outcomes = polls.join_all().await;
        let won = outcomes.iter().filter(|outcome| **outcome == Outcome::Succeeded).count();
        assert_eq!((won, runs.load(Ordering::Relaxed)), (1, round), "{outcomes:?}");
        assert!(
            outcomes.iter().all(|one| matches!(one, Outcome::Succeeded | Outcome::NotNow)),
            "{outcomes:?}"
        );
        server.advance(HOUR.as_secs() - 1);
        let early = [run(&apps[0], &job).await, run(&apps[1], &job).await];
        assert_eq!(early, [Outcome::NotNow, Outcome::NotNow], "round {round}");
        server.advance(1);
    }
    assert_eq!(seen(&server, "test").await.progress, 7, "of the last run");
}

#[rstest]
#[tokio::test]
async fn a_holder_that_died_is_replaced_once_its_lease_is_over(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let begun = Arc::new(Notify::new());
    let begins = Arc::clone(&begun);
    let hangs = ClaimedJob::new("test", HOUR, move |run| {
        let begins = Arc::clone(&begins);
        async move {
            run.step(|_| async { Ok(3) }).await?;
            begins.notify_one();
            std::future::pending().await
        }
    });
    let app = Arc::clone(&server.app);
    let dying = tokio::spawn(async move { run_if_due(&app, &hangs, "machine:1").await });
    begun.notified().await;
    dying.abort();
    assert!(dying.await.unwrap_err().is_cancelled());

    let other = server.second_process(|_| ()).await;
    let works = ClaimedJob::new("test", HOUR, async |_| Ok(()));
    server.advance(LEASE_AND_LEEWAY);
    assert_eq!(run(&other, &works).await, Outcome::NotNow, "the clock of the holder may be behind");
    let left = seen(&server, "test").await;
    let holder = left.lease.unwrap().holder;
    assert!(holder.starts_with("machine:1 "), "{holder}");
    assert_eq!((left.progress, state(&server, "test").await), (3, JobState::Running));
    server.advance(1);
    assert_eq!(state(&server, "test").await, JobState::Abandoned);
    assert_eq!(run(&other, &works).await, Outcome::Succeeded);
    assert_eq!(state(&server, "test").await, JobState::Waiting);
}

/// A job that says that it has begun, waits until it may go on, and then spends something.
pub(crate) fn held_up(name: &'static str, kind: SpentKind) -> (ClaimedJob, Arc<Notify>, Arc<Notify>) {
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (begins, waits) = (Arc::clone(&begun), Arc::clone(&go_on));
    let job = ClaimedJob::new(name, HOUR, move |run| {
        let (begins, waits) = (Arc::clone(&begins), Arc::clone(&waits));
        async move {
            begins.notify_one();
            waits.notified().await;
            let now = run.cx.now;
            let late = |tx: Tx| async move {
                tx.spent().spend(kind, &Digest::new([1; 32]), now).await.map(u64::from)
            };
            run.step(late).await.map(drop)
        }
    });
    (job, begun, go_on)
}

#[rstest]
#[tokio::test]
async fn a_holder_that_lost_its_lease_stops_and_changes_nothing(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    const KIND: SpentKind = SpentKind::new("test.late");
    let server = TestServer::start(backend).await;
    let (slow, begun, go_on) = held_up("test", KIND);
    let app = Arc::clone(&server.app);
    let slow = tokio::spawn(async move { run(&app, &slow).await });
    begun.notified().await;
    server.advance(LEASE_AND_LEEWAY + 1);
    let other = server.second_process(|_| ()).await;
    let works = ClaimedJob::new("test", HOUR, async |run: Run| run.report(5).await);
    assert_eq!(run(&other, &works).await, Outcome::Succeeded);
    let of_other = seen(&server, "test").await;
    go_on.notify_one();
    assert_eq!(slow.await.unwrap(), Outcome::LeaseLost);
    assert_eq!(seen(&server, "test").await, of_other);
    let store = server.store().await;
    let first = store
        .write(|tx| async move { tx.spent().spend(KIND, &Digest::new([1; 32]), of_other.next_run_at).await });
    assert!(first.await.unwrap(), "the step of the old holder was rolled back");
}

#[rstest]
#[tokio::test]
async fn a_failing_job_is_visible_tried_again_and_stops_no_other(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let fails = ClaimedJob::new("test", HOUR, async |run: Run| {
        run.report(2).await?;
        Err(full())
    });
    let error = full().to_string();
    assert_eq!(run(&server.app, &fails).await, Outcome::Failed(error.clone()));
    let failed = seen(&server, "test").await;
    let now = server.cli().now;
    assert_eq!((failed.last_error.as_ref(), failed.progress), (Some(&error), 2), "{failed:?}");
    assert_eq!((failed.last_finished_at, failed.last_succeeded_at), (Some(now), None), "{failed:?}");
    assert_eq!(state(&server, "test").await, JobState::Failing);
    server.run_jobs().await;
    for job in table() {
        assert_eq!(state(&server, job.name).await, JobState::Waiting, "{}", job.name);
    }

    server.advance(59);
    assert_eq!(run(&server.app, &fails).await, Outcome::NotNow, "not without a pause");
    server.advance(1);
    let works = ClaimedJob::new("test", HOUR, async |_| Ok(()));
    assert_eq!(run(&server.second_process(|_| ()).await, &works).await, Outcome::Succeeded);
    let worked = seen(&server, "test").await;
    let now = server.cli().now;
    assert_eq!((worked.last_error, worked.last_succeeded_at), (None, Some(now)));
    assert_eq!(worked.next_run_at, now.after(HOUR));
}

#[rstest]
#[tokio::test]
async fn f44_a_panic_is_visible_under_the_name_of_its_job_and_stops_no_other(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let table = [
        ClaimedJob::new("test", HOUR, async |_| panic!("a bug")),
        ClaimedJob::new("other", HOUR, async |_| Ok(())),
    ];
    let counted = Counted::new("tessera_job_panics_total").labelled("job", "test");
    let _heard = metrics::set_default_local_recorder(&counted);
    for round in 0..3 {
        run_due(&server.app, &table, "machine:1").await.unwrap();
        let failed = seen(&server, "test").await;
        assert!(failed.last_error.as_ref().is_some_and(|error| error.contains("cut short")), "{failed:?}");
        assert_eq!((failed.lease, failed.last_succeeded_at), (None, None), "round {round}");
        assert_eq!(state(&server, "test").await, JobState::Failing, "round {round}");
        assert_eq!(state(&server, "other").await, JobState::Waiting, "round {round}");
        assert_eq!(counted.total(), round + 1);
        server.advance(60);
    }
    let works = ClaimedJob::new("test", HOUR, async |_| Ok(()));
    assert_eq!(run(&server.app, &works).await, Outcome::Succeeded);
}

#[rstest]
#[tokio::test]
async fn a_clock_that_was_far_ahead_stops_no_job(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    server.advance(365 * 86_400);
    server.run_jobs().await;
    server.clock.set_back(Duration::from_secs(365 * 86_400));
    server.accept_clock().await;
    server.run_jobs().await;
    let now = server.cli().now;
    for job in list(&server.cli()).await.unwrap() {
        let period = if job.name == "fold.revocations" { Duration::from_secs(60) } else { HOUR };
        assert_eq!((job.last_succeeded_at, job.next_run_at), (Some(now), now.after(period)), "{}", job.name);
    }
}

#[rstest]
#[tokio::test]
async fn every_job_is_listed_from_the_start_with_what_it_has_done(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    const KIND: SpentKind = SpentKind::new("test.badge");
    let server = TestServer::start(backend).await;
    let names = [
        "fold.revocations",
        "keys.rotate",
        "outbox.send",
        "purge.audit",
        "purge.revocations",
        "purge.sessions",
        "purge.spent",
        "purge.throttles",
    ];
    let jobs = list(&server.cli()).await.unwrap();
    assert_eq!(jobs.iter().map(|job| &*job.name).collect::<Vec<_>>(), names);
    assert!(jobs.iter().all(|job| job.state(server.cli().now) == JobState::New), "{jobs:?}");

    let (store, now) = (server.store().await, server.cli().now);
    let spend = |tx: Tx| async move {
        for number in 0..600_u32 {
            let mut bytes = [0; 32];
            bytes[..4].copy_from_slice(&number.to_be_bytes());
            assert!(tx.spent().spend(KIND, &Digest::new(bytes), now).await?);
        }
        Ok::<_, StoreError>(())
    };
    store.write(spend).await.unwrap();
    server.run_jobs().await;
    assert_eq!(seen(&server, "purge.spent").await.progress, 0, "it has only just expired");
    server.advance(HOUR.as_secs() + 1);
    server.run_jobs().await;
    assert_eq!(seen(&server, "purge.spent").await.progress, 600);
    server.advance(89 * 86_400);
    server.run_jobs().await;
    assert_eq!(seen(&server, "keys.rotate").await.progress, 3, "a successor of each published key");
}
