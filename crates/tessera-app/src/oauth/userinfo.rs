//! Claims about the person behind an access token (OIDC core section 5.3).

use tessera_model::GrantStage;
use tessera_oauth::claims::UserInfo;
use tessera_store::StoreError;

use super::access_token;
use super::person::person;
use crate::{Cx, rules};

/// Why nothing is told.
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

/// What the token's scopes allow to be told about its person.
///
/// # Errors
/// See [`UserInfoError`].
pub async fn userinfo(cx: &Cx, token: &str) -> Result<UserInfo, UserInfoError> {
    let claims =
        access_token::read(cx, &cx.app.catalog.load().keys, token).ok_or(UserInfoError::InvalidToken)?;
    let scope = &claims.scope;
    let Some(id) = claims.grant() else { return Err(UserInfoError::InsufficientScope) };
    if !scope.is_about_a_person() || !claims.for_issuer {
        return Err(UserInfoError::InsufficientScope);
    }
    let token = &claims;
    let user = cx
        .app
        .store
        .read(|tx| async move {
            let Some(grant) = tx.grants().find(id).await? else { return Ok::<_, StoreError>(None) };
            let live = matches!(grant.stage, GrantStage::Active(_)) && cx.now < grant.expires_at;
            if !live || rules::is_taken_back(&tx, token, id).await? {
                return Ok(None);
            }
            let Some(user_id) = grant.holder.user_id() else { return Ok(None) };
            tx.users().find(user_id).await
        })
        .await?
        .filter(|user| user.status.is_active() && user.id.to_string() == claims.sub)
        .ok_or(UserInfoError::InvalidToken)?;
    Ok(UserInfo { sub: user.id.to_string(), claims: person(&user, scope) })
}
