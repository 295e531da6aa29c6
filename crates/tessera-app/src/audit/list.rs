//! Reading the audit trail.

use std::time::Duration;

use tessera_store::{AuditFilter, AuditPage};

use crate::Cx;
use crate::access::{AccessError, Action, Object, authorize};

/// At most `limit` events, newest first. Those with a code of a newer version are among them. Each read is short, however many events
/// there are.
///
/// # Errors
/// Not allowed, or the database failed.
pub async fn list(cx: &Cx, filter: &AuditFilter, limit: u32) -> Result<AuditPage, AccessError> {
    let allowed = authorize(cx, Action::ListEvents, Object::Events).await?;
    let mut filter = filter.clone();
    if let Some(request) = &filter.request
        && let Some((first, last)) =
            allowed.read(|tx| async move { tx.audit().times_of_request(request).await }).await?
    {
        // All events of a request have the time of the request, but for those that it wrote in the name of another.
        let end = last.after(Duration::from_secs(1));
        filter.since = Some(filter.since.map_or(first, |since| since.max(first)));
        filter.until = Some(filter.until.map_or(end, |until| until.min(end)));
    }
    let mut found = AuditPage { events: Vec::new(), next: None };
    loop {
        let room = limit.saturating_sub(u32::try_from(found.events.len()).unwrap_or(u32::MAX));
        let asked = &filter;
        let page = allowed.read(|tx| async move { tx.audit().page(asked, room).await }).await?;
        found.events.extend(page.events);
        found.next = page.next;
        let is_full = u32::try_from(found.events.len()).map_or(true, |number| number >= limit);
        match found.next {
            Some(next) if !is_full => filter.after = Some(next),
            Some(_) | None => return Ok(found),
        }
    }
}
