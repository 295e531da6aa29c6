//! What every endpoint stands on, and the table of endpoints.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use http::HeaderMap;
use tessera_app::App;
use tessera_oauth::metadata::{OAUTH_METADATA_PATH, OPENID_CONFIGURATION_PATH};

use crate::around::{Endpoint, Endpoints};
use crate::assets;
use crate::cookies::CookiePolicy;
use crate::headers::Transport;
use crate::oauth::{authorize, consent, feed, metadata, revocation, token, userinfo};
use crate::pages::{CONSENT_PATH, Error, ErrorKind, HOME_PATH, LOGIN_PATH, LOGOUT_PATH, Language, Pages};
use crate::request::RequestCx;
use crate::{home, login, logout};

/// The public face of one issuer.
pub struct Server {
    pub(crate) app: Arc<App>,
    pub(crate) pages: Pages,
    pub(crate) cookies: CookiePolicy,
    pub(crate) transport: Transport,
    /// `scheme://host[:port]` of the issuer, which is what browsers send as `Origin`.
    pub(crate) origin: String,
}

impl Server {
    /// Serves this issuer. Plain HTTP and plain cookies only where `transport` says so (`--dev`).
    pub fn new(app: Arc<App>, pages: Pages, transport: Transport) -> Arc<Self> {
        let cookies = match transport {
            Transport::Https => CookiePolicy::Host,
            Transport::PlainHttp => CookiePolicy::DevPlain,
        };
        let origin = app.config().issuer.clone();
        Arc::new(Self { app, pages, cookies, transport, origin })
    }

    pub(crate) fn error_page(&self, cx: &tessera_app::Cx, headers: &HeaderMap, kind: ErrorKind) -> Response {
        let request_id = cx.request_id.to_string();
        Error::new(kind, &request_id).render(&self.pages, Language::choose(None, headers)).into_response()
    }
}

/// Every public endpoint.
pub fn endpoints(server: Arc<Server>) -> Endpoints {
    let transport = server.transport;
    let table = [
        Endpoint::open("/token", post(token::post)),
        Endpoint::open("/revoke", post(revocation::post)),
        Endpoint::open("/userinfo", get(userinfo::answer).post(userinfo::answer)),
        Endpoint::open("/jwks", get(metadata::jwks)),
        // Where libraries look that ask for keys without reading the metadata.
        Endpoint::open("/.well-known/jwks.json", get(metadata::jwks)),
        Endpoint::open("/revocation/rules", get(feed::get)),
        Endpoint::open(OPENID_CONFIGURATION_PATH, get(metadata::get)),
        Endpoint::open(OAUTH_METADATA_PATH, get(metadata::get)),
        Endpoint::of_the_flow("/authorize", get(authorize::get).post(authorize::post)),
        Endpoint::of_the_flow(LOGIN_PATH, get(login::get).post(login::post)),
        Endpoint::of_the_flow(CONSENT_PATH, get(consent::get).post(consent::post)),
        Endpoint::of_the_flow(LOGOUT_PATH, get(logout::get).post(logout::post)),
        Endpoint::closed(HOME_PATH, get(home::get)),
        Endpoint::closed(assets::PATH, assets::methods(server.pages.assets())),
    ];
    Endpoints::new(table, Router::new().fallback(not_found), server, transport)
}

async fn not_found(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    RequestCx(cx): RequestCx,
) -> Response {
    server.error_page(&cx, &headers, ErrorKind::NotFound)
}
