//! The token endpoint's verb: what was presented is spent, what the gate allows is issued (RFC 6749 section 3.2).

mod client_credentials;
mod code;
mod error;
mod grant;
mod refresh;

use std::sync::Arc;

use tessera_model::Client;
use tessera_oauth::token::{TokenRequest, TokenResponse};

pub use self::error::TokenError;
use self::grant::note_refusal;
pub use super::issue::Refusal;
use crate::Cx;
use crate::catalog::require_current;

/// Exchanges what an authenticated client presents for tokens.
///
/// # Errors
/// See [`TokenError`].
pub async fn exchange(
    cx: &Cx,
    client: &Arc<Client>,
    request: TokenRequest,
) -> Result<TokenResponse, TokenError> {
    require_current(&cx.app)?;
    // What works on the database is boxed, so that a request that does not stays small enough to be moved about.
    let cx = &cx.clone().acting_as(crate::Actor::Client(client.id.clone()));
    if !client.allows(request.grant_type()) {
        return Box::pin(denied(cx, client, Refusal::GrantTypeNotAllowed)).await;
    }
    match request {
        TokenRequest::AuthorizationCode { code, redirect_uri, code_verifier, resource } => {
            let presented = code::CodeExchange { code, redirect_uri, code_verifier, resource };
            Box::pin(code::exchange(cx, client, &presented)).await
        }
        TokenRequest::RefreshToken { refresh_token, scope, resource } => {
            let presented = refresh::RefreshRequest { refresh_token, scope, resource };
            Box::pin(refresh::exchange(cx, client, &presented)).await
        }
        TokenRequest::ClientCredentials { scope, resource } => {
            match client_credentials::issue(cx, client, scope.as_ref(), &resource) {
                Err(TokenError::Unauthorized(refusal)) => Box::pin(denied(cx, client, refusal)).await,
                issued => issued,
            }
        }
    }
}

/// A denial of the client itself is written down like one of a grant.
async fn denied(cx: &Cx, client: &Client, refusal: Refusal) -> Result<TokenResponse, TokenError> {
    note_refusal(cx, client, None, refusal).await?;
    Err(TokenError::Unauthorized(refusal))
}
