//! The token endpoint's verb: what was presented is spent, what the gate allows is issued (RFC 6749 section 3.2).

use std::sync::Arc;

use tessera_model::Client;
use tessera_oauth::error::OAuthError;
use tessera_oauth::token::{TokenRequest, TokenResponse};
use tessera_store::StoreError;

use super::grant::note_refusal;
pub use super::issue::Refusal;
use super::{client_credentials, code, refresh};
use crate::Cx;
use crate::audit::BatchFull;
use crate::catalog::require_current;
use crate::keys::KeyError;

/// Why no tokens came.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// What was presented is unknown, used up, expired, or not this client's: `invalid_grant` for all of it. The wire may name
    /// a binding that is missing, and nothing else of the reason.
    #[error("invalid grant")]
    InvalidGrant(Option<Refusal>),
    /// The gate refused a client that acts for itself.
    #[error("unauthorized: {0}")]
    Unauthorized(Refusal),
    /// The request asks for what it may not have.
    #[error(transparent)]
    Request(#[from] OAuthError),
    /// A token could not be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The audit trail does not keep up.
    #[error(transparent)]
    Audit(#[from] BatchFull),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

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
            let presented = code::Presented { code, redirect_uri, code_verifier, resource };
            Box::pin(code::exchange(cx, client, &presented)).await
        }
        TokenRequest::RefreshToken { refresh_token, scope, resource } => {
            let presented = refresh::Presented { refresh_token, scope, resource };
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
