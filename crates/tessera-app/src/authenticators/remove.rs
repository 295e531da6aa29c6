//! An authenticator that is lost, sold or no longer wanted.
//!
//! Whoever has it may have logged in with it. So everything ends that the person's credentials have opened elsewhere: sessions, grants and
//! tokens.

use tessera_model::audit::Detail;
use tessera_model::{Authenticator, AuthenticatorId, EventCode, Session, User, UserId};
use tessera_store::Tx;
use zeroize::Zeroizing;

use super::AuthenticatorError;
use crate::Cx;
use crate::access::{AccessError, Action, Allowed, Object, authorize, authorize_recent};
use crate::login::{Means, known_device};
use crate::outbox::{Mail, Notice, tell};
use crate::sessions::{Current, end_elsewhere};

/// An authenticator that is gone.
pub struct Removed {
    /// What it was.
    pub authenticator: Authenticator,
    /// The value of the device cookie for the browser of the person, which stays known.
    pub device: Zeroizing<String>,
}

/// A person removes one of their own authenticators. The last thing that they can log in with stays, and so does this session, without
/// what the authenticator has proven.
///
/// # Errors
/// See [`AuthenticatorError`].
pub async fn remove_own(
    cx: &Cx,
    current: &Current,
    id: AuthenticatorId,
) -> Result<Removed, AuthenticatorError> {
    let allowed = &authorize_recent(cx, Action::RemoveAuthenticator, current).await?;
    let user = &current.user;
    let authenticator = allowed
        .write(|tx| async move {
            if !tx.users().renew_credentials(user.id, user.security_version).await? {
                return Err(AccessError::NotRecent.into());
            }
            let (removed, means) = take(allowed, &tx, (user, id)).await?;
            if removed.kind.fob().is_some() {
                return Err(AuthenticatorError::OfOrganisation);
            }
            if !means.can_log_in() {
                return Err(AuthenticatorError::LastFactor);
            }
            let authentication = current.session.authentication.without(id);
            // A session for which nothing else was proven ends too.
            let kept = (!authentication.proofs().is_empty()).then_some(current.session.id);
            let session = Session { authentication, ..current.session.clone() };
            tx.sessions().renew(&session).await?;
            end_elsewhere(cx, &tx, user.id, kept).await?;
            Ok(removed)
        })
        .await?;
    let version = user.security_version.next();
    Ok(Removed { authenticator, device: known_device(cx, user.id, version) })
}

/// An administrator removes an authenticator of a person, also the last one. Every session of the person ends.
///
/// # Errors
/// See [`AuthenticatorError`].
pub async fn remove(cx: &Cx, user: UserId, id: AuthenticatorId) -> Result<Authenticator, AuthenticatorError> {
    let allowed = &authorize(cx, Action::RemoveAuthenticator, Object::User(user)).await?;
    allowed
        .write(|tx| async move {
            let person = tx.users().find_for_update(user).await?.ok_or(AuthenticatorError::NotFound)?;
            tx.users().renew_credentials(user, person.security_version).await?;
            let (removed, _) = take(allowed, &tx, (&person, id)).await?;
            end_elsewhere(cx, &tx, user, None).await?;
            Ok(removed)
        })
        .await
}

/// Takes an authenticator from a person for another verb, which writes its event. Every session of the person ends.
pub(crate) async fn remove_within(
    cx: &Cx,
    tx: &Tx,
    (user, id): (UserId, AuthenticatorId),
) -> Result<Authenticator, AuthenticatorError> {
    let person = tx.users().find_for_update(user).await?.ok_or(AuthenticatorError::NotFound)?;
    tx.users().renew_credentials(user, person.security_version).await?;
    let (removed, _) = detach(cx, tx, (&person, id)).await?;
    end_elsewhere(cx, tx, user, None).await?;
    Ok(removed)
}

/// Removes an authenticator, writes that down, and says what the person can prove without it.
async fn take(
    allowed: &Allowed<'_>,
    tx: &Tx,
    (user, id): (&User, AuthenticatorId),
) -> Result<(Authenticator, Means), AuthenticatorError> {
    let (removed, means) = detach(allowed.cx(), tx, (user, id)).await?;
    let text = id.to_string();
    let mut event = allowed.event(EventCode::AuthenticatorRemoved);
    event.detail = Some(Detail::Authenticator(removed.kind.as_str(), &text).text());
    tx.audit().append(&event).await?;
    Ok((removed, means))
}

/// Removes an authenticator and what stands in for it. A key fob is in stock then. The person is told by mail.
async fn detach(
    cx: &Cx,
    tx: &Tx,
    (user, id): (&User, AuthenticatorId),
) -> Result<(Authenticator, Means), AuthenticatorError> {
    let has = tx.authenticators().of_user(user.id).await?;
    let (removed, left): (Vec<_>, Vec<_>) = has.into_iter().partition(|one| one.id == id);
    let removed = removed.into_iter().next().ok_or(AuthenticatorError::NotFound)?;
    let means = Means::of(user, &left, 0, cx.now);
    tx.authenticators().delete(user.id, id).await?;
    if !means.has_second_factor() {
        // They stand in for a second factor, and there is none.
        tx.recovery_codes().delete(user.id).await?;
    }
    let factor = removed.name.as_str().to_owned();
    tell(cx, tx, user, Mail::FactorRemoved { factor, notice: Notice::of(cx, user) }).await?;
    Ok((removed, means))
}
