//! Audit events that are written in batches. There are three kinds: the issue of a machine's token, which costs no disk write by
//! itself; the alarm about password spraying (`login::rate_limit`); and the numbers of denials that have no row of their own
//! (`budget`).
//!
//! Every other event is written in the transaction of what it is about. A crash loses at most the batched events of the last
//! second and the numbers of the last minute. If the batch is full, or the last flush failed, no token is issued, so that no event
//! is lost silently.
//!
//! If a flush fails or is cut short, its events wait for the next one. Writing an event twice changes nothing.

pub(crate) mod budget;
mod follow;
mod list;

pub use follow::Follower;
pub use list::list;
pub use tessera_store::{AuditFilter, AuditPage, AuditPlace};

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use tessera_model::AuditEvent;
use tessera_store::StoreError;

use self::budget::Minutes;
use crate::App;

/// Most events that may wait. Beyond it, the token endpoint answers "unavailable".
const CAPACITY: usize = 65_536;
/// Events per transaction.
const CHUNK: usize = 1_024;

/// The events that wait for [`flush`].
#[derive(Default)]
pub(crate) struct Batch {
    queue: Mutex<Vec<AuditEvent>>,
    /// Events on their way to the database. The running flush holds the lock.
    writing: tokio::sync::Mutex<Vec<AuditEvent>>,
    /// Whether the database refused the last flush.
    is_refused: AtomicBool,
}

/// The database takes no audit events, or too many wait for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the audit trail cannot be written")]
pub struct AuditUnavailable;

impl Batch {
    /// Takes the event of a token that is about to be issued. Without it, the token must not be issued.
    pub(crate) fn push(&self, event: AuditEvent) -> Result<(), AuditUnavailable> {
        if self.is_refused.load(Ordering::Acquire) {
            return Err(AuditUnavailable);
        }
        self.push_alarm(event)
    }

    /// Takes an alarm, which waits until the database takes it.
    pub(crate) fn push_alarm(&self, event: AuditEvent) -> Result<(), AuditUnavailable> {
        let mut queue = self.queue.lock();
        if queue.len() >= CAPACITY {
            return Err(AuditUnavailable);
        }
        queue.push(event);
        Ok(())
    }
}

/// Writes the events that are waiting now, and the numbers of the minutes that are over. A job calls it several times a second.
/// Events that come in meanwhile wait for the next call, so that a busy server does not commit without a pause.
///
/// # Errors
/// The database failed. The events keep waiting.
pub async fn flush(app: &Arc<App>) -> Result<(), StoreError> {
    empty(app, Minutes::Over).await
}

/// Writes everything that waits, also the numbers of the current minute. The server calls it when it stops.
///
/// # Errors
/// The database failed. The events keep waiting.
pub async fn settle(app: &Arc<App>) -> Result<(), StoreError> {
    empty(app, Minutes::All).await
}

async fn empty(app: &Arc<App>, minutes: Minutes) -> Result<(), StoreError> {
    let emptied = write_all(app, minutes).await;
    app.batch.is_refused.store(emptied.is_err(), Ordering::Release);
    emptied
}

async fn write_all(app: &Arc<App>, minutes: Minutes) -> Result<(), StoreError> {
    let mut writing = app.batch.writing.lock().await;
    // The rest of an earlier flush goes first. While it cannot be written, the queue stays as it is.
    write(app, &mut writing).await?;
    std::mem::swap(&mut *writing, &mut *app.batch.queue.lock());
    writing.extend(budget::numbers(app, minutes));
    write(app, &mut writing).await
}

async fn write(app: &App, writing: &mut Vec<AuditEvent>) -> Result<(), StoreError> {
    while !writing.is_empty() {
        let chunk = writing.len().min(CHUNK);
        let events = &writing[..chunk];
        app.store.write(|tx| async move { tx.audit().append_all(events).await }).await?;
        writing.drain(..chunk);
    }
    Ok(())
}
