//! The delay of logins after failures (policy P3), as an administrator sees it.

use tessera_model::{EventCode, Throttle, User, UserId};
use tessera_store::{StoreError, Tx};

use super::UserError;
use super::view::{found, not_closed};
use crate::Cx;
use crate::access::{Action, Object, authorize};
use crate::login::account_key;

/// The failures of strangers at an account, if there are any today. Known devices have counters of their own.
///
/// # Errors
/// See [`UserError`].
pub async fn find_throttle(cx: &Cx, id: UserId) -> Result<Option<Throttle>, UserError> {
    let allowed = authorize(cx, Action::FindThrottle, Object::User(id)).await?;
    let throttle = allowed
        .read(|tx| async move {
            let user = found(&tx, id).await?;
            Ok::<_, UserError>(tx.throttles().find(&account_key(cx, &user.username)).await?)
        })
        .await?;
    Ok(throttle.filter(|throttle| throttle.day == Throttle::day(cx.now)))
}

/// Forgets the failures at an account, those of strangers and those of its devices. Without any it stays as it is.
///
/// # Errors
/// See [`UserError`].
pub async fn clear_throttle(cx: &Cx, id: UserId) -> Result<User, UserError> {
    let allowed = authorize(cx, Action::ClearThrottle, Object::User(id)).await?;
    let event = &allowed.event(EventCode::ThrottleCleared);
    allowed
        .write(|tx| async move {
            let user = not_closed(&tx, id).await?;
            if clear(cx, &tx, &user).await? {
                tx.audit().append(event).await?;
            }
            Ok(user)
        })
        .await
}

/// Forgets the failures as part of another verb. `false` if there were none.
pub(super) async fn clear(cx: &Cx, tx: &Tx, user: &User) -> Result<bool, StoreError> {
    Ok(tx.throttles().clear_account(&account_key(cx, &user.username)).await? > 0)
}
