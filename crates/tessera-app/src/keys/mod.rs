//! Keys of the issuer: made, rotated on schedule, sealed at rest.
//!
//! Lifecycle: next (published) -> active (signs) -> retired (still published) -> removed. A key signs only after it has been
//! published for `publish_ahead`, except the very first of its purpose, which no verifier can have missed. The JWKS says what each
//! key is for and from when on it signs, so that a verifier believes it nothing else and nothing earlier (attack J31).
//! Tables: `signing_keys`. HTTP: `jwks`. CLI: `key list|rotate`. Tests: `tests/rooms/keys.rs`.

mod kek;
pub(crate) mod ring;
pub mod rotate;

use std::time::Duration;

use tessera_model::{KeyState, StoredKey, Timestamp};
use tessera_store::StoreError;

pub use kek::Kek;
pub use ring::KeyRing;

use crate::Cx;

/// Why keys are not to be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The row does not open: another key-encryption key, or somebody changed it.
    #[error("the key {0} does not open: this is not the key-encryption key it was sealed under")]
    Sealed(tessera_model::KeyId),
    /// The crypto provider failed.
    #[error("cannot make a key: {0}")]
    Provider(#[from] tessera_jose::KeyError),
    /// A token could not be written or signed.
    #[error("a token could not be written")]
    Unwritable,
    /// A purpose has no active key.
    #[error("no active key for {0}")]
    Missing(tessera_model::KeyPurpose),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A key without its private part, for lists.
#[derive(Clone, Debug)]
pub struct KeyInfo {
    /// The row.
    pub stored: StoredKey,
    /// `kid`, for published keys.
    pub kid: Option<String>,
    /// When it will begin to sign, for a next key.
    pub activates_at: Option<Timestamp>,
}

/// When the key begins to sign, or began to.
fn signs_from(key: &StoredKey, publish_ahead: Duration) -> Timestamp {
    key.activated_at.unwrap_or_else(|| key.created_at.after(publish_ahead))
}

/// All keys.
///
/// # Errors
/// The database cannot be read, or a key does not open.
pub async fn list(cx: &Cx) -> Result<Vec<KeyInfo>, KeyError> {
    let stored = cx.app.store.read(|tx| async move { tx.keys().list().await }).await?;
    let ahead = cx.app.config.rotation.publish_ahead;
    stored
        .into_iter()
        .map(|stored| {
            let kid = match stored.purpose.algorithm() {
                Some(alg) => Some(cx.app.kek.open_signing_key(&stored, alg)?.kid().to_owned()),
                None => None,
            };
            let activates_at = match stored.state {
                KeyState::Next => Some(signs_from(&stored, ahead)),
                KeyState::Active | KeyState::Retired { .. } => None,
            };
            Ok(KeyInfo { stored, kid, activates_at })
        })
        .collect()
}
