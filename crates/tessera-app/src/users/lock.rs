//! Locking holds a person: no login and no token until unlocked, while sessions and grants wait.

use tessera_model::{AuditEvent, EventCode, UserId, UserStatus};

use super::{UserError, explain};
use crate::Cx;
use crate::rules::{RevocationTarget, rule};

/// Locks an account and takes back its access tokens. Locking a locked account changes nothing.
///
/// # Errors
/// No such account, or it is closed for good.
pub async fn lock(cx: &Cx, id: UserId) -> Result<(), UserError> {
    let rule = &rule(cx, &RevocationTarget::Subject(id));
    let event = &AuditEvent { user_id: Some(id), ..cx.event(EventCode::UserLocked) };
    cx.app
        .store
        .write(|tx| async move {
            if !tx.users().lock(id, cx.now).await? {
                return explain(&tx, id, |status| matches!(status, UserStatus::Locked { .. })).await;
            }
            tx.revocations().append(rule).await?;
            Ok(tx.audit().append(event).await?)
        })
        .await
}

/// Lets a locked person in again. Unlocking an active account changes nothing.
///
/// # Errors
/// No such account, or it is closed for good.
pub async fn unlock(cx: &Cx, id: UserId) -> Result<(), UserError> {
    let event = &AuditEvent { user_id: Some(id), ..cx.event(EventCode::UserUnlocked) };
    cx.app
        .store
        .write(|tx| async move {
            if !tx.users().unlock(id, cx.now).await? {
                return explain(&tx, id, UserStatus::is_active).await;
            }
            Ok(tx.audit().append(event).await?)
        })
        .await
}
