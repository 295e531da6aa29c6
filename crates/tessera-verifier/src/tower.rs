//! Protects HTTP services: a layer that verifies tokens, a layer that requires scopes, and an extractor for the claims.
//!
//! [`VerifierLayer`] refuses every request without a valid token before the service sees it. Its answers have no body and no reason
//! (RFC 6750 section 3.1). The reason goes to `tracing` at debug level. The layer reads the token from the `Authorization` header
//! and never from query or body. It refuses a request with a token in header and query. It does not see the body, so an API that
//! reads forms must itself refuse an `access_token` in one.

mod extract;
mod layer;
mod scope;

use http::header::{AUTHORIZATION, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Response, StatusCode, Uri};

pub use self::extract::Verified;
pub use self::layer::{VerifierLayer, VerifierService};
pub use self::scope::{RequireScope, ScopeService};
use crate::error::VerifyError;

/// The value of the `Authorization` header. Refuses a request with two of them, or with another token in the query (RFC 9110 section
/// 5.3, RFC 6750 section 2).
fn authorization<'a>(headers: &'a HeaderMap, uri: &Uri) -> Result<Option<&'a str>, VerifyError> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(_), _) if has_token_in_query(uri) => Err(VerifyError::InvalidRequest),
        (Some(only), None) => only.to_str().map(Some).map_err(|_| VerifyError::InvalidRequest),
        (Some(_), Some(_)) => Err(VerifyError::InvalidRequest),
    }
}

/// Whether the query has an `access_token`, well formed or not (RFC 6750 section 2.3).
fn has_token_in_query(uri: &Uri) -> bool {
    let query = uri.query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "access_token")
}

/// The answer to a refused request.
fn refusal<B: Default>(error: &VerifyError, realm: &str) -> Response<B> {
    tracing::debug!(reason = error.reason(), "request.refused");
    let mut response = Response::new(B::default());
    *response.status_mut() = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::UNAUTHORIZED);
    let challenge = error.challenge(realm).and_then(|c| HeaderValue::try_from(c.to_string()).ok());
    if let Some(challenge) = challenge {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    if let Some(seconds) = error.retry_after() {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
