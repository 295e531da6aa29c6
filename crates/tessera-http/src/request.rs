//! Extractors of requests: time, address, user agent, and for programs what tokens may be bound to.
//!
//! The clock is read when the whole request has arrived, so that a slow client cannot make its request count as earlier. For that
//! the extractors take the body, and a handler has exactly one of them.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequest, Request};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::header::USER_AGENT;
use http::request::Parts;
use http::{HeaderMap, Method, Uri};
use tessera_app::{Actor, Cx};
use tessera_oauth::params::Params;

use crate::admission::Turn;
use crate::client_address::client_address;
use crate::form::{self, FormRejection};
use crate::oauth::json;
use crate::state::Server;

const MAX_USER_AGENT: usize = 256;
/// Parameters that are credentials. They belong in the body or a header, never in the query (RFC 6749 section 2.3.1, RFC 9700
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

/// The context of a request whose body is not read.
pub(crate) struct RequestCx(pub(crate) Cx);

/// A request from a program. It carries what proof of possession binds to (RFC 9449 section 4.3, RFC 8705): method, URL, headers
/// and the certificate of the connection.
///
/// As an extractor it reads a form. It answers a malformed form in JSON, and refuses a request with credentials in the query. It holds
/// a turn of the server.
pub struct ProgramRequest {
    /// The context of the request.
    pub cx: Cx,
    /// The method.
    pub method: Method,
    /// The headers.
    pub headers: HeaderMap,
    /// The parameters of the form.
    pub params: Params,
    /// The client certificate of the TLS connection.
    pub peer_certificate: Option<PeerCertificate>,
    server: Arc<Server>,
    uri: Uri,
    _turn: Turn,
}

/// The client certificate of a TLS connection, in DER. The TLS listener adds it to the extensions of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerCertificate(pub Arc<[u8]>);

impl FromRequest<Arc<Server>> for RequestCx {
    type Rejection = Infallible;

    async fn from_request(request: Request, server: &Arc<Server>) -> Result<Self, Infallible> {
        Ok(Self(request_context(server, &request.into_parts().0)))
    }
}

impl FromRequest<Arc<Server>> for ProgramRequest {
    type Rejection = Response;

    async fn from_request(request: Request, server: &Arc<Server>) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let params = if form::query_names(&parts.uri, &CREDENTIALS) {
            Err(FormRejection::InQuery)
        } else {
            form::read(&parts.headers, body).await
        };
        match params {
            Ok(params) => Self::admit(server, parts, params).await,
            Err(rejection) => Err(rejection.respond(&request_context(server, &parts))),
        }
    }
}

impl ProgramRequest {
    /// Waits for a turn, after the body has been read. If the server is overloaded, the answer is 503.
    pub(crate) async fn admit(server: &Arc<Server>, parts: Parts, params: Params) -> Result<Self, Response> {
        let turn = server.admission.turn().await.map_err(json::overloaded)?;
        let cx = request_context(server, &parts);
        let peer_certificate = parts.extensions.get().cloned();
        let Parts { method, uri, headers, .. } = parts;
        let server = Arc::clone(server);
        Ok(Self { cx, method, headers, params, peer_certificate, server, uri, _turn: turn })
    }

    /// The URL without query: the origin of the issuer and the path. `Host` is not used.
    pub fn url(&self) -> String {
        format!("{}{}", self.server.origin, self.uri.path())
    }
}

/// The context of a request that has arrived, with an anonymous actor.
pub(crate) fn request_context(server: &Server, parts: &Parts) -> Cx {
    let mut cx = Cx::new(&server.app, Actor::Anonymous);
    if let Some(ConnectInfo(peer)) = parts.extensions.get::<ConnectInfo<SocketAddr>>() {
        cx = cx.coming_from(client_address(server, peer.ip(), &parts.headers));
    }
    let user_agent = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
    cx.user_agent = user_agent.map(|text| text.chars().take(MAX_USER_AGENT).collect());
    cx
}

/// Answers 303, so that the browser fetches `location` with GET, also after a POST (RFC 9700 section 4.12).
pub(crate) fn see_other(location: &str) -> Response {
    Redirect::to(location).into_response()
}
