//! A person gives one of their authenticators another name.

use tessera_model::audit::Detail;
use tessera_model::{AuditEvent, AuthenticatorId, AuthenticatorName, EventCode};

use super::AuthenticatorError;
use crate::Cx;
use crate::access::{Action, Object, authorize};
use crate::sessions::Current;

/// Renames an authenticator. The name is for its person alone, so any live session will do.
///
/// # Errors
/// See [`AuthenticatorError`].
pub async fn rename_own(
    cx: &Cx,
    current: &Current,
    id: AuthenticatorId,
    name: &str,
) -> Result<(), AuthenticatorError> {
    let user = current.user.id;
    let allowed = authorize(cx, Action::RenameAuthenticator, Object::User(user)).await?;
    let name = &name.parse::<AuthenticatorName>()?;
    let text = id.to_string();
    let detail = Some(Detail::AuthenticatorId(&text).text());
    let event = &AuditEvent { detail, ..allowed.event(EventCode::AuthenticatorRenamed) };
    allowed
        .write(|tx| async move {
            if !tx.authenticators().rename(user, id, name).await? {
                return Err(AuthenticatorError::NotFound);
            }
            Ok(tx.audit().append(event).await?)
        })
        .await
}
