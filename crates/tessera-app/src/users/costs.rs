//! What the passwords in the database cost to check.

use tessera_model::User;
use tessera_store::StoreError;

use crate::hasher::OutdatedHashes;
use crate::{App, Cx};

/// Tells the hasher the costs of all stored hashes. A failed login then does the work of each, so that its time does not tell whose
/// hash is older than today's. A cost that appears between two calls counts from its first login on.
///
/// Says in the log how many accounts have an outdated hash, whenever that has changed.
///
/// # Errors
/// The database failed.
pub async fn note_costs(app: &App) -> Result<(), StoreError> {
    let costs = app.store.read(|tx| async move { tx.users().password_costs().await }).await?;
    match app.hasher.in_use(&costs, app.now()) {
        None => {}
        Some(OutdatedHashes { accounts: 0, .. }) => {
            tracing::info!("no account has an outdated password hash any more");
        }
        Some(OutdatedHashes { accounts, refused: false }) => tracing::info!(
            accounts,
            "password hashes of these accounts have another cost than [hashing] says: each gets a new one at its next login, and until then every login computes the other costs too"
        ),
        Some(OutdatedHashes { accounts, refused: true }) => tracing::warn!(
            accounts,
            "these accounts cannot log in: their password hashes have another cost than [hashing] says, and hashing.outdated_until has passed; `tessera user list` shows whose, `tessera user set-password` sets a new one"
        ),
    }
    Ok(())
}

/// Whether the password of an account was hashed at another cost than today's.
pub fn has_outdated_password(cx: &Cx, user: &User) -> bool {
    user.password.as_ref().is_some_and(|hash| cx.app.hasher.is_outdated(hash))
}
