//! Following the audit trail: events as they are written.
//!
//! An event has the time of its request, and is written when the request is done, or a moment later with others. So a new event may
//! stand before one that was read already. Each turn reads the events of the last minute again, and returns those that it
//! has not returned before. What comes into the database over a minute late is in a list, and not here.

use std::collections::BTreeSet;
use std::time::Duration;

use tessera_model::{RecordedEvent, Timestamp};
use tessera_store::AuditFilter;

use super::list::list;
use crate::Cx;
use crate::access::AccessError;

/// How late an event may come. A request takes at most half of it.
const LATE: Duration = Duration::from_secs(60);

/// The place of somebody who follows the trail.
pub struct Follower {
    filter: AuditFilter,
    newest: Timestamp,
    /// The events of the last minute that were returned.
    returned: BTreeSet<(Timestamp, [u8; 16])>,
}

impl Follower {
    /// Begins after what is in the trail now. Returns the last `limit` events of it, oldest first.
    ///
    /// # Errors
    /// Not allowed, or the database failed.
    pub async fn begin(
        cx: &Cx,
        filter: AuditFilter,
        limit: u32,
    ) -> Result<(Self, Vec<RecordedEvent>), AccessError> {
        let mut follower = Self { filter, newest: cx.now, returned: BTreeSet::new() };
        follower.turn(cx).await?;
        let mut last = list(cx, &follower.filter, limit).await?.events;
        last.reverse();
        follower.returned.extend(last.iter().map(place));
        Ok((follower, last))
    }

    /// The events that are new, oldest first.
    ///
    /// # Errors
    /// Not allowed, or the database failed.
    pub async fn turn(&mut self, cx: &Cx) -> Result<Vec<RecordedEvent>, AccessError> {
        let window = self.newest.before(LATE);
        let since = self.filter.since.map_or(window, |since| since.max(window));
        let filter = AuditFilter { since: Some(since), ..self.filter.clone() };
        let mut new = list(cx, &filter, u32::MAX).await?.events;
        new.retain(|event| self.returned.insert(place(event)));
        new.reverse();
        self.newest = new.iter().map(|event| event.at).fold(self.newest, Timestamp::max);
        let over = self.newest.before(LATE);
        self.returned.retain(|(at, _)| *at >= over);
        Ok(new)
    }
}

fn place(event: &RecordedEvent) -> (Timestamp, [u8; 16]) {
    (event.at, *event.id.as_bytes())
}
