//! Background jobs: each runs again and again; one that panics is started anew after a pause that grows (fault F44).

use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

/// First pause after a panic.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
/// Doublings of the pause: at most 32 s.
const MOST_DOUBLINGS: u32 = 5;

/// The jobs of one server; they end when this is dropped.
#[derive(Default)]
pub(super) struct Jobs(JoinSet<()>);

impl Jobs {
    /// Does `work` now and then every so often.
    pub(super) fn keep<W, F, E>(&mut self, name: &'static str, every: Duration, work: W)
    where
        W: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Display + Send + 'static,
    {
        self.0.spawn(supervise(name, every, Arc::new(work)));
    }

    /// Ends every job and waits until it has.
    pub(super) async fn stop(mut self) {
        self.0.shutdown().await;
    }
}

async fn supervise<W, F, E>(name: &'static str, every: Duration, work: Arc<W>)
where
    W: Fn() -> F + Send + Sync + 'static,
    F: Future<Output = Result<(), E>> + Send + 'static,
    E: Display + Send + 'static,
{
    let panics = Arc::new(AtomicU32::new(0));
    loop {
        // In a set of its own, so that the job ends with its supervisor.
        let mut running = JoinSet::new();
        running.spawn(repeat(name, every, Arc::clone(&work), Arc::clone(&panics)));
        let _ = running.join_next().await;
        let doublings = panics.fetch_add(1, Ordering::Relaxed).min(MOST_DOUBLINGS);
        metrics::counter!("tessera_job_panics_total", "job" => name).increment(1);
        tracing::error!(job = name, "a background job panicked and is started again");
        tokio::time::sleep(SHORTEST_PAUSE * 2_u32.pow(doublings)).await;
    }
}

/// Never ends but by a panic. A failure is logged when it begins and when it is over, not twice a second in between.
async fn repeat<W, F, E>(name: &'static str, every: Duration, work: Arc<W>, panics: Arc<AtomicU32>)
where
    W: Fn() -> F + Send + Sync + 'static,
    F: Future<Output = Result<(), E>> + Send + 'static,
    E: Display + Send + 'static,
{
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failing = false;
    loop {
        ticks.tick().await;
        match work().await {
            Ok(()) if failing => {
                failing = false;
                tracing::info!(job = name, "a background job works again");
            }
            Ok(()) => {}
            Err(error) => {
                metrics::counter!("tessera_job_failures_total", "job" => name).increment(1);
                if !failing {
                    tracing::error!(job = name, %error, "a background job fails; it keeps trying");
                }
                failing = true;
            }
        }
        panics.store(0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc;

    #[tokio::test(start_paused = true)]
    async fn f44_a_job_that_panics_is_started_again() {
        let (done, mut rounds) = mpsc::unbounded_channel();
        let count = Arc::new(AtomicU32::new(0));
        let mut jobs = Jobs::default();
        jobs.keep("test", Duration::from_secs(1), move || {
            let round = count.fetch_add(1, Ordering::Relaxed);
            let done = done.clone();
            async move {
                assert!(round.is_multiple_of(2), "every other round panics");
                done.send(round).map_err(|_| "nobody listens")
            }
        });
        for expected in [0, 2, 4] {
            assert_eq!(rounds.recv().await, Some(expected));
        }
        jobs.stop().await;
        assert_eq!(rounds.recv().await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_job_that_fails_keeps_trying() {
        let (done, mut rounds) = mpsc::unbounded_channel();
        let mut jobs = Jobs::default();
        jobs.keep("test", Duration::from_secs(1), move || {
            let _ = done.send(());
            async { Err::<(), _>("no") }
        });
        for _ in 0..3 {
            assert_eq!(rounds.recv().await, Some(()));
        }
    }
}
