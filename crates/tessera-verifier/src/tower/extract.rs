//! The extractor of the claims.

use axum::extract::FromRequestParts;
use http::StatusCode;
use http::request::Parts;

use crate::claims::Claims;

/// The claims of the request's token, for handlers behind a [`super::VerifierLayer`]. On a route without this layer, nobody has checked
/// the token. The request then fails with 500.
#[derive(Clone, Debug)]
pub struct Verified(pub Claims);

impl<S: Send + Sync> FromRequestParts<S> for Verified {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, StatusCode> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| {
            tracing::error!("a handler asks for Verified but no VerifierLayer protects its route");
            StatusCode::INTERNAL_SERVER_ERROR
        })
    }
}
