//! Gives back what a backup holds, or treats a database as restored that came back by another way.
//!
//! Either way nothing that was issued before works afterwards. Everything is checked before anything changes, and everything
//! changes in one transaction.

use std::io::{Read, Seek};

use tessera_model::audit::Detail;
use tessera_model::{AuditEvent, EventCode, KeyPurpose, KeyState, PlainPassword, StoredKey, Timestamp};
use tessera_store::{Location, PartSummary, Restore, Snapshot, StoreError, Tx};

use super::Progress;
use super::error::{BackupError, FormatError};
use super::format::{Header, Reader};
use super::review::{self, Change};
use crate::Actor;
use crate::access::{Action, Object, authorize_offline};
use crate::id_source::IdSource;
use crate::keys::{self, Kek, KeyMaker};
use crate::ports::{Clock, Entropy};

/// The installation that a restore changes. No server runs on it, and it may have no database yet.
pub struct Target<'a> {
    /// The database.
    pub location: &'a Location,
    /// The key-encryption key.
    pub kek: &'a Kek,
    /// Time.
    pub clock: &'a dyn Clock,
    /// Randomness.
    pub entropy: &'a dyn Entropy,
    /// Who does it.
    pub actor: Actor,
}

/// A backup.
pub struct Source<'a, R> {
    /// The file.
    pub file: R,
    /// Its passphrase.
    pub passphrase: Option<&'a PlainPassword>,
    /// The database that it replaces, if that can still be read.
    pub old: Option<&'a Location>,
}

/// What a restore gave back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The issuer that the backup is of.
    pub issuer: String,
    /// The moment of the backup.
    pub created_at: Timestamp,
    /// How many rows each table has.
    pub rows: Vec<PartSummary>,
    /// What administrators have done since, oldest first. `None` if there is no old database to tell.
    pub changes: Option<Vec<Change>>,
}

/// Makes the database of this installation from a backup.
///
/// # Errors
/// See [`BackupError`]. Nothing was changed, unless the answer to the COMMIT was lost ([`StoreError::OutcomeUnknown`]).
pub async fn restore<R: Read + Seek>(
    target: &Target<'_>,
    source: Source<'_, R>,
    mut progress: impl FnMut(Progress),
) -> Result<Restored, BackupError> {
    authorize_offline(&target.actor, Action::Restore, Object::Database)?;
    let Source { mut file, passphrase, old } = source;
    let header = check(&mut file, passphrase)?;
    let key = header.client_secrets_key.to_stored()?;
    target.kek.open(&key).map_err(|_| BackupError::WrongKek)?;
    let old = match old {
        Some(location) => Some(Snapshot::read_only(location).await.map_err(BackupError::Old)?),
        None => None,
    };
    let restore = Restore::into_new(target.location, header.schema_version).await?;
    let restore = load(restore, &mut file, passphrase, &mut progress).await?;
    let tx = restore.tx();
    let (mut changes, mut epoch) = (None, header.epoch);
    if let Some(old) = old {
        let old = old.tx();
        changes = Some(review::changes(&old, &tx, header.created_at).await.map_err(BackupError::Old)?);
        epoch = epoch.max(old.revocations().epoch().await.map_err(BackupError::Old)?);
    }
    let purposes = header.key_purposes.iter().filter_map(|name| KeyPurpose::parse(name)).collect();
    let from = Some(header.created_at);
    begin_anew(target, &tx, Before { key, purposes, epoch, from }).await?;
    drop(tx);
    restore.commit().await?;
    let rows = header.rows.into_iter().map(|(table, rows)| PartSummary { table, rows }).collect();
    Ok(Restored { issuer: header.issuer, created_at: header.created_at, rows, changes })
}

