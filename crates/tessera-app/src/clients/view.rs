//! Looking clients up.

use tessera_model::{Client, ClientId};
use tessera_store::{Listing, StoreError, Tx};

use super::ClientError;
use crate::Cx;
use crate::access::{AccessError, Action, Object, authorize};

/// The client of this id.
///
/// # Errors
/// Not allowed, or the database failed.
pub async fn find(cx: &Cx, id: &ClientId) -> Result<Option<Client>, AccessError> {
    let allowed = authorize(cx, Action::FindClient, Object::Client(id)).await?;
    Ok(allowed.read(|tx| async move { tx.clients().find(id).await }).await?)
}

/// Every client.
///
/// # Errors
/// Not allowed, or the database failed.
pub async fn list(cx: &Cx) -> Result<Listing<Client>, AccessError> {
    let allowed = authorize(cx, Action::ListClients, Object::Clients).await?;
    Ok(allowed.read(|tx| async move { tx.clients().list().await }).await?)
}

/// A client that exists; `None` if its row cannot be read.
pub(super) async fn readable(tx: &Tx, id: &ClientId) -> Result<Option<Client>, ClientError> {
    match tx.clients().find(id).await {
        Ok(client) => client.ok_or(ClientError::NotFound).map(Some),
        Err(StoreError::Corrupt(_)) => Ok(None),
        Err(fault) => Err(fault.into()),
    }
}
