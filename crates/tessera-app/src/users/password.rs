//! An administrator sets a password.

use tessera_model::{EventCode, PlainPassword, User, UserId};

use super::UserError;
use super::throttle::clear;
use super::view::not_closed;
use crate::Cx;
use crate::access::{Action, Object, authorize};
use crate::outbox::{Mail, Notice, tell};
use crate::passwords::{NewPassword, OnlyFactor, judge};
use crate::problem::Problem;
use crate::sessions::end_elsewhere;

/// Sets a password and ends what the old one opened: sessions, grants and their tokens. Forgets failed logins. The person is told
/// by mail.
///
/// # Errors
/// See [`UserError`]; the old password stays then.
pub async fn set_password(cx: &Cx, id: UserId, password: PlainPassword) -> Result<User, UserError> {
    let allowed = authorize(cx, Action::SetPassword, Object::User(id)).await?;
    let event = &allowed.event(EventCode::PasswordSet);
    let user = &allowed.read(|tx| async move { not_closed(&tx, id).await }).await?;
    let new = NewPassword { password, user, old: None, only_factor: OnlyFactor::Yes };
    let judged = judge(cx, new).await?;
    let accepted = judged.map_err(|refusals| UserError::Invalid(Problem::of_password(refusals).collect()))?;
    let hash = &cx.app.hasher.hash(accepted, cx.app.random()).await?;
    allowed
        .write(|tx| async move {
            let is_set = tx.users().set_password(id, hash, cx.now).await?;
            // The row is ours until the commit, so the account cannot close after this.
            let user = not_closed(&tx, id).await?;
            if is_set {
                clear(cx, &tx, &user).await?;
                end_elsewhere(cx, &tx, id, None).await?;
                tx.audit().append(event).await?;
                tell(cx, &tx, &user, Mail::PasswordChanged(Notice::of(cx, &user))).await?;
            }
            Ok(user)
        })
        .await
}
