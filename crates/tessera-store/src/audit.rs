//! The audit log. Events are written once and never changed.

use tessera_model::{
    AuditEvent, AuditId, ClientId, EventCode, RecordedCode, RecordedEvent, Timestamp, UserId,
};

use crate::row::Row;
use crate::sql::audit as sql;
use crate::value::{named, params};
use crate::{StoreError, Tx};

/// Which events to list, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only events of this code.
    pub code: Option<EventCode>,
    /// Only events about this person.
    pub user: Option<UserId>,
    /// Only events about this client.
    pub client: Option<ClientId>,
    /// Only events that are older than this one, the last of the previous page.
    pub after: Option<(Timestamp, AuditId)>,
}

/// The audit log, in a transaction or a read.
#[derive(Clone, Copy)]
pub struct Audit<'t>(&'t Tx);

impl Tx {
    /// The audit log.
    pub const fn audit(&self) -> Audit<'_> {
        Audit(self)
    }
}

impl Audit<'_> {
    /// Writes an event. Writing it again changes nothing, so that a batch can be repeated.
    pub async fn append(self, event: &AuditEvent) -> Result<(), StoreError> {
        let values = named![
            id = &event.id,
            at = event.at,
            code = event.code.as_str(),
            actor = &event.actor,
            user_id = event.user_id.as_ref(),
            client_id = event.client_id.as_ref(),
            session_id = event.session_id.as_ref(),
            grant_id = event.grant_id.as_ref(),
            ip = event.ip.as_deref(),
            request_id = event.request_id.as_deref(),
            detail = event.detail.as_deref(),
        ];
        self.0.execute(&sql::APPEND, values.of(&sql::APPEND)?).await?;
        Ok(())
    }

    /// Writes a batch of events.
    pub async fn append_all(self, events: &[AuditEvent]) -> Result<(), StoreError> {
        for event in events {
            self.append(event).await?;
        }
        Ok(())
    }

    /// Lists events, newest first. Those with a code of a newer version are among them.
    pub async fn list(self, filter: &AuditFilter, limit: u32) -> Result<Vec<RecordedEvent>, StoreError> {
        let (before, id) =
            filter.after.unwrap_or((Timestamp::from_seconds(i64::MAX), AuditId::from_bytes([0; 16])));
        let (code, client) = (filter.code.map(EventCode::as_str), filter.client.as_ref());
        let rows = match &filter.user {
            None => self.0.scan(&sql::LIST, params![before, &id, code, client, limit]).await?,
            Some(user) => {
                self.0.scan(&sql::LIST_OF_USER, params![before, &id, code, client, user, limit]).await?
            }
        };
        rows.into_iter().map(read).collect()
    }

    /// Removes events that are older than `before`. It removes at most `most` in one call. Call it until it returns zero.
    pub async fn purge(self, before: Timestamp, most: u32) -> Result<u64, StoreError> {
        self.0.sweep(&sql::PURGE, params![before, most]).await
    }
}

pub(crate) fn read(mut row: Row) -> Result<RecordedEvent, StoreError> {
    Ok(AuditEvent {
        id: row.id("id")?,
        at: row.time("at")?,
        code: RecordedCode::read(row.text("code")?),
        actor: row.text("actor")?,
        user_id: row.opt_id("user_id")?,
        client_id: row.opt_parsed("client_id")?,
        session_id: row.opt_id("session_id")?,
        grant_id: row.opt_id("grant_id")?,
        ip: row.opt_text("ip")?,
        request_id: row.opt_text("request_id")?,
        detail: row.opt_text("detail")?,
    })
}
