//! An authenticator that is lost, sold or no longer wanted.

use tessera_model::audit::Detail;
use tessera_model::{AuditEvent, Authenticator, AuthenticatorId, EventCode, UserId};

use super::AuthenticatorError;
use crate::Cx;
use crate::access::{Action, Allowed, Object, authorize, authorize_recent};
use crate::login::Means;
use crate::sessions::Current;

/// A person removes one of their own authenticators. The last thing that they can log in with stays.
///
/// # Errors
/// See [`AuthenticatorError`].
pub async fn remove_own(
    cx: &Cx,
    current: &Current,
    id: AuthenticatorId,
) -> Result<Authenticator, AuthenticatorError> {
    let allowed = authorize_recent(cx, Action::RemoveAuthenticator, current).await?;
    remove_one(&allowed, current.user.id, id, Rest::MustDo).await
}

/// An administrator removes an authenticator of a person, also the last one.
///
/// # Errors
/// See [`AuthenticatorError`].
pub async fn remove(cx: &Cx, user: UserId, id: AuthenticatorId) -> Result<Authenticator, AuthenticatorError> {
    let allowed = authorize(cx, Action::RemoveAuthenticator, Object::User(user)).await?;
    remove_one(&allowed, user, id, Rest::MayFail).await
}

/// Whether the person must be able to log in with what is left.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rest {
    MustDo,
    MayFail,
}

async fn remove_one(
    allowed: &Allowed<'_>,
    user: UserId,
    id: AuthenticatorId,
    rest: Rest,
) -> Result<Authenticator, AuthenticatorError> {
    let cx = allowed.cx();
    let event = &allowed.event(EventCode::AuthenticatorRemoved);
    allowed
        .write(|tx| async move {
            tx.users().renew_credentials(user).await?;
            let person = tx.users().find(user).await?.ok_or(AuthenticatorError::NotFound)?;
            let has = tx.authenticators().of_user(user).await?;
            let (removed, left): (Vec<_>, Vec<_>) = has.into_iter().partition(|one| one.id == id);
            let removed = removed.into_iter().next().ok_or(AuthenticatorError::NotFound)?;
            let means = Means::of(&person, &left, 0, cx.now);
            if rest == Rest::MustDo && !means.can_log_in() {
                return Err(AuthenticatorError::LastFactor);
            }
            tx.authenticators().delete(user, id).await?;
            if !means.has_second_factor() {
                // They stand in for a second factor, and there is none.
                tx.recovery_codes().delete(user).await?;
            }
            let text = id.to_string();
            let detail = Some(Detail::Authenticator(removed.kind.as_str(), &text).text());
            tx.audit().append(&AuditEvent { detail, ..event.clone() }).await?;
            Ok(removed)
        })
        .await
}
