//! The state that every endpoint shares: the use cases, the pages, the cookies.

use std::sync::Arc;

use axum::response::{IntoResponse as _, Response};
use http::HeaderMap;
use tessera_app::App;

use crate::admission::Admission;
use crate::cookies::CookiePolicy;
use crate::headers::Transport;
use crate::pages::{Error, ErrorKind, Pages, choose_language};

/// The state of the public server of one issuer.
pub struct Server {
    pub(crate) app: Arc<App>,
    pub(crate) pages: Pages,
    pub(crate) cookies: CookiePolicy,
    pub(crate) transport: Transport,
    /// The origin of the issuer, `scheme://host[:port]`, as browsers send it in `Origin`.
    pub(crate) origin: String,
    pub(crate) admission: Arc<Admission>,
}

impl Server {
    /// Makes the state. Plain HTTP and cookies without the `__Host-` prefix are only used if `transport` says so (`--dev`).
    pub fn new(app: Arc<App>, pages: Pages, transport: Transport) -> Arc<Self> {
        let cookies = match transport {
            Transport::Https => CookiePolicy::Host,
            Transport::PlainHttp => CookiePolicy::DevPlain,
        };
        let origin = app.config().issuer.clone();
        let admission = Admission::for_this_machine();
        Arc::new(Self { app, pages, cookies, transport, origin, admission })
    }

    pub(crate) fn error_page(&self, cx: &tessera_app::Cx, headers: &HeaderMap, kind: ErrorKind) -> Response {
        let request_id = cx.request_id.to_string();
        Error::new(kind, &request_id).render(&self.pages, choose_language(None, headers)).into_response()
    }
}
