//! `POST /token` (RFC 6749 section 3.2).

use axum::response::Response;
use http::StatusCode;
use tessera_app::Cx;
use tessera_app::oauth::token::{Refusal, TokenError, exchange};
use tessera_oauth::error::{ErrorCode, OAuthError};
use tessera_oauth::token::TokenRequest;

use super::client::client;
use super::json;
use crate::request::ProgramRequest;

pub(crate) async fn post(request: ProgramRequest) -> Response {
    let client = match client(&request).await {
        Ok(client) => client,
        Err(response) => return *response,
    };
    let grant = match TokenRequest::parse(&request.params) {
        Ok(grant) => grant,
        Err(error) => return json::error(&error),
    };
    match exchange(&request.cx, &client, grant).await {
        Ok(tokens) => json::json(StatusCode::OK, &tokens),
        Err(error) => refused(&request.cx, error),
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

/// The description of `invalid_grant`. It names a mistake that the developer of a client can correct. All other reasons share one
/// text, which tells nothing about people and secrets.
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
            | Refusal::Audience
            | Refusal::IdTokenAlgorithm,
        )
        | None => "the code or token is unknown, expired, used up or revoked, or another client's",
    }
}