/// Ends everything in a database that came back in another way: a standby that was promoted, a point in time that was recovered, a
/// volume that was put back.
///
/// # Errors
/// See [`BackupError`]. Nothing was changed, unless the answer to the COMMIT was lost ([`StoreError::OutcomeUnknown`]).
pub async fn promoted(target: &Target<'_>) -> Result<(), BackupError> {
    authorize_offline(&target.actor, Action::Restore, Object::Database)?;
    let restore = Restore::in_place(target.location).await?;
    let tx = restore.tx();
    let keys = tx.keys().list().await?;
    let active = |key: &&StoredKey| key.state == KeyState::Active;
    let purposes = keys.iter().filter(active).map(|key| key.purpose).collect();
    let is_kept = |key: &StoredKey| key.purpose == KeyPurpose::ClientSecrets && active(&key);
    let key = keys.into_iter().find(is_kept).ok_or(BackupError::NoKey(KeyPurpose::ClientSecrets))?;
    target.kek.open(&key).map_err(|_| BackupError::WrongKek)?;
    let epoch = tx.revocations().epoch().await?;
    restore.end_everything().await?;
    begin_anew(target, &tx, Before { key, purposes, epoch, from: None }).await?;
    drop(tx);
    Ok(restore.commit().await?)
}

/// Reads the whole file once, before anything is changed.
fn check<R: Read + Seek>(file: &mut R, passphrase: Option<&PlainPassword>) -> Result<Header, BackupError> {
    let (header, mut reader) = Reader::begin(&mut *file, passphrase)?;
    let known = tessera_store::newest_schema_version();
    if header.schema_version > known {
        return Err(StoreError::NewerSchema { found: header.schema_version, known }.into());
    }
    while reader.next_part()?.is_some() {}
    file.rewind().map_err(FormatError::Io)?;
    Ok(header)
}

/// Reads the file again, now into the new database. It is checked again, because somebody may have changed it.
async fn load<R: Read>(
    restore: Restore,
    file: R,
    passphrase: Option<&PlainPassword>,
    progress: &mut impl FnMut(Progress),
) -> Result<Restore, BackupError> {
    let (header, mut reader) = Reader::begin(file, passphrase)?;
    progress(Progress::Begun(header.rows.values().sum()));
    while let Some(part) = reader.next_part()? {
        restore.load(&part).await?;
        progress(Progress::Rows(part.summary()));
        tokio::task::yield_now().await;
    }
    Ok(restore.migrated().await?)
}

/// What the database was before.
struct Before {
    /// The key of client secrets. It stays.
    key: StoredKey,
    /// The purposes that had a key.
    purposes: Vec<KeyPurpose>,
    epoch: i64,
    /// The moment of the backup, if it was one.
    from: Option<Timestamp>,
}

/// Makes new keys, raises the epoch of the feed, and writes that down.
async fn begin_anew(target: &Target<'_>, tx: &Tx, before: Before) -> Result<(), BackupError> {
    let now = target.clock.now();
    let maker = KeyMaker { kek: target.kek, entropy: target.entropy, now };
    keys::replace_all(tx, &maker, &before.key, &before.purposes).await?;
    // The same backup may be restored twice. So its own epoch is no measure, and time is.
    tx.revocations().set_epoch(now.seconds().max(before.epoch.saturating_add(1))).await?;
    // A server that ran before the backup was made has seen that time.
    let accepted = tx.clock().seen().await?.accepted;
    tx.clock().raise(before.from.map_or(now, |from| from.max(now)), accepted).await?;
    let mut version = [0; 8];
    target.entropy.fill(&mut version);
    // Positive, and far from where it could run over.
    tx.catalog().restart(i64::from_be_bytes(version) >> 2 & (i64::MAX >> 2)).await?;
    let ids = IdSource::new(target.entropy);
    let event = AuditEvent {
        id: ids.event(),
        at: now,
        code: EventCode::RestoreDone,
        actor: target.actor.to_string(),
        user_id: None,
        client_id: None,
        session_id: None,
        grant_id: None,
        ip: None,
        request_id: Some(ids.request().to_string()),
        detail: Some(Detail::RestoredFrom(before.from).text()),
    };
    Ok(tx.audit().append(&event).await?)
}
