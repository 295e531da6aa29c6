//! `GET|POST /userinfo` (OIDC core section 5.3).

use axum::response::Response;
use http::StatusCode;
use tessera_app::oauth::userinfo::{UserInfoError, userinfo};
use tessera_oauth::bearer::Challenge;
use tessera_oauth::scope::{OPENID, ScopeSet};

use super::bearer::{BearerRequest, challenge};
use super::json;

pub(crate) async fn answer(BearerRequest { request, token }: BearerRequest) -> Response {
    match userinfo(&request.cx, &token).await {
        Ok(claims) => json::json(StatusCode::OK, &claims),
        Err(UserInfoError::InvalidToken) => challenge(&request.cx, &Challenge::InvalidToken),
        Err(UserInfoError::InsufficientScope) => {
            let needed: ScopeSet = OPENID.parse().unwrap_or_default();
            challenge(&request.cx, &Challenge::InsufficientScope(&needed))
        }
        Err(UserInfoError::Store(fault)) => json::fault(&request.cx, &fault),
    }
}
