//! JSON answers of the endpoints that programs call (RFC 6749 sections 5.1 and 5.2).

use std::borrow::Cow;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use tessera_app::audit::AuditUnavailable;
use tessera_app::{Cx, Fault};
use tessera_model::Client;
use tessera_oauth::error::{ErrorCode, OAuthError};

use crate::admission::{Overloaded, retry_after};
use crate::error_report::{Counted, ErrorReport};

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

/// An OAuth error: 401 with a challenge for `invalid_client`, 400 for all others. `client` is the registered client that gets it.
pub(super) fn error(cx: &Cx, client: Option<&Client>, error: &OAuthError) -> Response {
    error_because(cx, client, error, error.description().unwrap_or_default().to_owned())
}

/// [`error`] with a reason for the log that the client is not told.
pub(super) fn error_because(
    cx: &Cx,
    client: Option<&Client>,
    error: &OAuthError,
    reason: impl Into<Cow<'static, str>>,
) -> Response {
    let response = if error.code() == ErrorCode::InvalidClient {
        let mut response = json(StatusCode::UNAUTHORIZED, error);
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"tessera\""));
        response
    } else {
        json(StatusCode::BAD_REQUEST, error)
    };
    let report = ErrorReport::refused(cx, error.code().as_str()).because(reason);
    report.of_client(client.map(|client| client.id.as_str())).attach(response)
}

/// The answer when the database failed: 503 with `Retry-After` if waiting helps, else 500 (policy P5).
pub(super) fn fault(cx: &Cx, fault: &Fault) -> Response {
    let response = if fault.is_unavailable() {
        unavailable(cx, &OAuthError::new(ErrorCode::TemporarilyUnavailable))
    } else {
        json(StatusCode::INTERNAL_SERVER_ERROR, &OAuthError::new(ErrorCode::ServerError))
    };
    ErrorReport::fault(cx, fault).attach(response)
}

/// 503 with `Retry-After`, because nothing can be written down.
pub(super) fn audit_unavailable(cx: &Cx, error: AuditUnavailable) -> Response {
    let body = OAuthError::new(ErrorCode::TemporarilyUnavailable)
        .because("the server cannot write its audit trail, so nothing was decided");
    ErrorReport::failed(cx, "unavailable", &error).attach(unavailable(cx, &body))
}

/// 503 with `Retry-After`, because the server has more to do than it can do in time.
pub(crate) fn overloaded(overloaded: Overloaded) -> Response {
    let mut response =
        json(StatusCode::SERVICE_UNAVAILABLE, &OAuthError::new(ErrorCode::TemporarilyUnavailable));
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(overloaded.retry_after));
    response.extensions_mut().insert(Counted);
    response
}

/// 500. The log has the details.
pub(super) fn internal(cx: &Cx, error: &dyn std::error::Error) -> Response {
    let response = json(StatusCode::INTERNAL_SERVER_ERROR, &OAuthError::new(ErrorCode::ServerError));
    ErrorReport::failed(cx, "internal", error).attach(response)
}

fn unavailable(cx: &Cx, error: &OAuthError) -> Response {
    let mut response = json(StatusCode::SERVICE_UNAVAILABLE, error);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(retry_after(cx)));
    response
}
