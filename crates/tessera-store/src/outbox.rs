//! Messages that wait until another system has taken them.
//!
//! An attempt is counted before it is made, by one conditional statement: of those that come together one makes it (invariant I1).
//! What it comes to is written only by whoever counted it. After a crash in between, the message is due again after its pause.

use tessera_model::{Channel, OutboxId, Timestamp, Waiting};

use crate::row::Row;
use crate::sql::outbox as sql;
use crate::value::{named, params};
use crate::{StoreError, Tx};

/// Messages that wait, in a transaction or a read.
#[derive(Clone, Copy)]
pub struct Outbox<'t>(&'t Tx);

impl Tx {
    /// Messages that wait until another system has taken them.
    pub const fn outbox(&self) -> Outbox<'_> {
        Outbox(self)
    }
}

impl Outbox<'_> {
    /// Adds a message. It leaves only if this transaction is committed (invariant I3).
    pub async fn insert(self, message: &Waiting) -> Result<(), StoreError> {
        let values = named![
            id = &message.id,
            channel = message.channel.as_str(),
            kind = &message.kind,
            user_id = message.user_id.as_ref(),
            sealed = &message.sealed,
            urgent = message.urgent,
            attempts = message.attempts,
            last_error = message.last_error.as_deref(),
            next_attempt_at = message.next_attempt_at,
            created_at = message.created_at,
            expires_at = message.expires_at,
        ];
        self.0.execute(&sql::INSERT, values.of(&sql::INSERT)?).await.map(drop)
    }

    /// Messages that are due, at most `most`: urgent ones, and only if there are none, others. Those that have waited longest come first.
    pub async fn due(self, channel: Channel, now: Timestamp, most: u32) -> Result<Vec<Waiting>, StoreError> {
        for urgent in [true, false] {
            let params = params![channel.as_str(), urgent, now, Waiting::latest_attempt(now), most];
            let rows = self.0.rows(&sql::DUE, params).await?;
            if !rows.is_empty() {
                return rows.into_iter().map(read).collect();
            }
        }
        Ok(Vec::new())
    }

    /// When the next message is due.
    pub async fn next_attempt_at(self, channel: Channel) -> Result<Option<Timestamp>, StoreError> {
        let mut next = None;
        for urgent in [true, false] {
            let first = self.0.one_row(&sql::NEXT, params![channel.as_str(), urgent]).await?;
            next = next.into_iter().chain(first.map(read_next).transpose()?).min();
        }
        Ok(next)
    }

    /// Messages in the order in which they are due: at most `most`.
    pub async fn list(self, channel: Channel, most: u32) -> Result<Vec<Waiting>, StoreError> {
        let rows = self.0.scan(&sql::LIST, params![channel.as_str(), most]).await?;
        rows.into_iter().map(read).collect()
    }

    /// Counts an attempt after so many, and says when the next one is due; `false` if somebody else has counted it.
    pub async fn attempt(self, id: OutboxId, made: u32, next: Timestamp) -> Result<bool, StoreError> {
        self.0.changed(&sql::ATTEMPT, params![&id, made, next]).await
    }

    /// Writes down why the attempt of this number failed; `false` if it is not the last one any more.
    pub async fn fail(self, id: OutboxId, attempt: u32, error: &str) -> Result<bool, StoreError> {
        self.0.changed(&sql::FAIL, params![&id, attempt, error]).await
    }

    /// Removes a message after the attempt of this number; `false` if it is not the last one any more.
    pub async fn remove(self, id: OutboxId, attempt: u32) -> Result<bool, StoreError> {
        self.0.changed(&sql::DELETE, params![&id, attempt]).await
    }
}

pub(crate) fn read(mut row: Row) -> Result<Waiting, StoreError> {
    Ok(Waiting {
        id: row.id("id")?,
        channel: row.code("channel", &Channel::ALL, Channel::as_str)?,
        kind: row.text("kind")?,
        user_id: row.opt_id("user_id")?,
        sealed: row.bytes("sealed")?,
        urgent: row.bool("urgent")?,
        attempts: u32::try_from(row.count("attempts")?).unwrap_or(u32::MAX),
        last_error: row.opt_text("last_error")?,
        next_attempt_at: row.time("next_attempt_at")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
    })
}

pub(crate) fn read_next(mut row: Row) -> Result<Timestamp, StoreError> {
    row.time("next_attempt_at")
}
