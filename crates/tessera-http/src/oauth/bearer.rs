//! The access token of a request, in the `Authorization` header (RFC 6750 section 2.1) or in a form body (section 2.2), but not
//! in both. It is never accepted in the query (RFC 9700 section 4.3.2).

use std::sync::Arc;

use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse as _, Response};
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderValue, Method, StatusCode};
use tessera_app::Cx;
use tessera_oauth::bearer::{Challenge, from_authorization_header};
use tessera_oauth::params::Params;
use zeroize::Zeroizing;

use crate::error_report::ErrorReport;
use crate::form;
use crate::request::{ProgramRequest, request_context};
use crate::state::Server;

const ACCESS_TOKEN: &str = "access_token";

/// A request with one access token, unverified.
pub(crate) struct BearerRequest {
    pub(super) request: ProgramRequest,
    pub(super) token: Zeroizing<String>,
}

impl FromRequest<Arc<Server>> for BearerRequest {
    type Rejection = Response;

    async fn from_request(request: Request, server: &Arc<Server>) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        // A POST that carries the token in the header may have any body.
        let form = if parts.method == Method::POST && form::is_plain_form(&parts.headers) {
            form::read(&parts.headers, body).await
        } else {
            Ok(Params::default())
        };
        let refused = |error| challenge(&request_context(server, &parts), &error);
        let mut form = form.map_err(|rejection| rejection.respond(&request_context(server, &parts)))?;
        let mut headers = parts.headers.get_all(AUTHORIZATION).iter();
        let header = headers.next();
        let in_body = form.take(ACCESS_TOKEN);
        let in_query = form::query_names(&parts.uri, &[ACCESS_TOKEN]);
        let places = [header.is_some(), headers.next().is_some(), in_body.is_some(), in_query];
        if places.into_iter().filter(|there| *there).count() > 1 {
            return Err(refused(Challenge::InvalidRequest));
        }
        let token = match (header, in_body) {
            (None, None) => return Err(refused(Challenge::NoCredentials { realm: "tessera" })),
            (Some(header), _) => {
                let token = header.to_str().ok().and_then(from_authorization_header);
                token.map(|token| Zeroizing::new(token.to_owned()))
            }
            (None, in_body) => in_body,
        };
        let token = token.ok_or_else(|| refused(Challenge::InvalidToken))?;
        Ok(Self { request: ProgramRequest::admit(server, parts, form).await?, token })
    }
}

/// The answer to missing or invalid credentials: a challenge in `WWW-Authenticate`, and no body (RFC 6750 section 3).
pub(super) fn challenge(cx: &Cx, challenge: &Challenge<'_>) -> Response {
    let status = StatusCode::from_u16(challenge.status()).unwrap_or(StatusCode::UNAUTHORIZED);
    let mut response = status.into_response();
    if let Ok(value) = HeaderValue::try_from(challenge.to_string()) {
        response.headers_mut().insert(WWW_AUTHENTICATE, value);
    }
    let (code, reason) = match challenge {
        Challenge::NoCredentials { .. } => ("no_credentials", "the request has no access token"),
        Challenge::InvalidRequest => ("invalid_request", "the request has more than one access token"),
        Challenge::InvalidToken => {
            ("invalid_token", "the access token is not readable, not ours, expired or revoked")
        }
        Challenge::InsufficientScope(_) => ("insufficient_scope", "the access token lacks a scope"),
    };
    ErrorReport::refused(cx, code).because(reason).attach(response)
}
