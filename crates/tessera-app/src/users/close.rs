//! Closing an account ends everything it holds: sessions, grants, tokens.

use tessera_model::{AuditEvent, EventCode, RevokeReason, UserId, UserStatus};

use super::{UserError, explain};
use crate::Cx;
use crate::rules::{RevocationTarget, rule};

/// Closes an account for good; the record keeps the name from being given away again.
///
/// # Errors
/// No such account.
pub async fn disable(cx: &Cx, id: UserId) -> Result<(), UserError> {
    let rule = &rule(cx, &RevocationTarget::Subject(id));
    let event = &AuditEvent { user_id: Some(id), ..cx.event(EventCode::UserDisabled) };
    cx.app
        .store
        .write(|tx| async move {
            if !tx.users().disable(id, cx.now).await? {
                return explain(&tx, id, |status| matches!(status, UserStatus::Disabled { .. })).await;
            }
            tx.sessions().end_all_of_user(id, cx.now).await?;
            tx.grants().revoke_all_of_user(id, RevokeReason::UserDisabled, cx.now).await?;
            tx.revocations().append(rule).await?;
            Ok(tx.audit().append(event).await?)
        })
        .await
}

/// Erases an account and everything it holds. Audit events keep only its id.
///
/// # Errors
/// No such account.
pub async fn delete(cx: &Cx, id: UserId) -> Result<(), UserError> {
    let rule = &rule(cx, &RevocationTarget::Subject(id));
    let event = &AuditEvent { user_id: Some(id), ..cx.event(EventCode::UserDeleted) };
    cx.app
        .store
        .write(|tx| async move {
            if !tx.users().delete(id).await? {
                return Err(UserError::NotFound);
            }
            tx.revocations().append(rule).await?;
            Ok(tx.audit().append(event).await?)
        })
        .await
}
