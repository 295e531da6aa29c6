//! Whether a transaction was committed whose COMMIT got no answer.
//!
//! PostgreSQL keeps the outcome of every transaction. So the store asks on another connection, by the number of the transaction
//! (PostgreSQL manual, section 9.27.14). A server that was restarted knows it too: what it had not committed is aborted.

use std::time::Duration;

use deadpool_postgres::Pool;
use tokio::time::Instant;
use tokio_postgres::SimpleQueryMessage;

use super::error::store_error;
use super::lease::Lease;
use crate::StoreError;

/// How long the store tries to find out.
const PATIENCE: Duration = Duration::from_secs(2);
/// Pauses between two questions.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// The number of a transaction (`xid8`). It is never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TransactionId(u64);

impl TransactionId {
    /// The number in the answer to [`BEGIN`].
    pub(super) fn read(answer: &[SimpleQueryMessage]) -> Option<Self> {
        text(answer)?.parse().ok().map(Self)
    }
}

/// Begins a transaction and asks for its number, in one message.
pub(super) const BEGIN: &str = "BEGIN; SELECT pg_current_xact_id()";

/// What became of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Committed,
    /// Nothing of it was kept, so it may run again.
    Aborted,
    /// Nobody could say in time.
    Unknown,
}

/// Asks until the answer is final.
pub(super) async fn find_out(pool: &Pool, id: TransactionId) -> Fate {
    let deadline = Instant::now() + PATIENCE;
    let mut pause = FIRST_PAUSE;
    loop {
        match tokio::time::timeout_at(deadline, ask(pool, id)).await {
            Ok(Ok(Some(fate))) => return fate,
            Ok(Ok(None)) => {}
            // One of the connections that broke together, or a server that is not back yet.
            Ok(Err(error)) => tracing::debug!(%error, "the outcome of a transaction is still unknown"),
            Err(_) => return Fate::Unknown,
        }
        tokio::time::sleep(pause).await;
        pause = LONGEST_PAUSE.min(pause * 2);
    }
}

/// One question; `None` while the transaction is under way.
async fn ask(pool: &Pool, TransactionId(id): TransactionId) -> Result<Option<Fate>, StoreError> {
    let lease = Lease::take(pool).await?;
    // A standby may be behind.
    let status = format!("SELECT CASE WHEN NOT pg_is_in_recovery() THEN pg_xact_status('{id}') END");
    let answer = query(&lease, &status).await?;
    let fate = match text(&answer) {
        Some("committed") => Some(Fate::Committed),
        Some("aborted") => Some(Fate::Aborted),
        Some("in progress") => {
            // If COMMIT never arrived, the session waits for it in vain and holds its locks.
            let end = format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                 WHERE backend_xid = '{id}'::xid8::xid AND state = 'idle in transaction'"
            );
            query(&lease, &end).await?;
            None
        }
        _ => None,
    };
    lease.mark_clean();
    Ok(fate)
}

async fn query(lease: &Lease, sql: &str) -> Result<Vec<SimpleQueryMessage>, StoreError> {
    lease.client()?.simple_query(sql).await.map_err(|error| store_error(&error))
}

/// The first value of the first row.
fn text(answer: &[SimpleQueryMessage]) -> Option<&str> {
    answer.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    })
}
