//! The audit log. Events are written once and never changed.

use tessera_model::{
    AuditEvent, AuditId, ClientId, EventCode, RecordedCode, RecordedEvent, Timestamp, UserId,
};

use crate::row::Row;
use crate::sql::audit as sql;
use crate::value::{named, params};
use crate::{StoreError, Tx};

/// A place in the order of events: the time of an event, and its id among those of one second.
pub type AuditPlace = (Timestamp, AuditId);

/// Which events to list, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only events of this code.
    pub code: Option<EventCode>,
    /// Only events about this person.
    pub user: Option<UserId>,
    /// Only events about this client.
    pub client: Option<ClientId>,
    /// Only events of the request with this id.
    pub request: Option<String>,
    /// Only events at this time or later.
    pub since: Option<Timestamp>,
    /// Only events before this time.
    pub until: Option<Timestamp>,
    /// Only events that are older than this one, the last of the previous page.
    pub after: Option<AuditPlace>,
}

impl AuditFilter {
    /// The place before which a list begins.
    fn begin(&self) -> AuditPlace {
        let first = AuditId::from_bytes([0; 16]);
        let until = (self.until.unwrap_or(Timestamp::from_seconds(i64::MAX)), first);
        self.after.map_or(until, |after| if place(&after) < place(&until) { after } else { until })
    }
}

/// In the order of the database.
fn place((at, id): &AuditPlace) -> (Timestamp, [u8; 16]) {
    (*at, *id.as_bytes())
}

/// Some of the events that a filter asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditPage {
    /// Newest first.
    pub events: Vec<RecordedEvent>,
    /// Where to go on, as [`AuditFilter::after`]. `None` at the end.
    pub next: Option<AuditPlace>,
}

/// Most rows that one page looks at.
pub const STRETCH: u32 = 10_000;

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
    ///
    /// Whatever the reason, an event that cannot be written makes the store unavailable: nothing may be decided that is not
    /// written down.
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
        match self.0.execute(&sql::APPEND, values.of(&sql::APPEND)?).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_unavailable() => Err(error),
            Err(error) => {
                Err(StoreError::Unavailable(format!("the audit event could not be written: {error}")))
            }
        }
    }

    /// Writes a batch of events.
    pub async fn append_all(self, events: &[AuditEvent]) -> Result<(), StoreError> {
        for event in events {
            self.append(event).await?;
        }
        Ok(())
    }

    /// Lists at most `limit` events, newest first. Those with a code of a newer version are among them. Looks at no more than
    /// [`STRETCH`] rows, so a page may have few events or none and yet not be the last.
    pub async fn page(self, filter: &AuditFilter, limit: u32) -> Result<AuditPage, StoreError> {
        let (before, before_id) = filter.begin();
        let since = filter.since.unwrap_or(Timestamp::from_seconds(i64::MIN));
        let skipped = STRETCH - 1;
        let end = match &filter.user {
            None => self.0.one_row(&sql::STRETCH, params![before, &before_id, since, skipped]).await?,
            Some(user) => {
                self.0
                    .one_row(&sql::STRETCH_OF_USER, params![before, &before_id, since, user, skipped])
                    .await?
            }
        };
        let end = end.map(read_place).transpose()?;
        let (from, from_id) = end.unwrap_or((since, AuditId::from_bytes([0; 16])));
        let (code, client, request) =
            (filter.code.map(EventCode::as_str), filter.client.as_ref(), filter.request.as_deref());
        let stretch = params![before, &before_id, from, &from_id, code, client, request];
        let rows = match &filter.user {
            None => self.0.scan(&sql::LIST, &[&stretch[..], &params![limit][..]].concat()).await?,
            Some(user) => {
                self.0.scan(&sql::LIST_OF_USER, &[&stretch[..], &params![user, limit][..]].concat()).await?
            }
        };
        let events = rows.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let is_full = usize::try_from(limit).is_ok_and(|limit| events.len() >= limit);
        let last = events.last().map(|event| (event.at, event.id));
        Ok(AuditPage { next: if is_full { last } else { end }, events })
    }

    /// When the first and the last event of a request were written, if one of them is no ordinary success. Only such requests
    /// tell their id to anybody.
    pub async fn times_of_request(self, id: &str) -> Result<Option<(Timestamp, Timestamp)>, StoreError> {
        let row = self.0.one_row(&sql::REFERENCE, params![id]).await?;
        Ok(row.map(read_times).transpose()?.flatten())
    }

    /// Removes events that are older than `before`. It removes at most `most` in one call. Call it until it returns zero.
    pub async fn purge(self, before: Timestamp, most: u32) -> Result<u64, StoreError> {
        self.0.sweep(&sql::PURGE, params![before, most]).await
    }
}

pub(crate) fn read_place(mut row: Row) -> Result<AuditPlace, StoreError> {
    Ok((row.time("at")?, row.id("id")?))
}

pub(crate) fn read_times(mut row: Row) -> Result<Option<(Timestamp, Timestamp)>, StoreError> {
    Ok(row.opt_time("first")?.zip(row.opt_time("last")?))
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
