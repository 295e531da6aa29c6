//! One more authenticator of a person.

use tessera_model::audit::Detail;
use tessera_model::authenticator::MAX_AUTHENTICATORS;
use tessera_model::{Authenticator, EventCode};
use tessera_store::Tx;

use super::AddError;
use crate::access::{AccessError, Allowed};
use crate::outbox::{Mail, Notice, tell};
use crate::sessions::Current;

/// Adds an authenticator whose person has just shown that they have it, unless their credentials were changed since `allowed` was given.
/// The person is told by mail.
pub(crate) async fn add_within(
    allowed: &Allowed<'_>,
    tx: &Tx,
    current: &Current,
    authenticator: &Authenticator,
) -> Result<(), AddError> {
    let (cx, user) = (allowed.cx(), &current.user);
    // The row of the person is ours from here on, so that two additions at once cannot pass the limit.
    if !tx.users().confirm(user.id, user.security_version, None).await? {
        return Err(AccessError::NotRecent.into());
    }
    if tx.authenticators().of_user(user.id).await?.len() >= MAX_AUTHENTICATORS {
        return Err(AddError::TooMany);
    }
    if !tx.authenticators().insert(authenticator).await? {
        return Err(AddError::Taken);
    }
    let id = authenticator.id.to_string();
    let mut event = allowed.event(EventCode::AuthenticatorAdded);
    event.detail = Some(Detail::Authenticator(authenticator.kind.as_str(), &id).text());
    tx.audit().append(&event).await?;
    let factor = authenticator.name.as_str().to_owned();
    Ok(tell(cx, tx, user, Mail::FactorAdded { factor, notice: Notice::of(cx, user) }).await?)
}
