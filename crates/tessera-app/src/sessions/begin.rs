//! Sessions begin here, whatever was proven.

use tessera_jose::digest::sha256;
use tessera_model::{
    AuthenticationContext, Digest, Presented, PresentedKind, Session, SessionId, User, UserId,
};
use tessera_store::{StoreError, Tx};
use zeroize::Zeroizing;

use super::end_within;
use crate::Cx;

/// A session that is about to begin, and the secret of its cookie.
pub(crate) struct NewSession {
    session: Session,
    secret: Presented,
}

impl NewSession {
    /// A session of this person, with what they have proven.
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

    /// For the session cookie.
    pub(crate) fn cookie(&self) -> Zeroizing<String> {
        self.secret.reveal()
    }
}

/// Begins a session. The same person goes on in the session that this browser has, if it has not ended meanwhile; another
/// person ends it. A session past its end is not taken up again: what ended with it would come back.
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
        } else if let Some(renewed) = renew(tx, session.id, fresh).await? {
            return Ok(renewed);
        }
    }
    tx.sessions().insert(fresh).await?;
    Ok(fresh.clone())
}

/// Puts the new secret and the new proofs on a session. Proofs of other authenticators stay, so a login with less never lowers
/// it. `None` if it has ended.
async fn renew(tx: &Tx, id: SessionId, fresh: &Session) -> Result<Option<Session>, StoreError> {
    let Some(before) = tx.sessions().find_for_update(id).await? else { return Ok(None) };
    let authentication = before.authentication.renewed_by(&fresh.authentication);
    let renewed = Session { id, created_at: before.created_at, authentication, ..fresh.clone() };
    Ok(tx.sessions().renew(&renewed).await?.then_some(renewed))
}
