//! `POST /token` (RFC 6749 section 3.2).

use axum::response::Response;
use http::{HeaderMap, StatusCode};
use tessera_app::Cx;
use tessera_app::oauth::token::{TokenError, exchange};
use tessera_oauth::error::{ErrorCode, OAuthError};
use tessera_oauth::token::TokenRequest;

use super::client::client;
use super::json;
use crate::request::FormRequest;

pub(crate) async fn post(headers: HeaderMap, FormRequest { cx, params }: FormRequest) -> Response {
    let client = match client(&cx, &headers, &params).await {
        Ok(client) => client,
        Err(response) => return *response,
    };
    let request = match TokenRequest::parse(&params) {
        Ok(request) => request,
        Err(error) => return json::error(&error),
    };
    match exchange(&cx, &client, request).await {
        Ok(tokens) => json::json(StatusCode::OK, &tokens),
        Err(error) => refused(&cx, error),
    }
}

fn refused(cx: &Cx, error: TokenError) -> Response {
    match error {
        TokenError::InvalidGrant => json::error(&OAuthError::new(ErrorCode::InvalidGrant)),
        TokenError::Unauthorized(_) => json::error(&OAuthError::new(ErrorCode::UnauthorizedClient)),
        TokenError::Request(error) => json::error(&error),
        TokenError::Audit(_) => json::unavailable(cx),
        TokenError::Store(fault) => json::fault(cx, &fault),
        TokenError::Key(error) => {
            tracing::error!(request_id = %cx.request_id, %error, "no token could be made");
            json::internal()
        }
    }
}
