//! Looking keys up.

use std::time::Duration;

use tessera_model::{KeyState, StoredKey, Timestamp};

use super::{KeyError, ManageError};
use crate::Cx;
use crate::access::{Action, Object, authorize};

/// A key as administrators see it. The row still holds its private part, sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyInfo {
    /// The row.
    pub stored: StoredKey,
    /// `kid`, for published keys.
    pub kid: Option<String>,
    /// When it will begin to sign, for a next key.
    pub activates_at: Option<Timestamp>,
}

/// All keys.
///
/// # Errors
/// See [`ManageError`].
pub async fn list(cx: &Cx) -> Result<Vec<KeyInfo>, ManageError> {
    let allowed = authorize(cx, Action::ListKeys, Object::Keys).await?;
    let stored = allowed.read(|tx| async move { tx.keys().list().await }).await?;
    Ok(stored.into_iter().map(|key| info(cx, key)).collect::<Result<_, _>>()?)
}

/// The key with what its row does not say.
pub(super) fn info(cx: &Cx, stored: StoredKey) -> Result<KeyInfo, KeyError> {
    let kid = match stored.purpose.algorithm() {
        Some(alg) => Some(cx.app.kek.open_signing_key(&stored, alg)?.kid().to_owned()),
        None => None,
    };
    let activates_at = match stored.state {
        KeyState::Next => Some(signs_from(&stored, cx.app.config.rotation.publish_ahead)),
        KeyState::Active | KeyState::Retired { .. } => None,
    };
    Ok(KeyInfo { stored, kid, activates_at })
}

/// When the key begins to sign, or began to.
pub(super) fn signs_from(key: &StoredKey, publish_ahead: Duration) -> Timestamp {
    key.activated_at.unwrap_or_else(|| key.created_at.after(publish_ahead))
}
