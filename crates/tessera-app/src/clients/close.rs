//! Turning a client off ends everything it was granted.

use tessera_model::{AuditEvent, ClientId, EventCode, RevokeReason};

use super::ClientError;
use crate::Cx;
use crate::rules::{RevocationTarget, rule};

/// Turns a client off and takes back its grants and tokens, also where its row cannot be read. Turning it off twice changes
/// nothing.
///
/// # Errors
/// No such client.
pub async fn disable(cx: &Cx, id: &ClientId) -> Result<(), ClientError> {
    let rule = &rule(cx, &RevocationTarget::Client(id));
    let event = &AuditEvent { client_id: Some(id.clone()), ..cx.event(EventCode::ClientDisabled) };
    cx.app
        .store
        .write(|tx| async move {
            if !tx.clients().disable(id, cx.now).await? {
                return if tx.clients().exists(id).await? { Ok(()) } else { Err(ClientError::NotFound) };
            }
            tx.grants().revoke_all_of_client(id, RevokeReason::ClientDisabled, cx.now).await?;
            tx.revocations().append(rule).await?;
            Ok(tx.audit().append(event).await?)
        })
        .await
}

/// Removes a client with everything it was granted.
///
/// # Errors
/// No such client.
pub async fn delete(cx: &Cx, id: &ClientId) -> Result<(), ClientError> {
    let rule = &rule(cx, &RevocationTarget::Client(id));
    let event = &AuditEvent { client_id: Some(id.clone()), ..cx.event(EventCode::ClientDeleted) };
    cx.app
        .store
        .write(|tx| async move {
            if !tx.clients().delete(id).await? {
                return Err(ClientError::NotFound);
            }
            tx.revocations().append(rule).await?;
            Ok(tx.audit().append(event).await?)
        })
        .await
}
