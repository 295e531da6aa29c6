//! Background jobs. Each runs at its interval. A job that panics starts again after a pause that grows.
//!
//! A vital job is dead if it panics for five seconds or hangs for thirty: then another instance does better, and `/readyz` says 503. One
//! that comes to its end with an error lives. A database that is slow or gone makes the jobs of every instance fail. That is what
//! `/readyz/write` says, once five seconds are over without a success.

use std::fmt::Display;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};

/// Pause after the first panic.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// How often the pause may double: at most 32 s.
const MAX_DOUBLINGS: u32 = 5;
/// A job that has panicked since it last came to its end, for longer than this, is dead.
const DEAD_AFTER: Duration = Duration::from_secs(5);
/// A run that takes longer hangs. Every step that a job waits for has a shorter time limit of its own.
const HANGS_AFTER: Duration = Duration::from_secs(30);
/// A job without a success for longer fails.
const FAILS_AFTER: Duration = Duration::from_secs(5);

/// The jobs of one server. Dropping this ends them.
pub(super) struct Jobs {
    runtime: Handle,
    running: JoinSet<()>,
    vital: Vec<Arc<Job>>,
}

/// One job and its state.
pub(super) struct Job {
    name: &'static str,
    interval: Duration,
    work: Work,
    progress: Mutex<Progress>,
    panics_in_a_row: AtomicU32,
}

/// When a job last came how far.
struct Progress {
    /// The end of the last run that did not panic.
    ended_at: Instant,
    succeeded_at: Instant,
    /// Whether a run has panicked since the last one ended.
    panicked: bool,
}

/// Starts one run of a job. The error is for the log.
type Work = Box<dyn Fn() -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>> + Send + Sync>;

impl Jobs {
    /// No jobs yet. They will run there.
    pub(super) fn on(runtime: &Handle) -> Self {
        Self { runtime: runtime.clone(), running: JoinSet::new(), vital: Vec::new() }
    }

    /// Runs a job now and then at its interval.
    pub(super) fn spawn(&mut self, job: Job) {
        self.running.spawn_on(supervise(Arc::new(job)), &self.runtime);
    }

    /// Like [`Jobs::spawn`], for a job without which the server cannot work.
    pub(super) fn spawn_vital(&mut self, job: Job) {
        let job = Arc::new(job);
        self.vital.push(Arc::clone(&job));
        self.running.spawn_on(supervise(job), &self.runtime);
    }

    /// Returns a function that names a dead vital job, if there is one.
    pub(super) fn watch_vital(&self) -> impl Fn() -> Option<&'static str> + Send + Sync + 'static {
        let vital = self.vital.clone();
        move || vital.iter().find(|job| job.is_dead()).map(|job| job.name)
    }

    /// Returns a function that names a vital job that lives and fails, if there is one.
    pub(super) fn watch_failing(&self) -> impl Fn() -> Option<&'static str> + Send + Sync + 'static {
        let vital = self.vital.clone();
        move || vital.iter().find(|job| job.is_failing()).map(|job| job.name)
    }

    /// Stops every job and waits for its end.
    pub(super) async fn stop(mut self) {
        self.running.shutdown().await;
    }
}

impl Job {
    /// A job that does `work` with `part` of the server.
    pub(super) fn new<P, F, E>(
        name: &'static str,
        interval: Duration,
        part: &Arc<P>,
        work: impl Fn(Arc<P>) -> F + Send + Sync + 'static,
    ) -> Self
    where
        P: Send + Sync + 'static,
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Display,
    {
        let part = Arc::clone(part);
        let work: Work = Box::new(move || {
            let round = work(Arc::clone(&part));
            Box::pin(async { round.await.map_err(|error| error.to_string()) })
        });
        let now = Instant::now();
        let progress = Mutex::new(Progress { ended_at: now, succeeded_at: now, panicked: false });
        Self { name, interval, work, progress, panics_in_a_row: AtomicU32::new(0) }
    }

    fn is_dead(&self) -> bool {
        let progress = self.progress.lock();
        let limit = if progress.panicked { DEAD_AFTER } else { self.interval + HANGS_AFTER };
        progress.ended_at.elapsed() > limit
    }

    fn is_failing(&self) -> bool {
        self.progress.lock().succeeded_at.elapsed() > self.interval + FAILS_AFTER
    }

    fn ended(&self, succeeded: bool) {
        let (now, mut progress) = (Instant::now(), self.progress.lock());
        (progress.ended_at, progress.panicked) = (now, false);
        if succeeded {
            progress.succeeded_at = now;
        }
    }
}

