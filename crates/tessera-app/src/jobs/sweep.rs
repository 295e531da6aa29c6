//! Purges: each removes the rows of one subject whose time is over. A step removes a few hundred rows, so that nobody waits long
//! behind it.

use std::time::Duration;

use tessera_store::{StoreError, Tx};

use super::claimed_job::{JobError, Run};
use crate::rules::{self, FoldedClient};

/// How long a spent thing is remembered after it has expired. Long enough for a clock that is wrong or is put back (policy P6).
const SPENT_KEPT: Duration = Duration::from_secs(3_600);

/// Sessions and grants that have expired, and the grants that ended with their session.
pub(super) async fn sessions(run: Run) -> Result<(), JobError> {
    let now = run.cx.now;
    sweep(&run, |tx| async move { tx.grants().purge_of_ended_sessions().await }).await?;
    sweep(&run, |tx| async move { Ok(tx.grants().purge(now).await? + tx.sessions().purge(now).await?) }).await
}

/// Revocation rules that no living token can hit any more.
pub(super) async fn revocations(run: Run) -> Result<(), JobError> {
    let now = run.cx.now;
    sweep(&run, |tx| async move { tx.revocations().purge(now).await }).await
}

/// Too many revocation rules of a client become one.
pub(super) async fn fold_rules(run: Run) -> Result<(), JobError> {
    while let Some(FoldedClient { digest, seq }) = rules::fold_clients(&run.cx).await? {
        sweep(&run, |tx| async move { tx.revocations().purge_of_client(&digest, seq).await }).await?;
    }
    Ok(())
}

/// Failure counters of days that are over.
pub(super) async fn throttles(run: Run) -> Result<(), JobError> {
    let now = run.cx.now;
    sweep(&run, |tx| async move { tx.throttles().purge(now).await }).await
}

/// Audit events that are older than the operator wants to keep them.
pub(super) async fn audit(run: Run) -> Result<(), JobError> {
    let before = run.cx.now.before(run.cx.app.config.audit_retention);
    sweep(&run, |tx| async move { tx.audit().purge(before).await }).await
}

/// Single-use things that have expired.
pub(super) async fn spent(run: Run) -> Result<(), JobError> {
    let before = run.cx.now.before(SPENT_KEPT);
    sweep(&run, |tx| async move { tx.spent().purge(before).await }).await
}

/// Steps until there is nothing left.
async fn sweep<F>(run: &Run, purge: impl Fn(Tx) -> F) -> Result<(), JobError>
where
    F: Future<Output = Result<u64, StoreError>>,
{
    while run.step(&purge).await? > 0 {}
    Ok(())
}
