//! `POST /revoke` (RFC 7009).

use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use tessera_app::oauth::revocation::revoke;
use tessera_oauth::revocation::RevocationRequest;

use super::client::client;
use super::json;
use crate::request::ProgramRequest;

pub(crate) async fn post(request: ProgramRequest) -> Response {
    let client = match client(&request).await {
        Ok(client) => client,
        Err(response) => return *response,
    };
    let revocation = match RevocationRequest::parse(&request.params) {
        Ok(revocation) => revocation,
        Err(error) => return json::error(&request.cx, Some(&client), &error),
    };
    match revoke(&request.cx, &client, &revocation).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(fault) => json::fault(&request.cx, &fault),
    }
}
