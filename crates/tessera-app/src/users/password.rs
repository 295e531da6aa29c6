//! An administrator sets a password; what passwords cost.

use tessera_model::{AuditEvent, EventCode, PlainPassword, RevokeReason, UserId, UserStatus};
use tessera_store::StoreError;

use super::UserError;
use crate::hasher::Busy;
use crate::rules::{RevocationTarget, rule};
use crate::{App, Cx};

/// Why a password was not set.
#[derive(Debug, thiserror::Error)]
pub enum SetPasswordError {
    /// The account cannot be changed.
    #[error(transparent)]
    User(#[from] UserError),
    /// The hashing pool is full.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Sets a password and ends what the old one opened: sessions, grants and their tokens.
///
/// # Errors
/// See [`SetPasswordError`]; the old password stays then.
pub async fn set_password(cx: &Cx, id: UserId, password: PlainPassword) -> Result<(), SetPasswordError> {
    let hash = &cx.app.hasher.hash(password, cx.app.random()).await?;
    let rule = &rule(cx, &RevocationTarget::Subject(id));
    let event = &AuditEvent { user_id: Some(id), ..cx.event(EventCode::PasswordSet) };
    cx.app
        .store
        .write(|tx| async move {
            if !tx.users().set_password(id, hash, cx.now).await? {
                return Err(UserError::NotFound.into());
            }
            // The row is ours until the commit, so the account cannot close in between.
            if tx
                .users()
                .find(id)
                .await?
                .is_none_or(|user| matches!(user.status, UserStatus::Disabled { .. }))
            {
                return Err(UserError::Disabled.into());
            }
            tx.sessions().end_all_of_user(id, cx.now).await?;
            tx.grants().revoke_all_of_user(id, RevokeReason::Administrator, cx.now).await?;
            tx.revocations().append(rule).await?;
            Ok(tx.audit().append(event).await?)
        })
        .await
}

/// Looks which costs the hashes in the database have: a failed login then does the work of each, so that nobody learns whose hash
/// is older than today's (attack L02). A cost that comes up between two looks counts from its first login on.
///
/// # Errors
/// The database failed.
pub async fn note_costs(app: &App) -> Result<(), StoreError> {
    let costs = app.store.read(|tx| async move { tx.users().password_costs().await }).await?;
    app.hasher.in_use(&costs);
    Ok(())
}
