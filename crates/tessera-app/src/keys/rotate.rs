//! Keys move on: by schedule or when an administrator asks.

use tessera_jose::{Algorithm, SigningKey};
use tessera_model::{EventCode, KeyId, KeyPurpose, KeyState, StoredKey, Timestamp};
use tessera_store::{Store, StoreError};
use zeroize::Zeroizing;

use super::{Kek, KeyError, signs_from};
use crate::Cx;
use crate::ports::Entropy;

/// What every issuer needs.
pub(crate) const FOUNDATION: [KeyPurpose; 6] = [
    KeyPurpose::Access(Algorithm::Es256),
    KeyPurpose::IdToken(Algorithm::Rs256),
    KeyPurpose::Feed(Algorithm::Es256),
    KeyPurpose::GrantTokens,
    KeyPurpose::Browser,
    KeyPurpose::ClientSecrets,
];

/// What making a key takes.
pub(crate) struct KeyFactory<'a> {
    pub(crate) store: &'a Store,
    pub(crate) kek: &'a Kek,
    pub(crate) entropy: &'a dyn Entropy,
    pub(crate) now: Timestamp,
}

impl<'a> KeyFactory<'a> {
    /// The forge of a running system.
    pub(crate) fn of(cx: &'a Cx) -> Self {
        let app = &cx.app;
        Self { store: &app.store, kek: &app.kek, entropy: &*app.entropy, now: cx.now }
    }

    /// Makes an active key for each purpose that has none. Two issuers may start at once: the database keeps one of each.
    /// Nothing is sealed under a key-encryption key that does not open what is there (attack S10).
    pub(crate) async fn ensure(&self, purposes: &[KeyPurpose]) -> Result<(), KeyError> {
        let keys = self.store.read(|tx| async move { tx.keys().list().await }).await?;
        for key in &keys {
            self.kek.open(key)?;
        }
        for purpose in purposes {
            if keys.iter().any(|key| key.purpose == *purpose && key.state == KeyState::Active) {
                continue;
            }
            let key = &self.make(*purpose, KeyState::Active)?;
            self.store.write(|tx| async move { tx.keys().insert(key).await }).await?;
        }
        Ok(())
    }

    fn make(&self, purpose: KeyPurpose, state: KeyState) -> Result<StoredKey, KeyError> {
        let private = match purpose.algorithm() {
            Some(alg) => SigningKey::generate(alg)?.to_pkcs8(),
            None => Zeroizing::new(self.random::<32>().to_vec()),
        };
        let id = KeyId::from_random(self.random());
        let activated_at = (state == KeyState::Active).then_some(self.now);
        let sealed = self.kek.seal(id, purpose, self.random(), &private);
        Ok(StoredKey { id, purpose, state, sealed, created_at: self.now, activated_at })
    }

    fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes);
        bytes
    }
}

/// What asking for a rotation came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requested {
    /// A successor is published and signs from this moment on.
    Published {
        /// When it takes over.
        activates_at: Timestamp,
    },
    /// A successor had been published before.
    AlreadyPublished {
        /// When it takes over.
        activates_at: Timestamp,
    },
    /// Keys of this purpose are not published and do not rotate.
    NotRotatable,
}

/// Publishes a successor for this purpose now; it takes over once every verifier has had time to see it.
///
/// # Errors
/// The database or the crypto provider failed.
pub async fn request(cx: &Cx, purpose: KeyPurpose) -> Result<Requested, KeyError> {
    if !purpose.is_published() {
        return Ok(Requested::NotRotatable);
    }
    let keys = cx.app.store.read(|tx| async move { tx.keys().list().await }).await?;
    let ahead = cx.app.config.rotation.publish_ahead;
    if let Some(next) = keys.iter().find(|key| key.purpose == purpose && key.state == KeyState::Next) {
        return Ok(Requested::AlreadyPublished { activates_at: signs_from(next, ahead) });
    }
    publish_next(cx, purpose).await?;
    Ok(Requested::Published { activates_at: cx.now.after(ahead) })
}

/// Moves on every key whose time has come. Safe to run on many issuers at once: each step is one conditional write.
///
/// # Errors
/// The database or the crypto provider failed.
pub async fn run_schedule(cx: &Cx) -> Result<(), KeyError> {
    let schedule = cx.app.config.rotation;
    let keys = cx.app.store.read(|tx| async move { tx.keys().list().await }).await?;
    for key in keys.iter().filter(|key| key.purpose.is_published()) {
        let next = keys.iter().find(|other| other.purpose == key.purpose && other.state == KeyState::Next);
        match (key.state, next) {
            (KeyState::Active, Some(next)) if cx.now >= signs_from(next, schedule.publish_ahead) => {
                take_over(cx, key, next).await?;
            }
            (KeyState::Active, None) => {
                let age = cx.now.since(key.activated_at.unwrap_or(key.created_at));
                if age + schedule.publish_ahead >= schedule.period {
                    publish_next(cx, key.purpose).await?;
                }
            }
            (KeyState::Retired { at }, _) if cx.now.since(at) >= schedule.retire_for => {
                remove(cx, key).await?;
            }
            (KeyState::Next | KeyState::Active | KeyState::Retired { .. }, _) => {}
        }
    }
    Ok(())
}

async fn publish_next(cx: &Cx, purpose: KeyPurpose) -> Result<(), KeyError> {
    let key = &KeyFactory::of(cx).make(purpose, KeyState::Next)?;
    let event = &detail(cx, format!("{purpose} {} published", key.id));
    cx.app
        .store
        .write(|tx| async move {
            if tx.keys().insert(key).await? {
                tx.audit().append(event).await?;
            }
            Ok::<_, StoreError>(())
        })
        .await?;
    Ok(())
}

/// Retires the active key and lets its successor sign: both or neither.
async fn take_over(cx: &Cx, active: &StoredKey, next: &StoredKey) -> Result<(), KeyError> {
    let event = &detail(cx, format!("{} {} signs", next.purpose, next.id));
    cx.app
        .store
        .write(|tx| async move {
            if tx.keys().retire(active.id, cx.now).await? && tx.keys().activate(next.id, cx.now).await? {
                tx.audit().append(event).await?;
                return Ok(());
            }
            Err(StoreError::Conflict)
        })
        .await
        .or_else(|fault| if matches!(fault, StoreError::Conflict) { Ok(()) } else { Err(fault.into()) })
}

async fn remove(cx: &Cx, key: &StoredKey) -> Result<(), KeyError> {
    let event = &detail(cx, format!("{} {} removed", key.purpose, key.id));
    cx.app
        .store
        .write(|tx| async move {
            if tx.keys().remove(key.id).await? {
                tx.audit().append(event).await?;
            }
            Ok::<_, StoreError>(())
        })
        .await?;
    Ok(())
}

fn detail(cx: &Cx, detail: String) -> tessera_model::AuditEvent {
    tessera_model::AuditEvent { detail: Some(detail), ..cx.event(EventCode::KeyRotated) }
}
