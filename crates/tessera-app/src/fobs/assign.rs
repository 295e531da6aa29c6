//! A person gets a fob.

use tessera_model::authenticator::MAX_AUTHENTICATORS;
use tessera_model::{
    Authenticator, AuthenticatorId, AuthenticatorKind, AuthenticatorName, EventCode, Fob, FobState, User,
    UserId, UserStatus,
};
use tessera_store::Tx;

use super::FobError;
use super::which::{WhichFob, about};
use crate::Cx;
use crate::access::{Action, Object, authorize};
use crate::one_time_codes::{Place, seal_bytes, secret_of};
use crate::outbox::{Mail, Notice, tell};

/// Gives a fob of the stock to a person: it is an authenticator of theirs from now on, and they are told by mail. Without a name it is called by its serial number.
///
/// # Errors
/// See [`FobError`].
pub async fn assign(
    cx: &Cx,
    which: &WhichFob,
    user: UserId,
    name: Option<&AuthenticatorName>,
) -> Result<Fob, FobError> {
    let allowed = authorize(cx, Action::AssignFob, Object::User(user)).await?;
    let (id, event) = (AuthenticatorId::from_random(cx.app.random()), &allowed.event(EventCode::FobAssigned));
    allowed
        .write(|tx| async move {
            let person = &require_open(&tx, user).await?;
            let fob = which.find(&tx).await?;
            match fob.state {
                FobState::InStock => {}
                FobState::Assigned { .. } => return Err(FobError::Assigned),
                FobState::Lost { .. } => return Err(FobError::Lost),
            }
            let authenticator = authenticator(cx, &fob, (user, id), name)?;
            if tx.authenticators().of_user(user).await?.len() >= MAX_AUTHENTICATORS {
                return Err(FobError::TooMany);
            }
            tx.authenticators().insert(&authenticator).await?;
            // Of two who give it away at once, one is first.
            if !tx.fobs().assign(fob.id, user, id).await? {
                return Err(FobError::Assigned);
            }
            tx.audit().append(&about(&fob, Some(user), event)).await?;
            let factor = authenticator.name.as_str().to_owned();
            tell(cx, &tx, person, Mail::FactorAdded { factor, notice: Notice::of(cx, person) }).await?;
            Ok(Fob { state: FobState::Assigned { user, authenticator: id }, ..fob })
        })
        .await
}

/// What the fob is to its person. It goes on counting where it stands.
fn authenticator(
    cx: &Cx,
    fob: &Fob,
    (user_id, id): (UserId, AuthenticatorId),
    name: Option<&AuthenticatorName>,
) -> Result<Authenticator, FobError> {
    let place = match &fob.kind {
        AuthenticatorKind::Totp(_) => Place::Totp(user_id, id),
        AuthenticatorKind::Hotp(_) => Place::Hotp(user_id, id),
        AuthenticatorKind::WebAuthn(_) | AuthenticatorKind::Other(_) => return Err(FobError::UnknownKind),
    };
    let secret = secret_of(cx, Place::Fob(fob.id), &fob.kind)?;
    let kind = fob.kind.clone().with_sealed(seal_bytes(cx, place, &secret));
    // The longest serial numbers are longer than a name.
    let serial = || fob.label.serial.as_str().chars().take(AuthenticatorName::MAX_LEN).collect::<String>();
    let name = name.map_or_else(|| serial().parse(), |name| Ok(name.clone()));
    let name = name.map_err(|_| FobError::UnknownKind)?;
    let counter = fob.counter;
    Ok(Authenticator { id, user_id, name, kind, counter, created_at: cx.now, last_used_at: None })
}

/// The account is held until the transaction ends.
async fn require_open(tx: &Tx, id: UserId) -> Result<User, FobError> {
    let user = tx.users().find_for_update(id).await?.ok_or(FobError::NoSuchUser(id))?;
    match user.status {
        UserStatus::Active | UserStatus::Locked { .. } => Ok(user),
        UserStatus::Disabled { .. } => Err(FobError::NoSuchUser(id)),
    }
}
