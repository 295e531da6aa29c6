//! One more authenticator of a person.

use tessera_model::audit::Detail;
use tessera_model::authenticator::MAX_AUTHENTICATORS;
use tessera_model::{AuditEvent, Authenticator};
use tessera_store::Tx;

use super::AddError;

/// Adds an authenticator whose person has just shown that they have it.
pub(crate) async fn add_within(
    event: &AuditEvent,
    tx: &Tx,
    authenticator: &Authenticator,
) -> Result<(), AddError> {
    let user = authenticator.user_id;
    // The row of the person is ours from here on, so that two additions at once cannot pass the limit.
    tx.users().renew_credentials(user).await?;
    if tx.authenticators().of_user(user).await?.len() >= MAX_AUTHENTICATORS {
        return Err(AddError::TooMany);
    }
    if !tx.authenticators().insert(authenticator).await? {
        return Err(AddError::Taken);
    }
    let id = authenticator.id.to_string();
    let detail = Some(Detail::Authenticator(authenticator.kind.as_str(), &id).text());
    Ok(tx.audit().append(&AuditEvent { detail, ..event.clone() }).await?)
}
