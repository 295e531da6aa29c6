//! The applications that have access to a person's account.

use tessera_model::{Timestamp, UserId};
use tessera_store::StoreError;

use crate::Cx;

/// An application that has access, or gets it without asking again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Its registered name.
    pub name: String,
    /// Since when it has been so without a break that is remembered.
    pub since: Timestamp,
}

/// The applications that hold a live grant of this person or whose consent is remembered, by name.
///
/// # Errors
/// The database failed.
pub async fn applications(cx: &Cx, id: UserId) -> Result<Vec<Application>, StoreError> {
    let accesses =
        cx.app.store.read(|tx| async move { tx.consents().accesses_of_user(id, cx.now).await }).await?;
    let catalog = cx.app.catalog.load();
    let named = accesses.into_iter().filter_map(|access| {
        let client = catalog.client(&access.client_id).filter(|client| client.is_active())?;
        Some(Application { name: client.name.clone(), since: access.since })
    });
    let mut applications: Vec<Application> = named.collect();
    applications.sort_by_cached_key(|application| application.name.to_lowercase());
    Ok(applications)
}
