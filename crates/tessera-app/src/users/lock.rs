//! A locked person can neither log in nor get a token until they are unlocked. Their sessions and grants wait.

use tessera_model::{EventCode, User, UserId};

use super::UserError;
use super::throttle::clear;
use super::view::not_closed;
use crate::Cx;
use crate::access::{Action, Object, authorize};
use crate::rules::{RevocationTarget, revoke};

/// Locks an account and revokes its access tokens. A locked account stays as it is.
///
/// # Errors
/// See [`UserError`].
pub async fn lock(cx: &Cx, id: UserId) -> Result<User, UserError> {
    let allowed = authorize(cx, Action::LockUser, Object::User(id)).await?;
    let event = &allowed.event(EventCode::UserLocked);
    let target = &RevocationTarget::Subject(id);
    allowed
        .write(|tx| async move {
            if tx.users().lock(id, cx.now).await? {
                revoke(cx, &tx, target).await?;
                tx.audit().append(event).await?;
            }
            not_closed(&tx, id).await
        })
        .await
}

/// Unlocks an account, and forgets failed logins at it. An active account without any stays as it is.
///
/// # Errors
/// See [`UserError`].
pub async fn unlock(cx: &Cx, id: UserId) -> Result<User, UserError> {
    let allowed = authorize(cx, Action::UnlockUser, Object::User(id)).await?;
    let (unlocked, cleared) =
        (&allowed.event(EventCode::UserUnlocked), &allowed.event(EventCode::ThrottleCleared));
    allowed
        .write(|tx| async move {
            let was_locked = tx.users().unlock(id, cx.now).await?;
            let user = not_closed(&tx, id).await?;
            let had_failures = clear(cx, &tx, &user).await?;
            if was_locked {
                tx.audit().append(unlocked).await?;
            } else if had_failures {
                tx.audit().append(cleared).await?;
            }
            Ok(user)
        })
        .await
}
