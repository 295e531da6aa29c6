//! `POST /revoke` (RFC 7009).

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode};
use tessera_app::oauth::revocation::revoke;
use tessera_oauth::revocation::RevocationRequest;

use super::client::client;
use super::json;
use crate::form::FormParams;
use crate::request::RequestCx;
use crate::server::Server;

pub(crate) async fn post(
    State(_): State<Arc<Server>>,
    RequestCx(cx): RequestCx,
    headers: HeaderMap,
    FormParams(params): FormParams,
) -> Response {
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
