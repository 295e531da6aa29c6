//! Runs a job if it is due and no other instance works on it.

use std::sync::Arc;
use std::time::Duration;

use tessera_model::{JobClaim, JobEnd, JobRecord, Timestamp};
use tessera_store::StoreError;
use tokio::task::{JoinError, JoinSet};

use super::claimed_job::{ClaimedJob, JobError, LEASE, Run};
use crate::App;

/// How soon a job that failed is tried again, if its period is not shorter.
const RETRY: Duration = Duration::from_secs(60);
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

/// Runs a job if it is due and no other instance works on it. `instance` names this process to administrators.
///
/// The log has a line for the first failure of a job and for the first success after it.
///
/// # Errors
/// The database cannot be asked, or does not take the result. In the second case another run follows once the lease has ended.
///
/// # Panics
/// If the job panics, once the database has the failure.
pub async fn run_if_due(app: &Arc<App>, job: &ClaimedJob, instance: &str) -> Result<Outcome, StoreError> {
    let cx = app.system();
    let holder = format!("{instance} {}", cx.request_id);
    let claim = &JobClaim { name: job.name, holder: &holder, now: cx.now, lease: LEASE, period: job.period };
    // Most of the time this read is all that is needed. Only the claim decides.
    let before = app.store.read(|tx| async move { tx.jobs().find(job.name).await }).await?;
    if let Some(record) = &before {
        export_last_success(record);
        if !claim.succeeds_on(record) {
            return Ok(Outcome::NotNow);
        }
    }
    if app.store.write(|tx| async move { tx.jobs().claim(claim).await }).await?.is_none() {
        return Ok(Outcome::NotNow);
    }
    if let Some(dead) = before.as_ref().and_then(|record| record.lease.as_ref()) {
        tracing::warn!(job = job.name, holder = dead.holder, "took over a job whose holder has not ended it");
    }
    let mut task = JoinSet::new();
    task.spawn(job.work(Run { cx, name: job.name, holder: holder.clone() }));
    // One task was started, so there is one result.
    let Some(ended) = task.join_next().await else { return Ok(Outcome::NotNow) };
    let run =
        Ended { app, job, holder: &holder, failed_before: before.is_some_and(|r| r.last_error.is_some()) };
    match ended {
        Ok(Ok(())) => run.succeeded().await,
        Ok(Err(JobError::LeaseLost)) => Ok(run.lost()),
        Ok(Err(error @ (JobError::Store(_) | JobError::Keys(_)))) => run.failed(&error.to_string()).await,
        Err(error) => run.cut_short(error).await,
    }
}

/// A run that has ended and is not written down yet.
struct Ended<'a> {
    app: &'a App,
    job: &'a ClaimedJob,
    holder: &'a str,
    failed_before: bool,
}

impl Ended<'_> {
    async fn succeeded(self) -> Result<Outcome, StoreError> {
        let now = self.app.clock.now();
        if !self.finish(JobEnd { at: now, result: Ok(()), next_run_at: now.after(self.job.period) }).await? {
            return Ok(self.lost());
        }
        if self.failed_before {
            tracing::info!(job = self.job.name, "a background job works again");
        }
        export(self.job.name, now);
        Ok(Outcome::Succeeded)
    }

    async fn failed(self, error: &str) -> Result<Outcome, StoreError> {
        let (now, rest) = (self.app.clock.now(), self.job.period.min(RETRY));
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

    async fn cut_short(self, error: JoinError) -> Result<Outcome, StoreError> {
        let outcome = self.failed("it was cut short; the log of its holder says why").await?;
        match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_cancelled) => Ok(outcome),
        }
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
