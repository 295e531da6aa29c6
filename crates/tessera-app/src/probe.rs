//! Whether the database takes writes. A job tries it once a second, so that an operator hears of a full disk, a file system that
//! became read-only or a database that is gone before the first person does.

use std::time::Duration;

use parking_lot::Mutex;
use tessera_store::StoreError;

use crate::App;

/// The longest that a try may take.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Why the last try failed.
#[derive(Default)]
pub(crate) struct Probe(Mutex<Option<StoreError>>);

/// Tries a small write. The first failure is an alarm in the log; the metric `tessera_database_writable` is 0 until a try succeeds.
pub async fn run(app: &App) {
    let tried = tokio::time::timeout(TIMEOUT, app.store.probe(app.now())).await;
    let refusal = match tried {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error),
        Err(_) => Some(StoreError::Unavailable("it takes too long".to_owned())),
    };
    metrics::gauge!("tessera_database_writable").set(if refusal.is_none() { 1.0 } else { 0.0 });
    let before = std::mem::replace(&mut *app.probe.0.lock(), refusal.clone());
    match (before, refusal) {
        (None, Some(error)) => tracing::error!(%error, "ALARM: the database takes no writes"),
        (Some(_), None) => tracing::info!("the database takes writes again"),
        (None, None) | (Some(_), Some(_)) => {}
    }
}

/// Why the database takes no writes: it is not the one that was opened, or the last try failed.
pub fn refusal(app: &App) -> Option<StoreError> {
    app.store.why_lost().or_else(|| app.probe.0.lock().clone())
}
