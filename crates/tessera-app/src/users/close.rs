//! A closed or erased account holds nothing any more: no sessions, no grants, no tokens.

use tessera_model::{AuditEvent, EventCode, User, UserId};
use tessera_store::{StoreError, Tx};

use super::UserError;
use super::view::found;
use crate::Cx;
use crate::access::{Action, Object, authorize};
use crate::rules::{RevocationTarget, revoke};

/// Closes an account for good. Its record stays, so that nobody else gets its name. A closed account stays as it is.
///
/// # Errors
/// See [`UserError`].
pub async fn disable(cx: &Cx, id: UserId) -> Result<User, UserError> {
    let allowed = authorize(cx, Action::DisableUser, Object::User(id)).await?;
    let event = &allowed.event(EventCode::UserDisabled);
    allowed
        .write(|tx| async move {
            close(cx, &tx, (id, event)).await?;
            found(&tx, id).await
        })
        .await
}

/// Erases an account with everything it holds, and answers what it was. Audit events keep only its id.
///
/// An account with very many grants is closed first, and its grants are removed in steps. Whoever stops it meanwhile can erase the
/// closed account again.
///
/// # Errors
/// See [`UserError`].
pub async fn delete(cx: &Cx, id: UserId) -> Result<User, UserError> {
    let allowed = authorize(cx, Action::DeleteUser, Object::User(id)).await?;
    let (closed, deleted) = (&allowed.event(EventCode::UserDisabled), &allowed.event(EventCode::UserDeleted));
    let was = allowed.read(|tx| async move { found(&tx, id).await }).await?;
    allowed
        .write_in_steps(|tx, most| async move {
            if !tx.grants().remove_of_user(id, most).await? {
                close(cx, &tx, (id, closed)).await?;
                return Ok(false);
            }
            if !tx.users().delete(id).await? {
                return Err(UserError::NotFound);
            }
            revoke(cx, &tx, &RevocationTarget::Subject(id)).await?;
            tx.audit().append(&AuditEvent { at: cx.app.now(), ..deleted.clone() }).await?;
            Ok(true)
        })
        .await?;
    Ok(was)
}

/// Ends the sessions and the generation of the grants, however many grants there are, and gives the authenticators free.
async fn close(cx: &Cx, tx: &Tx, (id, event): (UserId, &AuditEvent)) -> Result<(), StoreError> {
    if tx.users().disable(id, cx.now).await? {
        tx.authenticators().delete_all(id).await?;
        tx.recovery_codes().delete(id).await?;
        tx.sessions().end_all_of_user(id, cx.now).await?;
        revoke(cx, tx, &RevocationTarget::Subject(id)).await?;
        tx.audit().append(event).await?;
    }
    Ok(())
}
