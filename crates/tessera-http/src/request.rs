//! The context of a request, read once: clock, address, user agent.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::header::USER_AGENT;
use http::request::Parts;
use tessera_app::{Actor, Cx};

use crate::server::Server;

const MAX_USER_AGENT: usize = 256;

/// The context of this request, from nobody in particular.
pub(crate) struct RequestCx(pub(crate) Cx);

impl FromRequestParts<Arc<Server>> for RequestCx {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, server: &Arc<Server>) -> Result<Self, Infallible> {
        let mut cx = Cx::new(&server.app, Actor::Anonymous);
        cx.ip = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip().to_canonical());
        let user_agent = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
        cx.user_agent = user_agent.map(|text| text.chars().take(MAX_USER_AGENT).collect());
        Ok(Self(cx))
    }
}

/// 303: the browser fetches `location` with GET, whatever it sent before (RFC 9700 section 4.12).
pub(crate) fn see_other(location: &str) -> Response {
    Redirect::to(location).into_response()
}

/// One to three seconds, different from request to request, so that clients do not come back all at once (fault F47).
pub(crate) fn retry_after(cx: &Cx) -> u32 {
    1 + u32::try_from(cx.request_id.0 % 3).unwrap_or_default()
}
