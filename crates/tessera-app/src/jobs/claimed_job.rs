//! One job, and the handle that its work gets.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tessera_model::{JobLease, Timestamp};
use tessera_store::{StoreError, Tx};

use crate::Cx;
use crate::keys::ManageError;

/// How long an instance holds a job without a sign of life. Each step of a run is much shorter.
pub(super) const LEASE: Duration = Duration::from_secs(60);

/// A job that one of several instances does at a time.
pub struct ClaimedJob {
    /// Stable name.
    pub name: &'static str,
    /// How long the job rests after a run, unless the run knows that it is due sooner.
    pub period: Duration,
    /// Whether it waits for other systems. Such a job holds up no other one: a server runs it apart.
    pub is_outbound: bool,
    work: Work,
}

type Work = Box<dyn Fn(Run) -> Working + Send + Sync>;
type Working = Pin<Box<dyn Future<Output = Result<(), JobError>> + Send>>;

impl ClaimedJob {
    /// A job with this work.
    pub fn new<F>(
        name: &'static str,
        period: Duration,
        work: impl Fn(Run) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<(), JobError>> + Send + 'static,
    {
        Self { name, period, is_outbound: false, work: Box::new(move |run| Box::pin(work(run))) }
    }

    /// The same, for work that waits for other systems.
    #[must_use]
    pub fn outbound(self) -> Self {
        Self { is_outbound: true, ..self }
    }

    pub(super) fn work(&self, run: Run) -> Working {
        (self.work)(run)
    }
}

/// Why a run ended early.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The run took too long, and another instance has taken the job over.
    #[error("another instance has taken the job over")]
    LeaseLost,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Keys could not be moved on.
    #[error(transparent)]
    Keys(#[from] ManageError),
}

/// A run under way.
pub struct Run {
    /// The context of the run. Its time is the beginning of the run.
    pub cx: Cx,
    /// The job.
    pub(super) name: &'static str,
    /// Who runs it.
    pub(super) holder: String,
    /// When the job is due again, if the run knows.
    pub(super) due_at: DueAt,
}

/// What a run says to its supervisor.
pub(super) type DueAt = Arc<Mutex<Option<Timestamp>>>;

impl Run {
    /// Does one step in a transaction, and extends the lease in the same one: a run that has lost its lease changes nothing.
    /// `step` answers how much it has done, and so does this.
    ///
    /// # Errors
    /// [`JobError::LeaseLost`], or the database failed.
    pub async fn step<F>(&self, step: impl Fn(Tx) -> F) -> Result<u64, JobError>
    where
        F: Future<Output = Result<u64, StoreError>>,
    {
        let (lease, step) = (&self.next_lease(), &step);
        let write = |tx: Tx| async move {
            let done = step(tx.clone()).await?;
            self.extend(&tx, lease, done).await?;
            Ok(done)
        };
        self.cx.app.store.write(write).await
    }

    /// The job is due again at this moment, if its period has not made it due before.
    pub fn due_again_at(&self, at: Timestamp) {
        *self.due_at.lock() = Some(at);
    }

    /// Extends the lease after work that has transactions of its own.
    ///
    /// # Errors
    /// [`JobError::LeaseLost`], or the database failed.
    pub async fn report(&self, done: u64) -> Result<(), JobError> {
        let lease = &self.next_lease();
        self.cx.app.store.write(|tx| async move { self.extend(&tx, lease, done).await }).await
    }

    /// The lease lasts from now on, not from the beginning of the run.
    fn next_lease(&self) -> JobLease {
        JobLease { holder: self.holder.clone(), until: self.cx.app.now().after(LEASE) }
    }

    async fn extend(&self, tx: &Tx, lease: &JobLease, done: u64) -> Result<(), JobError> {
        let done = i64::try_from(done).unwrap_or(i64::MAX);
        if tx.jobs().extend(self.name, lease, done).await? { Ok(()) } else { Err(JobError::LeaseLost) }
    }
}