async fn supervise(job: Arc<Job>) {
    loop {
        // The set ends the job if somebody drops the supervisor.
        let mut running = JoinSet::new();
        running.spawn(repeat(Arc::clone(&job)));
        let _ = running.join_next().await;
        job.progress.lock().panicked = true;
        let doublings = job.panics_in_a_row.fetch_add(1, Ordering::Relaxed).min(MAX_DOUBLINGS);
        metrics::counter!("tessera_job_panics_total", "job" => job.name).increment(1);
        tracing::error!(job = job.name, "a background job panicked; it starts again after a pause");
        tokio::time::sleep(FIRST_PAUSE * 2_u32.pow(doublings)).await;
    }
}

/// Runs a job for ever; only a panic ends this. The log has a line for the first failure and for the first success after it.
async fn repeat(job: Arc<Job>) {
    let mut ticks = tokio::time::interval(job.interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failing = false;
    loop {
        ticks.tick().await;
        let outcome = (job.work)().await;
        job.ended(outcome.is_ok());
        match outcome {
            Ok(()) => {
                if failing {
                    tracing::info!(job = job.name, "a background job works again");
                }
                failing = false;
            }
            Err(error) => {
                metrics::counter!("tessera_job_failures_total", "job" => job.name).increment(1);
                if !failing {
                    tracing::error!(job = job.name, %error, "a background job fails; the server keeps trying");
                }
                failing = true;
            }
        }
        job.panics_in_a_row.store(0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use tokio::sync::mpsc;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn f44_a_job_that_panics_is_started_again() {
        let (done, mut rounds) = mpsc::unbounded_channel();
        let state = Arc::new((AtomicU32::new(0), done));
        let mut jobs = Jobs::on(&Handle::current());
        jobs.spawn(Job::new("test", SECOND, &state, async |state| {
            let (count, done) = &*state;
            let round = count.fetch_add(1, Ordering::Relaxed);
            assert!(round.is_multiple_of(2), "every other round panics");
            done.send(round).map_err(|_| "nobody listens")
        }));
        drop(state);
        for expected in [0, 2, 4] {
            assert_eq!(rounds.recv().await, Some(expected));
        }
        jobs.stop().await;
        assert_eq!(rounds.recv().await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_job_that_fails_keeps_trying() {
        let (done, mut rounds) = mpsc::unbounded_channel();
        let mut jobs = Jobs::on(&Handle::current());
        jobs.spawn(Job::new("test", SECOND, &Arc::new(done), async |done| {
            let _ = done.send(());
            Err("no")
        }));
        for _ in 0..3 {
            assert_eq!(rounds.recv().await, Some(()));
        }
    }

    /// In which second a vital job that succeeds once and then does `work` is first dead, and first failing, of forty.
    async fn deaths<F>(work: impl Fn() -> F + Clone + Send + Sync + 'static) -> (Option<u64>, Option<u64>)
    where
        F: Future<Output = Result<(), &'static str>> + Send + 'static,
    {
        let rounds = Arc::new(AtomicU32::new(0));
        let mut jobs = Jobs::on(&Handle::current());
        jobs.spawn_vital(Job::new("test", SECOND, &rounds, move |rounds| {
            let (first, work) = (rounds.fetch_add(1, Ordering::Relaxed) == 0, work.clone());
            async move { if first { Ok(()) } else { work().await } }
        }));
        let (dead, failing) = (jobs.watch_vital(), jobs.watch_failing());
        let begun = Instant::now() + Duration::from_millis(1);
        let (mut died, mut failed) = (None, None);
        for second in 1..=40 {
            tokio::time::sleep_until(begun + Duration::from_secs(second)).await;
            died = died.or(dead().map(|_| second));
            failed = failed.or(failing().map(|_| second));
        }
        (died, failed)
    }

    #[tokio::test(start_paused = true)]
    async fn f44_a_vital_job_that_panics_or_hangs_is_dead_and_one_that_fails_is_not() {
        assert_eq!(deaths(async || panic!("again and again")).await, (Some(5), Some(6)));
        assert_eq!(deaths(async || Err("no")).await, (None, Some(6)));
        assert_eq!(deaths(std::future::pending).await, (Some(31), Some(6)), "one that hangs");
        assert_eq!(deaths(async || Ok(())).await, (None, None));
    }

    #[tokio::test(start_paused = true)]
    async fn f44_other_jobs_may_fail_and_a_vital_one_may_recover() {
        let broken = Arc::new(AtomicBool::new(true));
        let mut jobs = Jobs::on(&Handle::current());
        jobs.spawn(Job::new("other", SECOND, &broken, async |_| Err("never")));
        jobs.spawn_vital(Job::new("vital", SECOND, &broken, async |broken| {
            if broken.load(Ordering::Relaxed) { Err("not yet") } else { Ok(()) }
        }));
        let (dead, failing) = (jobs.watch_vital(), jobs.watch_failing());
        tokio::time::sleep(Duration::from_secs(7)).await;
        assert_eq!((dead(), failing()), (None, Some("vital")));
        broken.store(false, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!((dead(), failing()), (None, None));
    }
}
