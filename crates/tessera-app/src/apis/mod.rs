//! APIs (resource servers): registered, changed and shown.
//!
//! Table: `apis`. CLI: `api …`. Tests: `tests/rooms/apis.rs`.

mod add;
mod settings;
mod update;

pub use add::{AddError, NewApi, add};
pub use update::{ApiChange, ScopeChange, UpdateError, Updated, update};

use tessera_model::Api;
use tessera_store::{Listing, StoreError};

use crate::Cx;

/// The API of this audience.
///
/// # Errors
/// The database failed.
pub async fn find(cx: &Cx, audience: &str) -> Result<Option<Api>, StoreError> {
    cx.app.store.read(|tx| async move { tx.apis().find(audience).await }).await
}

/// Every API.
///
/// # Errors
/// The database failed.
pub async fn list(cx: &Cx) -> Result<Listing<Api>, StoreError> {
    cx.app.store.read(|tx| async move { tx.apis().list().await }).await
}
