//! Looking APIs up.

use tessera_model::Api;
use tessera_store::Listing;

use crate::Cx;
use crate::access::{AccessError, Action, Object, authorize};

/// The API of this audience.
///
/// # Errors
/// Not allowed, or the database failed.
pub async fn find(cx: &Cx, audience: &str) -> Result<Option<Api>, AccessError> {
    let allowed = authorize(cx, Action::FindApi, Object::Api(audience)).await?;
    Ok(allowed.read(|tx| async move { tx.apis().find(audience).await }).await?)
}

/// Every API.
///
/// # Errors
/// Not allowed, or the database failed.
pub async fn list(cx: &Cx) -> Result<Listing<Api>, AccessError> {
    let allowed = authorize(cx, Action::ListApis, Object::Apis).await?;
    Ok(allowed.read(|tx| async move { tx.apis().list().await }).await?)
}
