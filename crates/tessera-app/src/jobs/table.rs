//! Which jobs there are.

use std::time::Duration;

use super::claimed_job::{ClaimedJob, JobError, Run};
use super::sweep;
use crate::{keys, outbox};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

/// Every job, with its period.
pub fn table() -> Vec<ClaimedJob> {
    vec![
        ClaimedJob::new("fold.revocations", MINUTE, sweep::fold_rules),
        ClaimedJob::new(keys::rotate::JOB, HOUR, rotate_keys),
        ClaimedJob::new(outbox::JOB, HOUR, outbox::send::send).outbound(),
        ClaimedJob::new("purge.audit", HOUR, sweep::audit),
        ClaimedJob::new("purge.revocations", HOUR, sweep::revocations),
        ClaimedJob::new("purge.sessions", HOUR, sweep::sessions),
        ClaimedJob::new("purge.spent", HOUR, sweep::spent),
        ClaimedJob::new("purge.throttles", HOUR, sweep::throttles),
    ]
}

async fn rotate_keys(run: Run) -> Result<(), JobError> {
    let moved = keys::rotate::run_schedule(&run.cx).await?;
    if let Some(at) = moved.next_at {
        run.due_again_at(at);
    }
    run.report(moved.steps).await
}
