//! A group that is not needed any more.

use tessera_model::audit::Detail;
use tessera_model::{AuditEvent, EventCode, GroupName};

use super::GroupError;
use crate::Cx;
use crate::access::{Action, Object, authorize};

/// Removes a group, whoever is in it. A large one loses its members in steps; whoever stops that can remove it again.
///
/// # Errors
/// See [`GroupError`].
pub async fn delete(cx: &Cx, name: &GroupName) -> Result<(), GroupError> {
    let allowed = authorize(cx, Action::DeleteGroup, Object::Group(name)).await?;
    let detail = Some(Detail::Group(name.as_str()).text());
    let event = &AuditEvent { detail, ..allowed.event(EventCode::GroupDeleted) };
    allowed
        .write_in_steps(|tx, most| async move {
            // Whoever adds somebody meanwhile waits here, and then finds no group.
            if !tx.groups().lock(name).await? {
                return Err(GroupError::NotFound);
            }
            if tx.groups().remove_members(name, most).await? == u64::from(most) {
                return Ok(false);
            }
            tx.groups().delete(name).await?;
            tx.audit().append(&AuditEvent { at: cx.app.now(), ..event.clone() }).await?;
            Ok(true)
        })
        .await
}
