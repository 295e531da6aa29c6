//! Jobs that one of several instances does at a time. The instance that holds the lease of a job extends it while it works.
//! After a crash the lease ends by itself, and another instance takes the job over.
//!
//! Every statement of a holder names it. A holder that has lost its lease changes nothing and is told so.

use tessera_model::{JobClaim, JobEnd, JobLease, JobRecord, Timestamp};

use crate::row::Row;
use crate::sql::jobs as sql;
use crate::value::params;
use crate::{StoreError, Tx};

/// Jobs, in a transaction or a read.
#[derive(Clone, Copy)]
pub struct Jobs<'t>(&'t Tx);

impl Tx {
    /// Jobs that one of several instances does at a time.
    pub const fn jobs(&self) -> Jobs<'_> {
        Jobs(self)
    }
}

impl Jobs<'_> {
    /// Begins a run if the job is due and free. Of instances that come together one gets it.
    pub async fn claim(self, claim: &JobClaim<'_>) -> Result<Option<JobRecord>, StoreError> {
        let params = params![
            claim.name,
            claim.holder,
            claim.lease_until(),
            claim.now,
            claim.expired_before(),
            claim.latest_lease(),
            claim.latest_next_run(),
        ];
        self.0.one_row(&sql::CLAIM, params).await?.map(read).transpose()
    }

    /// Extends a lease, and adds to the progress of the run; `false` if somebody else has taken the job over.
    pub async fn extend(self, name: &str, lease: &JobLease, done: i64) -> Result<bool, StoreError> {
        self.0.changed(&sql::EXTEND, params![name, &lease.holder, lease.until, done]).await
    }

    /// Ends a run; `false` if somebody else has taken the job over.
    pub async fn finish(self, name: &str, holder: &str, end: &JobEnd<'_>) -> Result<bool, StoreError> {
        match end.result {
            Ok(()) => self.0.changed(&sql::SUCCEED, params![name, holder, end.at, end.next_run_at]).await,
            Err(error) => {
                self.0.changed(&sql::FAIL, params![name, holder, end.at, error, end.next_run_at]).await
            }
        }
    }

    /// Makes a job due now. If it is running, it runs once more, because it may have looked before this transaction.
    pub async fn wake(self, name: &str, now: Timestamp) -> Result<(), StoreError> {
        self.0.execute(&sql::WAKE, params![name, now]).await.map(drop)
    }

    /// One job, if an instance has ever begun it.
    pub async fn find(self, name: &str) -> Result<Option<JobRecord>, StoreError> {
        self.0.one_row(&sql::FIND, params![name]).await?.map(read).transpose()
    }

    /// Every job that an instance has ever begun, by name.
    pub async fn list(self) -> Result<Vec<JobRecord>, StoreError> {
        self.0.rows(&sql::LIST, &[]).await?.into_iter().map(read).collect()
    }
}

pub(crate) fn read(mut row: Row) -> Result<JobRecord, StoreError> {
    let name = row.text("name")?;
    let lease = match (row.opt_text("holder")?, row.opt_time("lease_until")?) {
        (Some(holder), Some(until)) => Some(JobLease { holder, until }),
        (None, None) => None,
        (Some(_), None) | (None, Some(_)) => {
            return Err(row.unreadable("lease_until", "a holder and its lease"));
        }
    };
    Ok(JobRecord {
        name,
        lease,
        last_started_at: Some(row.time("last_started_at")?),
        last_finished_at: row.opt_time("last_finished_at")?,
        last_succeeded_at: row.opt_time("last_succeeded_at")?,
        last_error: row.opt_text("last_error")?,
        progress: row.int("progress")?,
        next_run_at: row.time("next_run_at")?,
    })
}
