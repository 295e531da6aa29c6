//! Audit events that wait a moment for the database: those of stateless machine tokens, whose issue costs no disk write, the
//! alarm that a password is sprayed (`login::rate_limit`), and the numbers of denials that have no row of their own (`budget`).
//!
//! Everything else about people is written in the transaction of the act instead, and so is every denial within its budget. A crash
//! loses at most the events of the last second and the numbers of the last minute; a full batch stops issuance rather than
//! lose one silently.
//!
//! A flush that is cut short leaves its events where the next one finds them; writing one again changes nothing.

pub(crate) mod budget;
mod list;

pub use list::list;
pub use tessera_store::AuditFilter;

use std::sync::Arc;

use parking_lot::Mutex;
use tessera_model::AuditEvent;
use tessera_store::StoreError;

use self::budget::Minutes;
use crate::App;

/// Most events that may wait; beyond it issuance answers "unavailable".
const CAPACITY: usize = 65_536;
/// Events per transaction.
const CHUNK: usize = 1_024;

/// Events that wait for [`flush`].
#[derive(Default)]
pub(crate) struct Batch {
    queue: Mutex<Vec<AuditEvent>>,
    /// On their way to the database; held by the one flush under way.
    writing: tokio::sync::Mutex<Vec<AuditEvent>>,
}

/// The batch is full: the database has not taken events for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many audit events wait for the database")]
pub struct BatchFull;

impl Batch {
    pub(crate) fn push(&self, event: AuditEvent) -> Result<(), BatchFull> {
        let mut queue = self.queue.lock();
        if queue.len() >= CAPACITY {
            return Err(BatchFull);
        }
        queue.push(event);
        Ok(())
    }
}

/// Writes the events that waited when it was called, and the numbers of the minutes that are over; on failure they wait on.
/// Called several times a second. What comes in meanwhile waits for the next call: a busy server would commit without a pause
/// otherwise.
///
/// # Errors
/// The database did not take them.
pub async fn flush(app: &Arc<App>) -> Result<(), StoreError> {
    empty(app, Minutes::Over).await
}

/// Writes everything that waits, also the numbers of the minute under way: at the end of the server.
///
/// # Errors
/// The database did not take them.
pub async fn settle(app: &Arc<App>) -> Result<(), StoreError> {
    empty(app, Minutes::All).await
}

async fn empty(app: &Arc<App>, minutes: Minutes) -> Result<(), StoreError> {
    let mut writing = app.batch.writing.lock().await;
    // What an earlier flush left goes first; nothing comes to it while the database takes nothing.
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
