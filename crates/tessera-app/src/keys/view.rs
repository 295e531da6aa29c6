//! Looking keys up.

use std::time::Duration;

use tessera_model::key::RotationSchedule;
use tessera_model::{KeyPurpose, KeyState, StoredKey, Timestamp};

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
    /// What happens to it next, if keys of its purpose rotate. [`StoredKey::due_at`] says when, once a server has planned it.
    pub next_step: Option<NextStep>,
}

/// What happens to a key next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextStep {
    /// It begins to sign.
    Signs,
    /// Its successor is published.
    GetsSuccessor,
    /// It stops signing, because its successor begins to.
    Retires,
    /// It is removed. It has left the key set by then.
    IsRemoved,
}

/// All keys.
///
/// # Errors
/// See [`ManageError`].
pub async fn list(cx: &Cx) -> Result<Vec<KeyInfo>, ManageError> {
    let allowed = authorize(cx, Action::ListKeys, Object::Keys).await?;
    let stored = allowed.read(|tx| async move { tx.keys().list().await }).await?;
    let steps: Vec<_> = stored.iter().map(|key| next_step(key, &stored)).collect();
    let keys = stored.into_iter().zip(steps);
    Ok(keys.map(|(key, next_step)| info(cx, key, next_step)).collect::<Result<_, _>>()?)
}

/// The key with what its row does not say.
pub(super) fn info(cx: &Cx, stored: StoredKey, next_step: Option<NextStep>) -> Result<KeyInfo, KeyError> {
    let kid = match stored.purpose.algorithm() {
        Some(alg) => Some(cx.app.kek.open_signing_key(&stored, alg)?.kid().to_owned()),
        None => None,
    };
    Ok(KeyInfo { stored, kid, next_step })
}

/// What happens to a key next, among all keys.
pub(super) fn next_step(key: &StoredKey, keys: &[StoredKey]) -> Option<NextStep> {
    if !key.purpose.is_published() {
        return None;
    }
    Some(match key.state {
        KeyState::Next => NextStep::Signs,
        KeyState::Active if successor(key, keys).is_some() => NextStep::Retires,
        KeyState::Active => NextStep::GetsSuccessor,
        KeyState::Retired { .. } => NextStep::IsRemoved,
    })
}

/// The key that signs after this one.
pub(super) fn successor<'k>(key: &StoredKey, keys: &'k [StoredKey]) -> Option<&'k StoredKey> {
    keys.iter().find(|other| other.purpose == key.purpose && other.state == KeyState::Next)
}

/// When the key begins to sign, or began to. Once a server has planned that, it stays: verifiers have read it in the key set.
pub(super) fn signs_from(key: &StoredKey, publish_ahead: Duration) -> Timestamp {
    let planned = match key.state {
        KeyState::Next => key.due_at,
        KeyState::Active | KeyState::Retired { .. } => None,
    };
    key.activated_at.or(planned).unwrap_or_else(|| key.created_at.after(publish_ahead))
}

/// How long a retired key is kept. It is published for `retire_for`. An ID token may come back as a hint for longer, even after it has
/// expired (OIDC core section 3.1.2.1): as long as the session or the grant that it came from can last.
pub(super) fn known_for(cx: &Cx, purpose: KeyPurpose) -> Duration {
    let (published, lifetimes) = (cx.app.config.rotation.retire_for, &cx.app.config.lifetimes);
    match purpose {
        KeyPurpose::IdToken(_) => published.max(lifetimes.session.max(lifetimes.grant) + lifetimes.id_token),
        KeyPurpose::Access(_)
        | KeyPurpose::Feed(_)
        | KeyPurpose::GrantTokens
        | KeyPurpose::Browser
        | KeyPurpose::ClientSecrets => published,
    }
}

/// When the next step of a key is due by the settings of this server.
pub(super) fn due_at(cx: &Cx, key: &StoredKey, keys: &[StoredKey]) -> Option<Timestamp> {
    let RotationSchedule { period, publish_ahead, .. } = cx.app.config.rotation;
    Some(match (next_step(key, keys)?, key.state, successor(key, keys)) {
        (NextStep::Retires, _, Some(next)) => signs_from(next, publish_ahead),
        (NextStep::IsRemoved, KeyState::Retired { at }, _) => at.after(known_for(cx, key.purpose)),
        (NextStep::GetsSuccessor, ..) => {
            key.activated_at.unwrap_or(key.created_at).after(period).before(publish_ahead)
        }
        (NextStep::Signs | NextStep::Retires | NextStep::IsRemoved, ..) => signs_from(key, publish_ahead),
    })
}
