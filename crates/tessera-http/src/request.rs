//! The context of a request, read once: clock, address, user agent.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::header::{SET_COOKIE, USER_AGENT};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use tessera_app::login::{BrowserSecret, form_token_is_genuine};
use tessera_app::{Actor, Cx, Fault};
use tessera_oauth::params::Params;

use crate::cookies::{Cookie, Lifetime};
use crate::origin::same_origin;
use crate::pages::ErrorKind;
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

/// The browser of a request, by its binding cookie.
pub(crate) struct Browser {
    pub(crate) secret: BrowserSecret,
    /// To be set, where the browser is new.
    cookie: Option<HeaderValue>,
}

impl Browser {
    pub(crate) fn of(server: &Server, cx: &Cx, headers: &HeaderMap) -> Self {
        if let Some(secret) = server.cookies.read(headers, Cookie::Browser).and_then(BrowserSecret::read) {
            return Self { secret, cookie: None };
        }
        let secret = BrowserSecret::fresh(cx);
        let cookie = server.cookies.set(Cookie::Browser, secret.reveal(), Lifetime::BrowserSession).ok();
        Self { secret, cookie }
    }

    /// The response, with the binding cookie where the browser is new.
    pub(crate) fn remember(self, response: impl axum::response::IntoResponse) -> Response {
        let mut response = response.into_response();
        response.headers_mut().extend(self.cookie.map(|cookie| (SET_COOKIE, cookie)));
        response
    }
}

/// Whether a form was sent from a page that this browser got from us (attacks L15, O17).
pub(crate) async fn is_our_form(
    server: &Server,
    cx: &Cx,
    headers: &HeaderMap,
    params: &Params,
) -> Result<bool, Fault> {
    let browser = server.cookies.read(headers, Cookie::Browser).and_then(BrowserSecret::read);
    let token = params.get("csrf").unwrap_or_default();
    let ours = same_origin(headers, &server.origin)
        && browser.is_some_and(|browser| form_token_is_genuine(cx, &browser, token));
    if !ours {
        tessera_app::login::form_was_foreign(cx).await?;
    }
    Ok(ours)
}

/// 303: the browser fetches `location` with GET, whatever it sent before (RFC 9700 section 4.12).
pub(crate) fn see_other(location: &str) -> Response {
    Redirect::to(location).into_response()
}

/// The page for a failed database: come back in a moment, or our fault.
pub(crate) fn fault_kind(cx: &Cx, fault: &Fault) -> ErrorKind {
    tracing::error!(request_id = %cx.request_id, error = %fault, "the database failed");
    if fault.is_unavailable() {
        ErrorKind::Unavailable { retry_after: retry_after(cx) }
    } else {
        ErrorKind::Internal
    }
}

/// One to three seconds, different from request to request, so that clients do not come back all at once (fault F47).
pub(crate) fn retry_after(cx: &Cx) -> u32 {
    1 + u32::try_from(cx.request_id.0 % 3).unwrap_or_default()
}
