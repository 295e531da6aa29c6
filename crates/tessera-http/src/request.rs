//! The context of a request, read once: clock, address, user agent.
//!
//! The clock is read when the whole request has arrived: what a client holds back, it does not get judged by an earlier time.
//! So the extractors here are the ones that take the body, of which a handler can have but one.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequest, Request};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::header::USER_AGENT;
use http::request::Parts;
use tessera_app::{Actor, Cx};
use tessera_oauth::params::Params;

use crate::form::{self, FormRejection};
use crate::state::Server;

const MAX_USER_AGENT: usize = 256;
/// What a program proves something with: in the body or a header, never in the query (RFC 6749 section 2.3.1, RFC 9700
/// section 4.3.2).
const CREDENTIALS: [&str; 8] = [
    "client_secret",
    "client_assertion",
    "access_token",
    "refresh_token",
    "code",
    "code_verifier",
    "token",
    "password",
];

/// The context of a request whose body nobody reads.
pub(crate) struct RequestCx(pub(crate) Cx);

/// A form that a program sent, and the context of its arrival. A bad one is answered in JSON, and so is one beside which a
/// credential stands in the query.
pub(crate) struct FormRequest {
    pub(crate) cx: Cx,
    pub(crate) params: Params,
}

impl FromRequest<Arc<Server>> for RequestCx {
    type Rejection = Infallible;

    async fn from_request(request: Request, server: &Arc<Server>) -> Result<Self, Infallible> {
        Ok(Self(request_context(server, &request.into_parts().0)))
    }
}

impl FromRequest<Arc<Server>> for FormRequest {
    type Rejection = FormRejection;

    async fn from_request(request: Request, server: &Arc<Server>) -> Result<Self, FormRejection> {
        let (parts, body) = request.into_parts();
        if form::query_names(&parts.uri, &CREDENTIALS) {
            return Err(FormRejection::InQuery);
        }
        let params = form::read(&parts.headers, body).await?;
        Ok(Self { cx: request_context(server, &parts), params })
    }
}

/// The context of a request that has arrived, from nobody in particular.
pub(crate) fn request_context(server: &Server, parts: &Parts) -> Cx {
    let mut cx = Cx::new(&server.app, Actor::Anonymous);
    cx.ip = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip().to_canonical());
    let user_agent = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
    cx.user_agent = user_agent.map(|text| text.chars().take(MAX_USER_AGENT).collect());
    cx
}

/// 303: the browser fetches `location` with GET, whatever it sent before (RFC 9700 section 4.12).
pub(crate) fn see_other(location: &str) -> Response {
    Redirect::to(location).into_response()
}

/// One to three seconds, different from request to request, so that clients do not come back all at once (fault F47).
pub(crate) fn retry_after(cx: &Cx) -> u32 {
    1 + u32::try_from(cx.request_id.0 % 3).unwrap_or_default()
}
