//! Reading the audit trail.

use tessera_model::RecordedEvent;
use tessera_store::AuditFilter;

use crate::Cx;
use crate::access::{AccessError, Action, Object, authorize};

/// Events, newest first. Those with a code of a newer version are among them.
///
/// # Errors
/// Not allowed, or the database failed.
pub async fn list(cx: &Cx, filter: &AuditFilter, limit: u32) -> Result<Vec<RecordedEvent>, AccessError> {
    let allowed = authorize(cx, Action::ListEvents, Object::Events).await?;
    Ok(allowed.read(|tx| async move { tx.audit().list(filter, limit).await }).await?)
}
