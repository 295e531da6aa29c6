//! The description of a group.

use tessera_model::audit::Detail;
use tessera_model::{AuditEvent, EventCode, Group, GroupName};

use super::{GroupError, description_problem};
use crate::access::{Action, Object, authorize};
use crate::{Cx, problem};

/// Changes the description of a group, or takes it away. One that it has already stays as it is.
///
/// # Errors
/// See [`GroupError`].
pub async fn describe(cx: &Cx, name: &GroupName, description: Option<&str>) -> Result<Group, GroupError> {
    let allowed = authorize(cx, Action::DescribeGroup, Object::Group(name)).await?;
    problem::require_none(description_problem(description), GroupError::Invalid)?;
    let detail = Some(Detail::Group(name.as_str()).text());
    let event = &AuditEvent { detail, ..allowed.event(EventCode::GroupUpdated) };
    allowed
        .write(|tx| async move {
            if !tx.groups().lock(name).await? {
                return Err(GroupError::NotFound);
            }
            let group = tx.groups().find(name).await?.ok_or(GroupError::NotFound)?;
            if group.description.as_deref() != description {
                tx.groups().describe(name, description).await?;
                tx.audit().append(event).await?;
            }
            Ok(Group { description: description.map(str::to_owned), ..group })
        })
        .await
}
