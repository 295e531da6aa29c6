//! The sample API: every request needs a good access token, `GET /orders` needs the scope `orders.read`.
//!
//! It knows two things: who issues its tokens, and what it is called in `aud`. It verifies tokens by itself, without asking the
//! issuer. `live_revocation` follows the issuer's rules, so that it refuses a revoked token within a second.

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::get;
use serde_json::json;
use tessera_verifier::tower::{RequireScope, Verified, VerifierLayer};
use tessera_verifier::{BuildError, FetchError, Verifier};

use crate::registry::{API_SCOPE, AUDIENCE};

/// Why the API does not start.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The verifier cannot be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// Keys or revocation rules cannot be fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The scope that the API asks for.
    #[error("{API_SCOPE} is not a scope")]
    Scope,
}

/// The API in front of this issuer, with its keys and rules fetched.
pub(crate) async fn router(issuer: &str) -> Result<Router, ApiError> {
    let verifier = Verifier::builder(issuer).audience(AUDIENCE).live_revocation().build()?;
    verifier.ready().await?;
    let may_read = RequireScope::new(API_SCOPE).map_err(|_| ApiError::Scope)?;
    Ok(Router::new()
        .route("/orders", get(orders).layer(may_read))
        .fallback(not_found)
        // Last, and so outermost: it protects every route above, unknown paths included.
        .layer(VerifierLayer::new(verifier)))
}

async fn orders(Verified(claims): Verified) -> impl IntoResponse {
    let scopes: Vec<String> = claims.scopes().iter().map(ToString::to_string).collect();
    let body = json!({
        "subject": claims.subject(),
        "client": claims.client_id(),
        "scopes": scopes,
        "orders": [{ "number": 1, "item": "one mosaic tile" }],
    });
    ([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")], body.to_string())
}

async fn not_found() -> StatusCode {
    StatusCode::NOT_FOUND
}
