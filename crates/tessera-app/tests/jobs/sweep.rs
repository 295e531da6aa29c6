//! A purge on a slow database.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tessera_app::App;
use tessera_app::jobs::{Outcome, run_if_due, table};
use tessera_app::ports::Clock;
use tessera_model::{Digest, SpentKind, Timestamp};
use tessera_store::{StoreError, Tx};
use tessera_testkit::server::{Backend, TestServer};
use tokio::time::Instant;

use super::{HOUR, seen};

const KIND: SpentKind = SpentKind::new("test.badge");
const ROWS: u32 = 300;
/// The longest sweep, and the longest rest, after which it ends.
const SWEEP: std::ops::RangeInclusive<Duration> = Duration::from_secs(30)..=Duration::from_secs(41);

/// Clocks that go with Tokio's, and that move by themselves whenever somebody looks: so every step of a purge takes some time.
struct SlowSteps {
    start: Timestamp,
    begun: Instant,
    looks: AtomicU32,
}

impl SlowSteps {
    const EACH: Duration = Duration::from_millis(100);
}

impl Clock for SlowSteps {
    fn now(&self) -> Timestamp {
        self.start.after(self.monotonic())
    }

    fn monotonic(&self) -> Duration {
        self.begun.elapsed() + Self::EACH * self.looks.fetch_add(1, Ordering::Relaxed)
    }
}

/// Tokio's paused clock stands still while any task can run, and then jumps to the next timer: the end of a rest. PostgreSQL is
/// another process, which it does not wait for.
#[tokio::test]
async fn i08_a_purge_makes_room_for_other_jobs_after_thirty_seconds_and_goes_on_at_once() {
    let server = TestServer::start(Backend::Sqlite).await;
    let (store, now) = (server.store().await, server.cli().now);
    let spend = |tx: Tx| async move {
        for number in 0..ROWS {
            let mut bytes = [0; 32];
            bytes[..4].copy_from_slice(&number.to_be_bytes());
            assert!(tx.spent().spend(KIND, &Digest::new(bytes), now).await?);
        }
        Ok::<_, StoreError>(())
    };
    store.write(spend).await.unwrap();
    let start = now.after(HOUR + Duration::from_secs(1));
    let clock = Arc::new(SlowSteps { start, begun: Instant::now(), looks: AtomicU32::new(0) });
    let mut parts = server.parts(2).await;
    parts.clock = Arc::clone(&clock) as _;
    let app = App::start(parts).await.unwrap();
    let table = table();
    let purge = table.iter().find(|job| job.name == "purge.spent").unwrap();

    tokio::time::pause();
    let mut removed = 0;
    for round in 1.. {
        let begun = clock.monotonic();
        assert_eq!(run_if_due(&app, purge, "slow").await, Ok(Outcome::Succeeded), "round {round}");
        let took = clock.monotonic().saturating_sub(begun);
        let run = seen(&server, purge.name).await;
        assert!(run.progress > 0 && run.last_error.is_none(), "round {round}: {run:?}");
        removed += run.progress;
        let rest = run.next_run_at.since(run.last_finished_at.unwrap());
        if removed == i64::from(ROWS) && rest == HOUR {
            assert!(round > 1, "{round} round");
            break;
        }
        assert!(SWEEP.contains(&took), "round {round} took {took:?}");
        assert_eq!(rest, Duration::from_secs(1), "round {round}: {run:?}");
        assert!(removed <= i64::from(ROWS), "round {round}: {removed}");
        tokio::time::advance(rest).await;
    }
}
