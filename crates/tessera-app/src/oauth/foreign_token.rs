//! A code or refresh token that another client was issued. To the client that presents it, it is worth no more than noise, and the
//! answer is the same. But somebody has taken it from its client, so the audit trail has it.

use tessera_model::{Client, EventCode, GrantId};
use tessera_store::StoreError;

use crate::Cx;
use crate::audit::budget::deny;

/// Writes down that `client`, which is the actor, presented a token of this grant. Changes nothing else.
///
/// # Errors
/// The database failed.
pub(super) async fn note_foreign_token(
    cx: &Cx,
    client: &Client,
    grant: GrantId,
    code: EventCode,
) -> Result<(), StoreError> {
    let grant = cx.app.store.read(|tx| async move { tx.grants().find(grant).await }).await?;
    match grant.filter(|grant| grant.client_id != client.id) {
        Some(grant) => deny(cx, cx.grant_event(&grant, code)).await,
        // The grant is gone, or the client damaged its own token.
        None => Ok(()),
    }
}
