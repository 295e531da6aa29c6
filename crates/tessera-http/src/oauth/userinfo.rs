//! `GET|POST /userinfo` (OIDC core section 5.3), the access token in the `Authorization` header (RFC 6750 section 2.1).

use axum::response::{IntoResponse as _, Response};
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use tessera_app::oauth::userinfo::{UserInfoError, userinfo};
use tessera_oauth::bearer::{Challenge, from_authorization_header};
use tessera_oauth::scope::ScopeSet;

use super::json;
use crate::request::RequestCx;

pub(crate) async fn get(headers: HeaderMap, RequestCx(cx): RequestCx) -> Response {
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let header = match (sent.next(), sent.next()) {
        (Some(one), None) => one.to_str().ok().and_then(from_authorization_header),
        (None, _) => return challenge(&Challenge::NoCredentials { realm: "tessera" }),
        (Some(_), Some(_)) => return challenge(&Challenge::InvalidRequest),
    };
    let Some(token) = header else { return challenge(&Challenge::InvalidToken) };
    match userinfo(&cx, token).await {
        Ok(claims) => json::json(StatusCode::OK, &claims),
        Err(UserInfoError::InvalidToken) => challenge(&Challenge::InvalidToken),
        Err(UserInfoError::InsufficientScope) => {
            let needed: ScopeSet = "openid".parse().unwrap_or_default();
            challenge(&Challenge::InsufficientScope(&needed))
        }
        Err(UserInfoError::Store(fault)) => json::fault(&cx, &fault),
    }
}

pub(crate) async fn post(headers: HeaderMap, cx: RequestCx) -> Response {
    get(headers, cx).await
}

fn challenge(challenge: &Challenge<'_>) -> Response {
    let status = StatusCode::from_u16(challenge.status()).unwrap_or(StatusCode::UNAUTHORIZED);
    let mut response = status.into_response();
    if let Ok(value) = HeaderValue::try_from(challenge.to_string()) {
        response.headers_mut().insert(WWW_AUTHENTICATE, value);
    }
    response
}
