//! Who is in a group.

use std::collections::BTreeSet;

use tessera_model::audit::Detail;
use tessera_model::group::{MAX_GROUPS_OF_PERSON, MAX_MEMBERS_AT_ONCE};
use tessera_model::{AuditEvent, EventCode, GroupName, UserId, UserStatus};
use tessera_store::{StoreError, Tx};

use super::GroupError;
use crate::Cx;
use crate::access::{Action, Object, authorize};

/// Puts people into a group, all of them or nobody. Answers who was not in it before.
///
/// # Errors
/// See [`GroupError`].
pub async fn add_members(
    cx: &Cx,
    name: &GroupName,
    people: &BTreeSet<UserId>,
) -> Result<Vec<UserId>, GroupError> {
    let allowed = authorize(cx, Action::AddMembers, Object::Group(name)).await?;
    require_few(people)?;
    let event = &about(allowed.event(EventCode::MemberAdded), name);
    allowed
        .write(|tx| async move {
            if !tx.groups().lock(name).await? {
                return Err(GroupError::NotFound);
            }
            let mut added = Vec::new();
            for id in people.iter().copied() {
                require_open(&tx, id).await?;
                if tx.groups().add_member(name, id, cx.now).await? {
                    if tx.groups().count_of_user(id).await? > MAX_GROUPS_OF_PERSON {
                        return Err(GroupError::InTooMany(id));
                    }
                    append(&tx, event, id).await?;
                    added.push(id);
                }
            }
            Ok(added)
        })
        .await
}

/// Takes people out of a group. Answers who was in it.
///
/// # Errors
/// See [`GroupError`].
pub async fn remove_members(
    cx: &Cx,
    name: &GroupName,
    people: &BTreeSet<UserId>,
) -> Result<Vec<UserId>, GroupError> {
    let allowed = authorize(cx, Action::RemoveMembers, Object::Group(name)).await?;
    require_few(people)?;
    let event = &about(allowed.event(EventCode::MemberRemoved), name);
    allowed
        .write(|tx| async move {
            if !tx.groups().lock(name).await? {
                return Err(GroupError::NotFound);
            }
            let mut removed = Vec::new();
            for id in people.iter().copied() {
                if tx.groups().remove_member(name, id).await? {
                    append(&tx, event, id).await?;
                    removed.push(id);
                }
            }
            Ok(removed)
        })
        .await
}

fn require_few(people: &BTreeSet<UserId>) -> Result<(), GroupError> {
    if people.len() > MAX_MEMBERS_AT_ONCE { Err(GroupError::TooManyAtOnce) } else { Ok(()) }
}

/// The account is held until the transaction ends. So two acts at the same time do not put a person into too many groups.
async fn require_open(tx: &Tx, id: UserId) -> Result<(), GroupError> {
    match tx.users().find_for_update(id).await?.map(|user| user.status) {
        Some(UserStatus::Active | UserStatus::Locked { .. }) => Ok(()),
        Some(UserStatus::Disabled { .. }) | None => Err(GroupError::NoSuchUser(id)),
    }
}

fn about(event: AuditEvent, name: &GroupName) -> AuditEvent {
    AuditEvent { detail: Some(Detail::Group(name.as_str()).text()), ..event }
}

async fn append(tx: &Tx, event: &AuditEvent, id: UserId) -> Result<(), StoreError> {
    tx.audit().append(&AuditEvent { user_id: Some(id), ..event.clone() }).await
}
