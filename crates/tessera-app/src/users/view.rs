//! Looking people up.

use tessera_model::{User, UserId, UserStatus, Username};
use tessera_store::Tx;

use super::UserError;
use crate::Cx;
use crate::access::{AccessError, Action, Object, authorize};

/// The person of this id or login name.
///
/// # Errors
/// See [`UserError`].
pub async fn find(cx: &Cx, id_or_username: &str) -> Result<User, UserError> {
    let allowed = authorize(cx, Action::FindUser, Object::Users).await?;
    let id = id_or_username.parse::<UserId>().ok();
    let username = &id_or_username.parse::<Username>().ok();
    let user = allowed
        .read(|tx| async move {
            match (id, username) {
                (Some(id), _) => Ok::<_, UserError>(tx.users().find(id).await?),
                (None, Some(username)) => Ok(tx.users().find_by_username(username).await?),
                (None, None) => Ok(None),
            }
        })
        .await?;
    user.ok_or(UserError::NotFound)
}

/// People in order of their login names, after this one.
///
/// # Errors
/// Not allowed, or the database failed.
pub async fn list(cx: &Cx, after: Option<&Username>, limit: u32) -> Result<Vec<User>, AccessError> {
    let allowed = authorize(cx, Action::ListUsers, Object::Users).await?;
    Ok(allowed.read(|tx| async move { tx.users().list_after(after, limit).await }).await?)
}

pub(super) async fn found(tx: &Tx, id: UserId) -> Result<User, UserError> {
    tx.users().find(id).await?.ok_or(UserError::NotFound)
}

/// The person, unless their account is closed.
pub(super) async fn not_closed(tx: &Tx, id: UserId) -> Result<User, UserError> {
    let user = found(tx, id).await?;
    if matches!(user.status, UserStatus::Disabled { .. }) { Err(UserError::Disabled) } else { Ok(user) }
}
