//! Runs a job if it is due and no other instance works on it.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tessera_model::{JobClaim, JobEnd, JobRecord, Timestamp};
use tessera_store::StoreError;
use tokio::task::{JoinError, JoinSet};

use super::claimed_job::{ClaimedJob, DueAt, JobError, LEASE, Run};
use crate::App;

/// How soon a job that failed is tried again, if its period is not shorter.
const RETRY: Duration = Duration::from_secs(60);
/// A job rests at least this long after a run, whatever the run says.
const SHORTEST_REST: Duration = Duration::from_secs(1);
/// Most characters of an error that the database keeps.
const MAX_ERROR_CHARS: usize = 500;

/// What came of asking for a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is not due, or another instance works on it.
    NotNow,
    /// It ran, and went well.
    Succeeded,
    /// It ran, and failed for this reason.
    Failed(String),
    /// It took too long, and another instance has taken it over.
    LeaseLost,
}

/// Why the servers' poll could not go on with a job.
#[derive(Debug, thiserror::Error)]
#[error("{job}: {error}")]
pub struct PollError {
    /// The job.
    job: &'static str,
    /// The database failed.
    error: StoreError,
}

/// Runs every job that is due and that no other instance works on, one after the other. `instance` names this process to
/// administrators.
///
/// # Errors
/// The database cannot be asked, or did not take the result of a job. The others were asked for all the same.
pub async fn run_due(app: &Arc<App>, jobs: &[ClaimedJob], instance: &str) -> Result<(), PollError> {
    let all = "all jobs";
    let records = app.store.read(|tx| async move { tx.jobs().list().await }).await;
    let records = records.map_err(|error| PollError { job: all, error })?;
    let (mut outcome, mut outdated) = (Ok(()), false);
    for job in jobs {
        let ran = if outdated {
            run_if_due(app, job, instance).await
        } else {
            let record = records.iter().find(|record| record.name == job.name).cloned();
            consider(app, job, instance, record).await
        };
        // A run may have taken minutes.
        outdated |= !matches!(ran, Ok(Outcome::NotNow));
        outcome = outcome.and(ran.map(drop).map_err(|error| PollError { job: job.name, error }));
    }
    outcome
}

/// Runs a job if it is due and no other instance works on it.
///
/// The log has a line for the first failure of a job and for the first success after it, and for each panic.
///
/// # Errors
/// The database cannot be asked, or does not take the result. In the second case another run follows once the lease has ended.
pub async fn run_if_due(app: &Arc<App>, job: &ClaimedJob, instance: &str) -> Result<Outcome, StoreError> {
    let record = app.store.read(|tx| async move { tx.jobs().find(job.name).await }).await?;
    consider(app, job, instance, record).await
}

/// `before` is what the database said a moment ago. Most of the time it says that there is nothing to do. Only the claim decides.
async fn consider(
    app: &Arc<App>,
    job: &ClaimedJob,
    instance: &str,
    before: Option<JobRecord>,
) -> Result<Outcome, StoreError> {
    let cx = app.system();
    let holder = format!("{instance} {}", cx.request_id);
    let claim = &JobClaim { name: job.name, holder: &holder, now: cx.now, lease: LEASE, period: job.period };
    before.iter().for_each(export_last_success);
    // After a gap the clock may be wrong, off the database's it is. What a job does at a wrong time cannot be taken back. A mail goes out all
    // the same: somebody waits for it.
    let in_doubt = (app.time.is_quiet() && !job.is_outbound) || app.off_database_clock().is_some();
    if in_doubt || before.as_ref().is_some_and(|record| !claim.succeeds_on(record)) {
        return Ok(Outcome::NotNow);
    }
    if app.store.write(|tx| async move { tx.jobs().claim(claim).await }).await?.is_none() {
        return Ok(Outcome::NotNow);
    }
    if let Some(dead) = before.as_ref().and_then(|record| record.lease.as_ref()) {
        tracing::warn!(job = job.name, holder = dead.holder, "took over a job whose holder has not ended it");
    }
    let due_at = DueAt::new(Mutex::new(None));
    let mut task = JoinSet::new();
    task.spawn(job.work(Run { cx, name: job.name, holder: holder.clone(), due_at: Arc::clone(&due_at) }));
    // One task was started, so there is one result.
    let Some(ended) = task.join_next().await else { return Ok(Outcome::NotNow) };
    let failed_before = before.is_some_and(|record| record.last_error.is_some());
    let due_at = *due_at.lock();
    let run = Ended { app, job, holder: &holder, failed_before, due_at };
    match ended {
        Ok(Ok(())) => run.succeeded().await,
        Ok(Err(JobError::LeaseLost)) => Ok(run.lost()),
        Ok(Err(error @ (JobError::Store(_) | JobError::Keys(_)))) => run.failed(&error.to_string()).await,
        Err(error) => run.cut_short(&error).await,
    }
}

/// A run that has ended and is not written down yet.
struct Ended<'a> {
    app: &'a App,
    job: &'a ClaimedJob,
    holder: &'a str,
    failed_before: bool,
    due_at: Option<Timestamp>,
}

impl Ended<'_> {
    async fn succeeded(self) -> Result<Outcome, StoreError> {
        let now = self.app.now();
        let period = now.after(self.job.period);
        let next_run_at = self.due_at.map_or(period, |due| due.max(now.after(SHORTEST_REST)).min(period));
        if !self.finish(JobEnd { at: now, result: Ok(()), next_run_at }).await? {
            return Ok(self.lost());
        }
        if self.failed_before {
            tracing::info!(job = self.job.name, "a background job works again");
        }
        export(self.job.name, now);
        Ok(Outcome::Succeeded)
    }

    async fn failed(self, error: &str) -> Result<Outcome, StoreError> {
        let (now, rest) = (self.app.now(), self.job.period.min(RETRY));
        let shown: String = error.chars().take(MAX_ERROR_CHARS).collect();
        if !self.finish(JobEnd { at: now, result: Err(&shown), next_run_at: now.after(rest) }).await? {
            return Ok(self.lost());
        }
        metrics::counter!("tessera_job_failures_total", "job" => self.job.name).increment(1);
        if !self.failed_before {
            tracing::error!(job = self.job.name, %error, "a background job fails; the servers keep trying");
        }
        Ok(Outcome::Failed(error.to_owned()))
    }

    async fn cut_short(self, error: &JoinError) -> Result<Outcome, StoreError> {
        if error.is_panic() {
            metrics::counter!("tessera_job_panics_total", "job" => self.job.name).increment(1);
            tracing::error!(job = self.job.name, "a background job panicked");
        }
        self.failed("it was cut short; the log of its holder says why").await
    }

    fn lost(&self) -> Outcome {
        tracing::warn!(
            job = self.job.name,
            "a background job took too long; another instance has taken it over"
        );
        Outcome::LeaseLost
    }

    async fn finish(&self, end: JobEnd<'_>) -> Result<bool, StoreError> {
        let (name, holder, end) = (self.job.name, self.holder, &end);
        self.app.store.write(|tx| async move { tx.jobs().finish(name, holder, end).await }).await
    }
}

/// Every instance shows when a job last succeeded, whichever instance ran it.
fn export_last_success(record: &JobRecord) {
    if let Some(at) = record.last_succeeded_at {
        export(&record.name, at);
    }
}

fn export(job: &str, at: Timestamp) {
    let seconds = u32::try_from(at.seconds()).unwrap_or(u32::MAX);
    metrics::gauge!("tessera_job_last_success_timestamp_seconds", "job" => job.to_owned())
        .set(f64::from(seconds));
}
