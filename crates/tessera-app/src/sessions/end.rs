//! Ending a session ends every code, grant and token that came from it. Offline grants whose code was exchanged live on.
//!
//! Only the row of the session changes, however many grants it has. Whoever reads a grant looks at its session. A job removes the dead
//! grants later. Verifiers get one rule.

use tessera_model::{AuditEvent, EventCode, Session, SessionId, UserId};
use tessera_store::{StoreError, Tx};

use crate::Cx;
use crate::rules::{RevocationTarget, revoke};

/// Ends a session. Ending an ended session changes nothing.
///
/// # Errors
/// The database failed. The session was not ended.
pub async fn end(cx: &Cx, session: &Session) -> Result<(), StoreError> {
    cx.app.store.write(|tx| async move { end_within(cx, &tx, session).await }).await
}

/// Ends every session of a person but this one, every grant, and every token that was issued to applications, because the credentials
/// that opened them count no more. Grants end with the generation of the credentials, which the caller has begun.
pub(crate) async fn end_elsewhere(
    cx: &Cx,
    tx: &Tx,
    user: UserId,
    kept: Option<SessionId>,
) -> Result<(), StoreError> {
    match kept {
        Some(kept) => tx.sessions().end_others_of_user(user, cx.now, kept).await?,
        None => drop(tx.sessions().end_all_of_user(user, cx.now).await?),
    }
    tx.grants().revoke_without_generation(user, cx.now).await?;
    revoke(cx, tx, &RevocationTarget::Subject(user)).await
}

/// [`end`] within a transaction of the caller.
pub(crate) async fn end_within(cx: &Cx, tx: &Tx, session: &Session) -> Result<(), StoreError> {
    if !tx.sessions().end(session.id, cx.now).await? {
        return Ok(());
    }
    let client = tx.grants().only_client_of_session(session.id).await?;
    revoke(cx, tx, &RevocationTarget::Session { session, client: client.as_ref() }).await?;
    let event = AuditEvent {
        user_id: Some(session.user_id),
        session_id: Some(session.id),
        ..cx.event(EventCode::SessionEnded)
    };
    tx.audit().append(&event).await
}
