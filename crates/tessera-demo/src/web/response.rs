//! Responses that several handlers give.

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Redirect, Response};

use super::page;

/// Redirects to the start page, which shows the notice in the session. 303: reloading the page repeats nothing.
pub(super) fn to_start() -> Response {
    Redirect::to("/").into_response()
}

/// A page that says what went wrong, for a browser without a session.
pub(super) fn failure(status: StatusCode, reason: &str) -> Response {
    (status, Html(page::failure(reason))).into_response()
}
