//! Purges: each removes the rows of one subject whose time is over. Requests go first.

use std::time::Duration;

use tessera_store::{StoreError, Tx};

use super::claimed_job::{JobError, Run};
use crate::pace::Pace;
use crate::rules::{self, FoldedClient};

/// A purge makes room for other jobs after this time, and goes on at once.
const LONGEST_SWEEP: Duration = Duration::from_secs(30);
/// How long a spent thing is remembered after it has expired. Long enough for a clock that is wrong or is put back (policy P6).
const SPENT_KEPT: Duration = Duration::from_secs(3_600);

/// Sessions and grants that have expired, the grants that ended with their session, and logins that nobody finished.
pub(super) async fn sessions(run: Run) -> Result<(), JobError> {
    let now = run.cx.now;
    sweep(&run, |tx, most| async move { tx.logins().purge(now, most).await }).await?;
    sweep(&run, |tx, most| async move { tx.grants().purge_of_ended_sessions(most).await }).await?;
    sweep(&run, |tx, most| async move {
        Ok(tx.grants().purge(now, most).await? + tx.sessions().purge(now, most).await?)
    })
    .await
}

/// Revocation rules that no living token can hit any more.
pub(super) async fn revocations(run: Run) -> Result<(), JobError> {
    let now = run.cx.now;
    sweep(&run, |tx, most| async move { tx.revocations().purge(now, most).await }).await
}

/// Too many revocation rules of a client become one.
pub(super) async fn fold_rules(run: Run) -> Result<(), JobError> {
    while let Some(FoldedClient { digest, seq }) = rules::fold_clients(&run.cx).await? {
        let purge = |tx: Tx, most| async move { tx.revocations().purge_of_client(&digest, seq, most).await };
        // To its end: a client with rules that are left would be folded once more.
        sweep_for(&run, Duration::MAX, purge).await?;
    }
    Ok(())
}

/// Failure counters of days that are over.
pub(super) async fn throttles(run: Run) -> Result<(), JobError> {
    let now = run.cx.now;
    sweep(&run, |tx, most| async move { tx.throttles().purge(now, most).await }).await
}

/// Audit events that are older than the operator wants to keep them.
pub(super) async fn audit(run: Run) -> Result<(), JobError> {
    let before = run.cx.now.before(run.cx.app.config.audit_retention);
    sweep(&run, |tx, most| async move { tx.audit().purge(before, most).await }).await
}

/// Single-use things that have expired.
pub(super) async fn spent(run: Run) -> Result<(), JobError> {
    let before = run.cx.now.before(SPENT_KEPT);
    sweep(&run, |tx, most| async move { tx.spent().purge(before, most).await }).await
}

/// Steps until there is nothing left, or for a while.
async fn sweep<F>(run: &Run, purge: impl Fn(Tx, u32) -> F) -> Result<(), JobError>
where
    F: Future<Output = Result<u64, StoreError>>,
{
    sweep_for(run, LONGEST_SWEEP, purge).await
}

async fn sweep_for<F>(run: &Run, longest: Duration, purge: impl Fn(Tx, u32) -> F) -> Result<(), JobError>
where
    F: Future<Output = Result<u64, StoreError>>,
{
    let (time, purge) = (&run.cx.app.time, &purge);
    let (mut pace, first) = (Pace::gentle(), time.monotonic());
    loop {
        let begun = time.monotonic();
        if begun.saturating_sub(first) > longest {
            run.due_again_at(run.cx.now);
            return Ok(());
        }
        if run.step(|tx| purge(tx, pace.most())).await? == 0 {
            return Ok(());
        }
        pace.rest_after(time.monotonic().saturating_sub(begun)).await;
    }
}
