//! Claims about the person behind an access token (OIDC core section 5.3).

use tessera_oauth::claims::UserInfo;
use tessera_oauth::scope::GROUPS;
use tessera_store::StoreError;

use super::access_token::{self, LiveHolder};
use super::person::person;
use crate::Cx;

/// Why no claims are returned.
#[derive(Debug, thiserror::Error)]
pub enum UserInfoError {
    /// Not a live access token for this endpoint.
    #[error("invalid token")]
    InvalidToken,
    /// A good token without a scope about the person.
    #[error("insufficient scope")]
    InsufficientScope,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The claims about its person that the scopes of a token allow.
///
/// # Errors
/// See [`UserInfoError`].
pub async fn userinfo(cx: &Cx, token: &str) -> Result<UserInfo, UserInfoError> {
    let token =
        access_token::read(cx, &cx.app.catalog.load().keys, token).ok_or(UserInfoError::InvalidToken)?;
    let user = match access_token::check_live(cx, &token).await? {
        None => return Err(UserInfoError::InvalidToken),
        Some(LiveHolder::Machine) => return Err(UserInfoError::InsufficientScope),
        Some(LiveHolder::Person(user)) => user,
    };
    if !token.scope.is_about_a_person() || !token.for_issuer {
        return Err(UserInfoError::InsufficientScope);
    }
    let (id, scope) = (user.id, &token.scope);
    let groups = if scope.contains(GROUPS) {
        cx.app.store.read(|tx| async move { tx.groups().of_user(id).await }).await?
    } else {
        Vec::new()
    };
    Ok(UserInfo { sub: id.to_string(), claims: person(&user, &groups, scope) })
}
