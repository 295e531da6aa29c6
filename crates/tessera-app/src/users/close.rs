//! A closed or erased account holds nothing any more: no sessions, no grants, no tokens.

use tessera_model::{EventCode, RevokeReason, User, UserId};

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
    let target = &RevocationTarget::Subject(id);
    allowed
        .write(|tx| async move {
            if tx.users().disable(id, cx.now).await? {
                tx.sessions().end_all_of_user(id, cx.now).await?;
                tx.grants().revoke_all_of_user(id, RevokeReason::UserDisabled, cx.now).await?;
                revoke(cx, &tx, target).await?;
                tx.audit().append(event).await?;
            }
            found(&tx, id).await
        })
        .await
}

/// Erases an account with everything it holds, and answers what it was. Audit events keep only its id.
///
/// # Errors
/// See [`UserError`].
pub async fn delete(cx: &Cx, id: UserId) -> Result<User, UserError> {
    let allowed = authorize(cx, Action::DeleteUser, Object::User(id)).await?;
    let event = &allowed.event(EventCode::UserDeleted);
    let target = &RevocationTarget::Subject(id);
    allowed
        .write(|tx| async move {
            let user = found(&tx, id).await?;
            if !tx.users().delete(id).await? {
                return Err(UserError::NotFound);
            }
            revoke(cx, &tx, target).await?;
            tx.audit().append(event).await?;
            Ok(user)
        })
        .await
}
