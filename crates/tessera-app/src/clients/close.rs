//! A client that is turned off or removed loses everything it was granted.

use tessera_model::{Client, ClientId, EventCode, RevokeReason};

use super::ClientError;
use super::view::readable;
use crate::Cx;
use crate::access::{Action, Object, authorize};
use crate::rules::{RevocationTarget, revoke};

/// Turns a client off and revokes its grants and tokens. A client that is off stays as it is. Answers `None` if its row cannot be
/// read; the client is turned off all the same.
///
/// # Errors
/// See [`ClientError`].
pub async fn disable(cx: &Cx, id: &ClientId) -> Result<Option<Client>, ClientError> {
    let allowed = authorize(cx, Action::DisableClient, Object::Client(id)).await?;
    let event = &allowed.event(EventCode::ClientDisabled);
    let target = &RevocationTarget::Client(id);
    allowed
        .write(|tx| async move {
            if tx.clients().disable(id, cx.now).await? {
                tx.grants().revoke_all_of_client(id, RevokeReason::ClientDisabled, cx.now).await?;
                revoke(cx, &tx, target).await?;
                tx.audit().append(event).await?;
            }
            readable(&tx, id).await
        })
        .await
}

/// Removes a client with everything it was granted, and answers what it was. Answers `None` if its row cannot be read; the client
/// is removed all the same.
///
/// # Errors
/// See [`ClientError`].
pub async fn delete(cx: &Cx, id: &ClientId) -> Result<Option<Client>, ClientError> {
    let allowed = authorize(cx, Action::DeleteClient, Object::Client(id)).await?;
    let event = &allowed.event(EventCode::ClientDeleted);
    let target = &RevocationTarget::Client(id);
    allowed
        .write(|tx| async move {
            let client = readable(&tx, id).await?;
            if !tx.clients().delete(id).await? {
                return Err(ClientError::NotFound);
            }
            revoke(cx, &tx, target).await?;
            tx.audit().append(event).await?;
            Ok(client)
        })
        .await
}
