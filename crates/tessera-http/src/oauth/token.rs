//! `POST /token` (RFC 6749 section 3.2).

use axum::response::Response;
use http::{HeaderMap, StatusCode};
use tessera_app::Cx;
use tessera_app::oauth::token::{Refusal, TokenError, exchange};
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
        TokenError::InvalidGrant(refusal) => {
            json::error(&OAuthError::new(ErrorCode::InvalidGrant).because(invalid_grant(refusal)))
        }
        TokenError::Unauthorized(Refusal::GrantTypeNotAllowed) => json::error(
            &OAuthError::new(ErrorCode::UnauthorizedClient)
                .because("this client is not registered for this grant type"),
        ),
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

/// What the developer of a client can mend. Every other reason gets one text, which tells nothing about people and secrets.
const fn invalid_grant(refusal: Option<Refusal>) -> &'static str {
    match refusal {
        Some(Refusal::RedirectUriMissing) => {
            "redirect_uri is missing: send that of the authorization request"
        }
        Some(Refusal::RedirectUriDiffers) => "redirect_uri is not that of the authorization request",
        Some(Refusal::VerifierMissing) => {
            "code_verifier is missing: the authorization request had a code_challenge"
        }
        Some(Refusal::VerifierUnexpected) => {
            "code_verifier was sent, but the authorization request had no code_challenge"
        }
        Some(
            Refusal::VerifierWrong
            | Refusal::ClientDisabled
            | Refusal::GrantTypeNotAllowed
            | Refusal::UserInactive
            | Refusal::SessionEnded
            | Refusal::GrantOver
            | Refusal::ConsentMissing
            | Refusal::ScopeWithdrawn
            | Refusal::Audience,
        )
        | None => "the code or token is unknown, expired, used up or revoked, or another client's",
    }
}
