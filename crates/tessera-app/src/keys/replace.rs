//! Every key is replaced, so that nothing that was signed, sealed or numbered before counts any more.

use tessera_model::{KeyPurpose, KeyState, StoredKey};
use tessera_store::Tx;

use super::KeyError;
use super::factory::{FOUNDATION, KeyMaker};

/// Gives a database without keys the key of client secrets that it had, and a new one for each of the other purposes.
pub(crate) async fn replace_all(
    tx: &Tx,
    maker: &KeyMaker<'_>,
    client_secrets: &StoredKey,
    purposes: &[KeyPurpose],
) -> Result<(), KeyError> {
    tx.keys().insert(client_secrets).await?;
    let mut made = vec![client_secrets.purpose];
    for purpose in FOUNDATION.iter().chain(purposes) {
        if !made.contains(purpose) {
            tx.keys().insert(&maker.make(*purpose, KeyState::Active)?).await?;
            made.push(*purpose);
        }
    }
    Ok(())
}
