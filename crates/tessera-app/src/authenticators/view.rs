//! What somebody can log in with.

use tessera_model::{Authenticator, UserId};

use crate::Cx;
use crate::access::{AccessError, Action, Object, authorize};

/// What a person can log in with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overview {
    /// Their authenticators, oldest first.
    pub authenticators: Vec<Authenticator>,
    /// How many recovery codes are left.
    pub recovery_codes: u64,
}

/// What a person can log in with.
///
/// # Errors
/// Neither an administrator nor the person themselves asks, or the database failed.
pub async fn of_user(cx: &Cx, user: UserId) -> Result<Overview, AccessError> {
    let allowed = authorize(cx, Action::ListAuthenticators, Object::User(user)).await?;
    allowed
        .read(|tx| async move {
            Ok(Overview {
                authenticators: tx.authenticators().of_user(user).await?,
                recovery_codes: tx.recovery_codes().count(user).await?,
            })
        })
        .await
}
