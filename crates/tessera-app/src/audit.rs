//! Audit events that may wait a second: successful issue of stateless machine tokens costs no disk write.
//!
//! Everything about people and every denial is written in its own transaction instead. A crash loses at most the events of
//! the last second; a full batch stops issuance rather than lose one silently.

use parking_lot::Mutex;
use tessera_model::AuditEvent;
use tessera_store::StoreError;

use crate::App;

/// Most events that may wait; beyond it issuance answers "unavailable".
const CAPACITY: usize = 65_536;
/// Events per transaction.
const CHUNK: usize = 1_024;

/// Events that wait for [`flush`].
#[derive(Default)]
pub(crate) struct Batch(Mutex<Vec<AuditEvent>>);

/// The batch is full: the database has not taken events for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many audit events wait for the database")]
pub struct BatchFull;

impl Batch {
    pub(crate) fn push(&self, event: AuditEvent) -> Result<(), BatchFull> {
        let mut waiting = self.0.lock();
        if waiting.len() >= CAPACITY {
            return Err(BatchFull);
        }
        waiting.push(event);
        Ok(())
    }
}

/// Writes the events that wait; on failure they wait on. Called several times a second and once more at shutdown.
///
/// # Errors
/// The database did not take them.
pub async fn flush(app: &App) -> Result<(), StoreError> {
    loop {
        let chunk: Vec<AuditEvent> = {
            let mut waiting = app.batch.0.lock();
            let take = waiting.len().min(CHUNK);
            waiting.drain(..take).collect()
        };
        if chunk.is_empty() {
            return Ok(());
        }
        let events = &chunk;
        let written = app.store.write(|tx| async move { tx.append_events(events).await }).await;
        if let Err(fault) = written {
            app.batch.0.lock().splice(0..0, chunk);
            return Err(fault);
        }
    }
}
