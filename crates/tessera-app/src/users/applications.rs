//! The applications that have access to a person's account.

use tessera_model::{Timestamp, UserId};

use crate::Cx;
use crate::access::{AccessError, Action, Object, authorize};

/// An application that has access now, or gets it again without a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Its registered name.
    pub name: String,
    /// Since when, without a gap that we know of.
    pub since: Timestamp,
}

/// The applications that hold a live grant of this person or whose consent is remembered, by name.
///
/// # Errors
/// Neither an administrator nor the person themselves asks, or the database failed.
pub async fn applications(cx: &Cx, id: UserId) -> Result<Vec<Application>, AccessError> {
    let allowed = authorize(cx, Action::ListApplications, Object::User(id)).await?;
    let accesses = allowed.read(|tx| async move { tx.consents().accesses_of_user(id, cx.now).await }).await?;
    let catalog = cx.app.catalog.load();
    let named = accesses.into_iter().filter_map(|access| {
        let client = catalog.client(&access.client_id).filter(|client| client.is_active())?;
        Some(Application { name: client.name.clone(), since: access.since })
    });
    let mut applications: Vec<Application> = named.collect();
    applications.sort_by_cached_key(|application| application.name.to_lowercase());
    Ok(applications)
}
