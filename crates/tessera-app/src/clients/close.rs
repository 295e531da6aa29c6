//! A client that is turned off or removed loses everything it was granted.

use tessera_model::{AuditEvent, Client, ClientId, EventCode};
use tessera_store::{StoreError, Tx};

use super::ClientError;
use super::view::readable;
use crate::Cx;
use crate::access::{Action, Object, authorize};
use crate::rules::{RevocationTarget, revoke};

/// Turns a client off for good. Its tokens are revoked, and nobody can use its grants. A client that is off stays as it is. Answers
/// `None` if its row cannot be read; the client is turned off all the same.
///
/// # Errors
/// See [`ClientError`].
pub async fn disable(cx: &Cx, id: &ClientId) -> Result<Option<Client>, ClientError> {
    let allowed = authorize(cx, Action::DisableClient, Object::Client(id)).await?;
    let event = &allowed.event(EventCode::ClientDisabled);
    allowed
        .write(|tx| async move {
            close(cx, &tx, (id, event)).await?;
            readable(&tx, id).await
        })
        .await
}

/// Removes a client with everything it was granted, and answers what it was. Answers `None` if its row cannot be read; the client
/// is removed all the same.
///
/// A client with very many grants or consents is turned off first, and they are removed in steps. Whoever stops it meanwhile can
/// remove the client again.
///
/// # Errors
/// See [`ClientError`].
pub async fn delete(cx: &Cx, id: &ClientId) -> Result<Option<Client>, ClientError> {
    let allowed = authorize(cx, Action::DeleteClient, Object::Client(id)).await?;
    let (closed, deleted) =
        (&allowed.event(EventCode::ClientDisabled), &allowed.event(EventCode::ClientDeleted));
    let was = allowed.read(|tx| async move { readable(&tx, id).await }).await?;
    allowed
        .write_in_steps(|tx, most| async move {
            let no_grants = tx.grants().remove_of_client(id, most).await?;
            let no_consents = tx.consents().remove_of_client(id, most).await?;
            if !(no_grants && no_consents) {
                close(cx, &tx, (id, closed)).await?;
                return Ok(false);
            }
            if !tx.clients().delete(id).await? {
                return Err(ClientError::NotFound);
            }
            revoke(cx, &tx, &RevocationTarget::Client(id)).await?;
            tx.audit().append(&AuditEvent { at: cx.app.now(), ..deleted.clone() }).await?;
            Ok(true)
        })
        .await?;
    Ok(was)
}

/// However many grants there are, this is one row: whoever uses a grant needs its client.
async fn close(cx: &Cx, tx: &Tx, (id, event): (&ClientId, &AuditEvent)) -> Result<(), StoreError> {
    if tx.clients().disable(id, cx.now).await? {
        revoke(cx, tx, &RevocationTarget::Client(id)).await?;
        tx.audit().append(event).await?;
    }
    Ok(())
}
