//! `POST /revoke` (RFC 7009).

use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode};
use tessera_app::oauth::revocation::revoke;
use tessera_oauth::revocation::RevocationRequest;

use super::client::client;
use super::json;
use crate::request::FormRequest;

pub(crate) async fn post(headers: HeaderMap, FormRequest { cx, params }: FormRequest) -> Response {
    let client = match client(&cx, &headers, &params).await {
        Ok(client) => client,
        Err(response) => return *response,
    };
    let request = match RevocationRequest::parse(&params) {
        Ok(request) => request,
        Err(error) => return json::error(&error),
    };
    match revoke(&cx, &client, &request).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(fault) => json::fault(&cx, &fault),
    }
}
