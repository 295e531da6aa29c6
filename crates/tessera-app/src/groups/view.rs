//! Looking groups up.

use tessera_model::{Group, GroupName, UserId, Username};

use super::GroupError;
use crate::Cx;
use crate::access::{AccessError, Action, Object, authorize};

/// The group of this name.
///
/// # Errors
/// See [`GroupError`].
pub async fn find(cx: &Cx, name: &GroupName) -> Result<Group, GroupError> {
    let allowed = authorize(cx, Action::FindGroup, Object::Group(name)).await?;
    let found = allowed.read(|tx| async move { tx.groups().find(name).await }).await?;
    found.ok_or(GroupError::NotFound)
}

/// Every group, with how many people are in it.
///
/// # Errors
/// Not allowed, or the database failed.
pub async fn list(cx: &Cx) -> Result<Vec<(Group, u64)>, AccessError> {
    let allowed = authorize(cx, Action::ListGroups, Object::Groups).await?;
    Ok(allowed.read(|tx| async move { tx.groups().list().await }).await?)
}

/// Who is in a group, in order of their login names, after this one.
///
/// # Errors
/// Not allowed, or the database failed.
pub async fn members(
    cx: &Cx,
    name: &GroupName,
    after: Option<&Username>,
    limit: u32,
) -> Result<Vec<Username>, AccessError> {
    let allowed = authorize(cx, Action::ListMembers, Object::Group(name)).await?;
    Ok(allowed.read(|tx| async move { tx.groups().members_after(name, after, limit).await }).await?)
}

/// The groups that a person is in.
///
/// # Errors
/// Not allowed, or the database failed.
pub async fn of_user(cx: &Cx, id: UserId) -> Result<Vec<GroupName>, AccessError> {
    let allowed = authorize(cx, Action::ListGroupsOfUser, Object::User(id)).await?;
    Ok(allowed.read(|tx| async move { tx.groups().of_user(id).await }).await?)
}
