//! JSON answers of the endpoints that programs call (RFC 6749 sections 5.1 and 5.2).

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use tessera_app::{Cx, Fault};
use tessera_oauth::error::{ErrorCode, OAuthError};

use crate::admission::retry_after;

/// Initial capacity: a body with one token, and its headers with those that [`crate::middleware`] adds.
const BODY: usize = 1_024;
const HEADERS: usize = 16;

/// A JSON response.
pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    let mut json = Vec::with_capacity(BODY);
    if serde_json::to_writer(&mut json, body).is_err() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let mut response = Response::new(Body::from(json));
    *response.status_mut() = status;
    let mut headers = HeaderMap::with_capacity(HEADERS);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    *response.headers_mut() = headers;
    response
}

/// An OAuth error: 401 with a challenge for `invalid_client`, 400 for all others.
pub(super) fn error(error: &OAuthError) -> Response {
    if error.code() != ErrorCode::InvalidClient {
        return json(StatusCode::BAD_REQUEST, error);
    }
    let mut response = json(StatusCode::UNAUTHORIZED, error);
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"tessera\""));
    response
}

/// The answer when the database failed: 503 with `Retry-After` if waiting helps, else 500 (policy P5).
pub(super) fn fault(cx: &Cx, fault: &Fault) -> Response {
    tracing::error!(request_id = %cx.request_id, error = %fault, "the database failed");
    if fault.is_unavailable() { unavailable(cx) } else { internal() }
}

/// 503 with `Retry-After`.
pub(crate) fn unavailable(cx: &Cx) -> Response {
    let mut response =
        json(StatusCode::SERVICE_UNAVAILABLE, &OAuthError::new(ErrorCode::TemporarilyUnavailable));
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(retry_after(cx)));
    response
}

/// 500. The log has the details.
pub(super) fn internal() -> Response {
    json(StatusCode::INTERNAL_SERVER_ERROR, &OAuthError::new(ErrorCode::ServerError))
}
