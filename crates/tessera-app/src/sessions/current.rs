//! Who is logged in at this browser.

use std::time::Duration;

use tessera_model::{Session, User};
use tessera_store::StoreError;

use super::cookie_digest;
use crate::Cx;

/// The shortest time between two writes of `last_seen_at`.
const TOUCH_EVERY: Duration = Duration::from_secs(60);

/// A live session and the person it belongs to.
#[derive(Clone, Debug)]
pub struct Current {
    /// The session.
    pub session: Session,
    /// The person, active at this moment.
    pub user: User,
}

/// The live session behind a cookie, if its person may still log in. The idle limit moves with each use.
///
/// # Errors
/// The database failed.
pub async fn current(cx: &Cx, cookie: Option<&str>) -> Result<Option<Current>, StoreError> {
    let found = find_by_cookie(cx, cookie).await?;
    let live = found.filter(|(session, user)| session.is_live(cx.now) && user.status.is_active());
    let Some(current) = live.map(|(session, user)| Current { session, user }) else { return Ok(None) };
    if cx.now.since(current.session.last_seen_at) >= TOUCH_EVERY {
        let (id, idle) = (current.session.id, cx.now.after(cx.app.config.lifetimes.session_idle));
        cx.app.store.write(|tx| async move { tx.sessions().touch(id, cx.now, idle).await }).await?;
    }
    Ok(Some(current))
}

/// The session behind a cookie that a logout has to end, and its person. It may be expired, or its person locked, because its
/// grants live until the session is ended.
///
/// # Errors
/// The database failed.
pub async fn not_ended(cx: &Cx, cookie: Option<&str>) -> Result<Option<(Session, User)>, StoreError> {
    Ok(find_by_cookie(cx, cookie).await?.filter(|(session, _)| session.ended_at.is_none()))
}

/// The session behind a cookie and its person, in any state.
async fn find_by_cookie(cx: &Cx, cookie: Option<&str>) -> Result<Option<(Session, User)>, StoreError> {
    let Some(digest) = &cookie.and_then(cookie_digest) else { return Ok(None) };
    cx.app
        .store
        .read(|tx| async move {
            let Some(session) = tx.sessions().find_by_secret(digest).await? else { return Ok(None) };
            Ok(tx.users().find(session.user_id).await?.map(|user| (session, user)))
        })
        .await
}
