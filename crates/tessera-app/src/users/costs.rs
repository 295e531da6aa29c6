//! What the passwords in the database cost to check.

use tessera_store::StoreError;

use crate::App;

/// Tells the hasher the costs of all stored hashes. A failed login then does the work of each, so that its time does not tell whose
/// hash is older than today's. A cost that appears between two calls counts from its first login on.
///
/// # Errors
/// The database failed.
pub async fn note_costs(app: &App) -> Result<(), StoreError> {
    let costs = app.store.read(|tx| async move { tx.users().password_costs().await }).await?;
    app.hasher.in_use(&costs);
    Ok(())
}
