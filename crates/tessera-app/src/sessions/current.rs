//! Who is logged in at this browser.

use std::time::Duration;

use tessera_model::{Session, User};
use tessera_store::StoreError;

use super::cookie_digest;
use crate::Cx;

/// Use within this time of the last is not written down again.
const TOUCH_EVERY: Duration = Duration::from_secs(60);

/// A live session and the person it belongs to.
#[derive(Clone, Debug)]
pub struct Current {
    /// The session.
    pub session: Session,
    /// The person, active at this moment.
    pub user: User,
}

/// The live session behind a cookie, if its person may still log in. Use moves the idle limit.
///
/// # Errors
/// The database failed.
pub async fn current(cx: &Cx, cookie: Option<&str>) -> Result<Option<Current>, StoreError> {
    let Some(digest) = &cookie.and_then(cookie_digest) else { return Ok(None) };
    let found = cx
        .app
        .store
        .read(|tx| async move {
            let Some(session) = tx.session_by_secret(digest).await? else { return Ok::<_, StoreError>(None) };
            let user = tx.user(session.user_id).await?;
            Ok(user.map(|user| Current { session, user }))
        })
        .await?;
    let Some(current) = found.filter(|c| c.session.is_live(cx.now) && c.user.status.is_active()) else {
        return Ok(None);
    };
    if cx.now.since(current.session.last_seen_at) >= TOUCH_EVERY {
        let (id, idle) = (current.session.id, cx.now.after(cx.app.config.lifetimes.session_idle));
        cx.app.store.write(|tx| async move { tx.touch_session(id, cx.now, idle).await }).await?;
    }
    Ok(Some(current))
}
