//! Clients: registered, shown, changed, given new secrets, turned off, removed.
//!
//! Table: `clients`. CLI: `client …`. Tests: `tests/rooms/clients.rs`.

mod add;
mod close;
mod rules;
mod secret;
mod update;

pub use add::{AddError, Added, NewClient, add};
pub use close::{delete, disable};
pub use secret::{RotateError, rotate_secret};
pub use update::{ClientChanges, ListChange, UpdateError, update};

use tessera_model::{Client, ClientId};
use tessera_store::{Listing, StoreError};

use crate::Cx;

/// Why a client could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No client has this id.
    #[error("no such client")]
    NotFound,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The client of this id.
///
/// # Errors
/// The database failed.
pub async fn find(cx: &Cx, id: &ClientId) -> Result<Option<Client>, StoreError> {
    cx.app.store.read(|tx| async move { tx.clients().find(id).await }).await
}

/// Every client.
///
/// # Errors
/// The database failed.
pub async fn list(cx: &Cx) -> Result<Listing<Client>, StoreError> {
    cx.app.store.read(|tx| async move { tx.clients().list().await }).await
}
