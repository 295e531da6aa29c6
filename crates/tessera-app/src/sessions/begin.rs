//! Every session begins here, whatever was proven for it.

use tessera_jose::digest::sha256;
use tessera_model::{
    AuthenticationContext, Digest, Presented, PresentedKind, Session, SessionId, User, UserId,
};
use tessera_store::{StoreError, Tx};
use zeroize::Zeroizing;

use super::end_within;
use crate::Cx;

/// A session that is not stored yet, and the secret of its cookie.
pub(crate) struct NewSession {
    session: Session,
    secret: Presented,
}

impl NewSession {
    /// A new session of this person, with what they have proven.
    pub(crate) fn new(cx: &Cx, user_id: UserId, authentication: AuthenticationContext) -> Self {
        let secret = Presented::new(PresentedKind::Session, &Zeroizing::new(cx.app.random::<32>())[..]);
        let lifetimes = &cx.app.config.lifetimes;
        let session = Session {
            id: SessionId::from_random(cx.app.random()),
            secret: Digest::new(sha256(secret.body())),
            user_id,
            authentication,
            created_at: cx.now,
            last_seen_at: cx.now,
            idle_expires_at: cx.now.after(lifetimes.session_idle),
            expires_at: cx.now.after(lifetimes.session),
            ended_at: None,
            user_agent: cx.user_agent.clone(),
            ip: cx.ip.map(|ip| ip.to_string()),
        };
        Self { session, secret }
    }

    /// The value of the session cookie.
    pub(crate) fn cookie(&self) -> Zeroizing<String> {
        self.secret.reveal()
    }
}

/// Begins a session. If the browser's previous session is live and belongs to the same person, it continues under the new
/// secret. The session of another person ends. An expired session is ended instead of renewed, because renewing it would
/// revive the grants that expired with it.
pub(crate) async fn begin_within(
    cx: &Cx,
    tx: &Tx,
    new_session: &NewSession,
    previous: Option<&(Session, User)>,
) -> Result<Session, StoreError> {
    let fresh = &new_session.session;
    if let Some((session, user)) = previous {
        if user.id != fresh.user_id || cx.now >= session.expires_at {
            end_within(cx, tx, session).await?;
        } else if let Some(renewed) = renew(cx, tx, session.id, fresh).await? {
            return Ok(renewed);
        }
    }
    tx.sessions().insert(fresh).await?;
    Ok(fresh.clone())
}

/// Puts the new secret and the new proofs on a live session. `None` if it is not live any more.
pub(crate) async fn renew_live_within(
    cx: &Cx,
    tx: &Tx,
    id: SessionId,
    new_session: &NewSession,
) -> Result<Option<Session>, StoreError> {
    match tx.sessions().find_for_update(id).await? {
        Some(before) if before.is_live(cx.now) => renew(cx, tx, id, &new_session.session).await,
        Some(_) | None => Ok(None),
    }
}

/// Puts the new secret and the new proofs on a session. While it is live, proofs of other authenticators stay, so a login with
/// less does not lower it. A session that has idled out starts again with what is proven now. `None` if it has ended.
async fn renew(cx: &Cx, tx: &Tx, id: SessionId, fresh: &Session) -> Result<Option<Session>, StoreError> {
    let Some(before) = tx.sessions().find_for_update(id).await? else { return Ok(None) };
    let authentication = if before.is_live(cx.now) {
        before.authentication.renewed_by(&fresh.authentication)
    } else {
        fresh.authentication.clone()
    };
    let renewed = Session { id, created_at: before.created_at, authentication, ..fresh.clone() };
    Ok(tx.sessions().renew(&renewed).await?.then_some(renewed))
}
