//! Makes a backup while servers go on working.

use std::io::Write;

use tessera_model::audit::Detail;
use tessera_model::{AuditEvent, EventCode, KeyPurpose, KeyState, PlainPassword, Timestamp};
use tessera_store::PartSummary;

use super::Progress;
use super::error::BackupError;
use super::format::{Header, SealedKey, Writer};
use crate::Cx;
use crate::access::{Action, Object, authorize};

/// A finished backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// What it holds is as of this moment.
    pub created_at: Timestamp,
    /// How many rows each table has.
    pub rows: Vec<PartSummary>,
}

/// Writes one state of the database to `out`. The audit event is there before this returns, so nobody copies the data without a
/// trace. The caller brings `out` to the disk.
///
/// # Errors
/// See [`BackupError`]. What was written by then is no backup.
pub async fn make(
    cx: &Cx,
    out: impl Write,
    passphrase: Option<&PlainPassword>,
    mut progress: impl FnMut(Progress),
) -> Result<Made, BackupError> {
    let allowed = authorize(cx, Action::MakeBackup, Object::Database).await?;
    let mut snapshot = allowed.snapshot().await?;
    let tx = snapshot.tx();
    let keys = tx.keys().list().await?;
    let active = || keys.iter().filter(|key| key.state == KeyState::Active);
    let client_secrets = active().find(|key| key.purpose == KeyPurpose::ClientSecrets);
    let rows = snapshot.counts().await?;
    let header = Header {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        schema_version: snapshot.schema_version(),
        engine: snapshot.engine().to_owned(),
        issuer: cx.app.config.issuer.clone(),
        created_at: cx.now,
        epoch: tx.revocations().epoch().await?,
        key_purposes: active().map(|key| key.purpose.name()).collect(),
        client_secrets_key: SealedKey::of(
            client_secrets.ok_or(BackupError::NoKey(KeyPurpose::ClientSecrets))?,
        ),
        rows: rows.iter().map(|part| (part.table.clone(), part.rows)).collect(),
    };
    let total = rows.iter().map(|part| part.rows).sum();
    progress(Progress::Begun(total));
    let mut writer = Writer::begin(out, &header, passphrase, cx.app.random())?;
    while let Some(part) = snapshot.next_part().await? {
        writer.rows(&part)?;
        progress(Progress::Rows(part.summary()));
        // Somebody may want to stop this.
        tokio::task::yield_now().await;
    }
    writer.finish()?;
    drop((tx, snapshot));
    let detail = Some(Detail::Rows(total).text());
    let event = &AuditEvent { detail, ..allowed.event(EventCode::BackupMade) };
    allowed.write(|tx| async move { tx.audit().append(event).await }).await?;
    Ok(Made { created_at: cx.now, rows })
}
