//! Keys move on: by schedule or when an administrator asks.

use tessera_model::audit::{Detail, KeyStep};
use tessera_model::key::MAX_PUBLISHED;
use tessera_model::{AuditEvent, EventCode, KeyPurpose, KeyState, StoredKey, Timestamp};
use tessera_store::{StoreError, Tx};

use super::factory::KeyFactory;
use super::view::{KeyInfo, NextStep, due_at, info, known_for, signs_from, successor};
use super::{KeyError, ManageError};
use crate::Cx;
use crate::access::{Action, Allowed, Object, authorize};

/// The background job that moves keys on.
pub const JOB: &str = "keys.rotate";

/// The successor that an administrator asked for. It signs once every verifier has had time to see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Requested {
    /// It has just been published.
    Published(KeyInfo),
    /// It had been published before.
    AlreadyPublished(KeyInfo),
}

/// Publishes a successor for this purpose, unless there is one. The server that moves keys on plans when it signs, by its own
/// settings: its job is made due at once.
///
/// # Errors
/// See [`ManageError`].
pub async fn request(cx: &Cx, purpose: KeyPurpose) -> Result<Requested, ManageError> {
    let allowed = &authorize(cx, Action::RotateKey, Object::Key(purpose)).await?;
    if !purpose.is_published() {
        return Err(ManageError::NotRotatable(purpose));
    }
    let next = async || {
        let keys = allowed.read(|tx| async move { tx.keys().list().await }).await?;
        Ok::<_, StoreError>(
            keys.into_iter().find(|key| key.purpose == purpose && key.state == KeyState::Next),
        )
    };
    let info = |key| info(cx, key, Some(NextStep::Signs));
    if let Some(key) = next().await? {
        return Ok(Requested::AlreadyPublished(info(key)?));
    }
    if let Some(key) = publish_next(allowed, purpose, Some(JOB)).await? {
        return Ok(Requested::Published(info(key)?));
    }
    // Somebody else published one at the same time.
    let key = next().await?.ok_or(KeyError::Missing(purpose))?;
    Ok(Requested::AlreadyPublished(info(key)?))
}

/// What a run of the schedule came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// How many steps were done.
    pub steps: u64,
    /// When the next step is due.
    pub next_at: Option<Timestamp>,
}

/// Moves on every key whose time has come, and writes down when the next step of each is due. Safe to run on many issuers at once:
/// each step is one conditional write.
///
/// # Errors
/// See [`ManageError`].
pub async fn run_schedule(cx: &Cx) -> Result<Moved, ManageError> {
    let mut steps = 0;
    let allowed = &authorize(cx, Action::RotateKey, Object::Keys).await?;
    let schedule = cx.app.config.rotation;
    let keys = allowed.read(|tx| async move { tx.keys().list().await }).await?;
    for key in keys.iter().filter(|key| key.purpose.is_published()) {
        match (key.state, successor(key, &keys)) {
            (KeyState::Active, Some(next)) if cx.now >= signs_from(next, schedule.publish_ahead) => {
                steps += u64::from(take_over(allowed, key, next).await?);
            }
            (KeyState::Active, None) => {
                let age = cx.now.since(key.activated_at.unwrap_or(key.created_at));
                if age + schedule.publish_ahead >= schedule.period {
                    steps += u64::from(publish_due(allowed, key.purpose).await?);
                }
            }
            (KeyState::Retired { at }, _) if cx.now.since(at) >= known_for(cx, key.purpose) => {
                steps += u64::from(remove(allowed, key).await?);
            }
            (KeyState::Next | KeyState::Active | KeyState::Retired { .. }, _) => {}
        }
    }
    let next_at = plan(allowed).await?;
    Ok(Moved { steps, next_at })
}

/// Publishes a successor by schedule. One that would make the key set too long waits until retired keys have left it.
async fn publish_due(allowed: &Allowed<'_>, purpose: KeyPurpose) -> Result<bool, ManageError> {
    match publish_next(allowed, purpose, None).await {
        Ok(published) => Ok(published.is_some()),
        Err(ManageError::TooManyPublished) => {
            tracing::error!(%purpose, "{}", ManageError::TooManyPublished);
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Writes down when the next step of each key is due, and returns the first of them.
async fn plan(allowed: &Allowed<'_>) -> Result<Option<Timestamp>, StoreError> {
    let keys = allowed.read(|tx| async move { tx.keys().list().await }).await?;
    let due: Vec<_> = keys.iter().filter_map(|key| Some((key, due_at(allowed.cx(), key, &keys)?))).collect();
    let changed: Vec<_> =
        due.iter().filter(|(key, due)| key.due_at != Some(*due)).map(|(key, due)| (key.id, *due)).collect();
    if !changed.is_empty() {
        let changed = &changed;
        let write = |tx: Tx| async move {
            for (id, due) in changed {
                tx.keys().plan(*id, *due).await?;
            }
            Ok::<_, StoreError>(())
        };
        allowed.write(write).await?;
    }
    // What is due and was not done waits for something else, and the next round tries it again.
    let now = allowed.cx().now;
    Ok(due.iter().map(|(_, due)| *due).filter(|due| *due > now).min())
}

/// The key, unless there is a next one already. Verifiers could not read a longer key set. Makes a job due in the same transaction.
async fn publish_next(
    allowed: &Allowed<'_>,
    purpose: KeyPurpose,
    wake: Option<&str>,
) -> Result<Option<StoredKey>, ManageError> {
    let cx = allowed.cx();
    if cx.app.catalog.load().keys.published(cx.now).len() >= MAX_PUBLISHED {
        return Err(ManageError::TooManyPublished);
    }
    let key = KeyFactory::of(allowed).maker.make(purpose, KeyState::Next)?;
    let event = &event(allowed, &key, KeyStep::Published);
    let (row, now) = (&key, allowed.cx().now);
    let published = allowed
        .write(|tx| async move {
            let published = tx.keys().insert(row).await?;
            if published {
                tx.audit().append(event).await?;
            }
            if let (true, Some(job)) = (published, wake) {
                tx.jobs().wake(job, now).await?;
            }
            Ok::<_, StoreError>(published)
        })
        .await?;
    Ok(published.then_some(key))
}

/// Retires the active key and lets its successor sign: both or neither. `false` if another issuer was faster.
async fn take_over(allowed: &Allowed<'_>, active: &StoredKey, next: &StoredKey) -> Result<bool, KeyError> {
    let event = &event(allowed, next, KeyStep::Signs);
    let now = allowed.cx().now;
    let outcome = allowed.write(|tx| async move {
        if tx.keys().retire(active.id, now).await? && tx.keys().activate(next.id, now).await? {
            return tx.audit().append(event).await;
        }
        Err(StoreError::Conflict)
    });
    match outcome.await {
        Ok(()) => Ok(true),
        Err(StoreError::Conflict) => Ok(false),
        Err(fault) => Err(fault.into()),
    }
}

/// `false` if another issuer was faster.
async fn remove(allowed: &Allowed<'_>, key: &StoredKey) -> Result<bool, KeyError> {
    let event = &event(allowed, key, KeyStep::Removed);
    let removed = allowed.write(|tx| async move {
        let removed = tx.keys().remove(key.id).await?;
        if removed {
            tx.audit().append(event).await?;
        }
        Ok::<_, StoreError>(removed)
    });
    Ok(removed.await?)
}

fn event(allowed: &Allowed<'_>, key: &StoredKey, step: KeyStep) -> AuditEvent {
    let detail = Some(Detail::Key(key.purpose, key.id, step).text());
    AuditEvent { detail, ..allowed.event(EventCode::KeyRotated) }
}
