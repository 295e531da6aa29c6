//! A new group.

use tessera_model::audit::Detail;
use tessera_model::{AuditEvent, EventCode, Group, GroupName};

use super::{GroupError, description_problem};
use crate::access::{Action, Object, authorize};
use crate::{Cx, problem};

/// What a group starts with.
pub struct NewGroup {
    /// What applications call it. It never changes.
    pub name: GroupName,
    /// Who is meant, for administrators: at most 200 characters.
    pub description: Option<String>,
}

/// Makes a group that nobody is in.
///
/// # Errors
/// See [`GroupError`].
pub async fn add(cx: &Cx, new: NewGroup) -> Result<Group, GroupError> {
    let allowed = authorize(cx, Action::AddGroup, Object::Groups).await?;
    problem::require_none(description_problem(new.description.as_deref()), GroupError::Invalid)?;
    let group = Group { name: new.name, description: new.description, created_at: cx.now };
    let detail = Some(Detail::Group(group.name.as_str()).text());
    let (added, event) = (&group, &AuditEvent { detail, ..allowed.event(EventCode::GroupCreated) });
    allowed
        .write(|tx| async move {
            if !tx.groups().insert(added).await? {
                return Err(GroupError::Taken);
            }
            Ok(tx.audit().append(event).await?)
        })
        .await?;
    Ok(group)
}
