//! Shows the jobs to an administrator.

use tessera_model::JobRecord;

use super::table::table;
use crate::Cx;
use crate::access::{AccessError, Action, Object, authorize};

/// Every job, by name: those of this version, also if no server has begun them, and those that another version has left.
///
/// # Errors
/// Not allowed, or the database failed.
pub async fn list(cx: &Cx) -> Result<Vec<JobRecord>, AccessError> {
    let allowed = authorize(cx, Action::ListJobs, Object::Jobs).await?;
    let mut records = allowed.read(|tx| async move { tx.jobs().list().await }).await?;
    for job in table() {
        if !records.iter().any(|record| record.name == job.name) {
            records.push(JobRecord::new(job.name, cx.now));
        }
    }
    records.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(records)
}
