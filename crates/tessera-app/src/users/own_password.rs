//! A person changes their own password, or sets their first one.

use tessera_jose::digest::sha256;
use tessera_model::{Digest, EventCode, PlainPassword, Throttle, User};
use tessera_store::StoreError;
use zeroize::Zeroizing;

use super::throttle::clear;
use crate::Cx;
use crate::access::{AccessError, Action, Allowed, authorize_recent};
use crate::hasher::Busy;
use crate::hashing_pool::Queue;
use crate::login::{Means, account_key, count_attempt, known_device};
use crate::outbox::{Mail, Notice, tell};
use crate::passwords::{NewPassword, OnlyFactor, PasswordRefusal, judge};
use crate::sessions::{Current, end_elsewhere};

/// Why a password was not changed. The old one stays.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    /// The current password was wrong.
    #[error("the current password is wrong")]
    WrongCurrent,
    /// Too many were wrong.
    #[error("too many attempts: wait {seconds} s")]
    Throttled {
        /// Seconds until the next attempt is accepted.
        seconds: u32,
    },
    /// The new password breaks these rules.
    #[error("{0:?}")]
    Refused(Vec<PasswordRefusal>),
    /// The hashing pool is full.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The actor may not do this, or has not logged in recently enough.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Changes the password, and ends what the old one opened elsewhere: sessions, grants and tokens. This session stays. The person is told
/// by mail. Returns the value of the device cookie, with which this browser stays known.
///
/// # Errors
/// See [`ChangePasswordError`].
pub async fn change_own_password(
    cx: &Cx,
    current: &Current,
    typed: PlainPassword,
    new: PlainPassword,
) -> Result<Zeroizing<String>, ChangePasswordError> {
    let allowed = authorize_recent(cx, Action::ChangePassword, current).await?;
    let user = &current.user;
    let old = verify_current(&allowed, user, typed).await?;
    let means = allowed.read::<_, StoreError, _, _>(|tx| async move { Means::read(&tx, user, cx.now).await });
    let only_factor = if means.await?.has_second_factor() { OnlyFactor::No } else { OnlyFactor::Yes };
    let judged = judge(cx, NewPassword { password: new, user, old, only_factor }).await?;
    let accepted = judged.map_err(ChangePasswordError::Refused)?;
    let hash = &cx.app.hasher.hash(accepted, cx.app.random()).await?;
    let event = &allowed.event(EventCode::PasswordChanged);
    allowed
        .write(|tx| async move {
            if !tx.users().confirm(user.id, user.security_version, None).await? {
                return Err(AccessError::NotRecent.into());
            }
            tx.users().set_password(user.id, hash, cx.now).await?;
            clear(cx, &tx, user).await?;
            end_elsewhere(cx, &tx, user.id, Some(current.session.id)).await?;
            tx.audit().append(event).await?;
            tell(cx, &tx, user, Mail::PasswordChanged(Notice::of(cx, user))).await?;
            Ok::<_, ChangePasswordError>(())
        })
        .await?;
    Ok(known_device(cx, user.id, user.security_version.next()))
}

/// The current password, once it was found right. `None` if the person has none. A wrong one counts before it is verified (invariant I5).
async fn verify_current(
    allowed: &Allowed<'_>,
    user: &User,
    typed: PlainPassword,
) -> Result<Option<PlainPassword>, ChangePasswordError> {
    let (cx, Some(stored)) = (allowed.cx(), &user.password) else { return Ok(None) };
    let turn = cx.app.hasher.turn(Queue::Known).await?;
    let counter = &Digest::new(sha256(format!("own_password|{}", user.id).as_bytes()));
    let account = &account_key(cx, &user.username);
    let most = Throttle::MOST_PASSWORDS;
    let begun = allowed.write::<_, StoreError, _, _>(|tx| async move {
        count_attempt(cx, &tx, (counter, account), most).await
    });
    let Some(begun) = &begun.await? else { return Err(throttled(allowed, counter).await?) };
    let ((is_right, password), _turn) = cx.app.hasher.is_of(turn, typed, stored).await?;
    let event = &allowed.event(EventCode::PasswordChangeFailed);
    allowed
        .write::<_, StoreError, _, _>(|tx| async move {
            if is_right {
                return tx.throttles().clear(counter).await;
            }
            tx.throttles().settle(counter, begun).await?;
            tx.audit().append(event).await
        })
        .await?;
    if is_right { Ok(Some(password)) } else { Err(ChangePasswordError::WrongCurrent) }
}

async fn throttled(allowed: &Allowed<'_>, counter: &Digest) -> Result<ChangePasswordError, StoreError> {
    let now = allowed.cx().now;
    let found: Option<Throttle> =
        allowed.read(|tx| async move { tx.throttles().find(counter).await }).await?;
    let seconds = found.map_or(1, |throttle| throttle.seconds_to_wait(now));
    Ok(ChangePasswordError::Throttled { seconds })
}
