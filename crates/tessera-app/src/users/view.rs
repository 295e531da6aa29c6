//! Looking people up.

use tessera_model::{User, UserId, Username};
use tessera_store::StoreError;

use super::UserError;
use crate::Cx;

/// The person of this id or login name.
///
/// # Errors
/// Nobody, or the database failed.
pub async fn find(cx: &Cx, id_or_username: &str) -> Result<User, UserError> {
    let id = id_or_username.parse::<UserId>().ok();
    let username = &id_or_username.parse::<Username>().ok();
    cx.app
        .store
        .read(|tx| async move {
            match (id, username) {
                (Some(id), _) => Ok::<_, UserError>(tx.users().find(id).await?),
                (None, Some(username)) => Ok(tx.users().find_by_username(username).await?),
                (None, None) => Ok(None),
            }
        })
        .await?
        .ok_or(UserError::NotFound)
}

/// People in order of their login names, after this one.
///
/// # Errors
/// The database failed.
pub async fn list(cx: &Cx, after: Option<&Username>, limit: u32) -> Result<Vec<User>, StoreError> {
    cx.app.store.read(|tx| async move { tx.users().list_after(after, limit).await }).await
}
