//! A group that is not needed any more.

use tessera_model::audit::Detail;
use tessera_model::{AuditEvent, EventCode, GroupName};

use super::GroupError;
use crate::Cx;
use crate::access::{Action, Object, authorize};

/// Removes a group, whoever is in it. It counts for nothing at once. A large one loses its members in steps after that; whoever
/// stops them can remove it again, and until then its name is taken.
///
/// # Errors
/// See [`GroupError`].
pub async fn delete(cx: &Cx, name: &GroupName) -> Result<(), GroupError> {
    let allowed = authorize(cx, Action::DeleteGroup, Object::Group(name)).await?;
    let detail = Some(Detail::Group(name.as_str()).text());
    let event = &AuditEvent { detail, ..allowed.event(EventCode::GroupDeleted) };
    allowed
        .write_in_steps(|tx, most| async move {
            // Whoever adds somebody at this moment was first, or finds no group.
            if tx.groups().close(name, cx.now).await? {
                tx.audit().append(event).await?;
            } else if !tx.groups().exists(name).await? {
                return Err(GroupError::NotFound);
            }
            tx.groups().remove_members(name, most).await?;
            Ok(tx.groups().delete(name).await?)
        })
        .await
}
