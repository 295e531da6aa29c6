//! `POST /token` (RFC 6749 section 3.2).

use axum::response::Response;
use http::StatusCode;
use tessera_app::Cx;
use tessera_app::oauth::token::{Refusal, TokenError, exchange};
use tessera_model::Client;
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
        Err(error) => return json::error(&request.cx, Some(&client), &error),
    };
    match exchange(&request.cx, &client, grant).await {
        Ok(tokens) => json::json(StatusCode::OK, &tokens),
        Err(error) => refused(&request.cx, &client, error),
    }
}

fn refused(cx: &Cx, client: &Client, error: TokenError) -> Response {
    let (error, refusal) = match error {
        TokenError::InvalidGrant(refusal) => {
            (OAuthError::new(ErrorCode::InvalidGrant).because(invalid_grant(refusal)), refusal)
        }
        TokenError::Unauthorized(refusal @ Refusal::GrantTypeNotAllowed) => (
            OAuthError::new(ErrorCode::UnauthorizedClient)
                .because("this client is not registered for this grant type"),
            Some(refusal),
        ),
        TokenError::Unauthorized(refusal) => (OAuthError::new(ErrorCode::UnauthorizedClient), Some(refusal)),
        TokenError::Request(error) => (error, None),
        TokenError::Audit(error) => return json::audit_unavailable(cx, error),
        TokenError::Store(fault) => return json::fault(cx, &fault),
        TokenError::Key(error) => return json::internal(cx, &error),
    };
    match refusal {
        Some(refusal) => json::error_because(cx, Some(client), &error, refusal.to_string()),
        None => json::error(cx, Some(client), &error),
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
