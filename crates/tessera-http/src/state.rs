//! The state that every endpoint shares: the use cases, the pages, the cookies.

use std::sync::{Arc, Once};

use axum::response::{IntoResponse as _, Response};
use http::HeaderMap;
use tessera_app::App;

use crate::admission::Admission;
use crate::cookies::CookiePolicy;
use crate::error_report::ErrorReport;
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
    /// Whether the log says already that the header of a proxy was ignored.
    pub(crate) unbelieved_header: Once,
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
        let unbelieved_header = Once::new();
        let admission = Admission::for_this_machine(app.database_connections());
        Arc::new(Self { app, pages, cookies, transport, origin, unbelieved_header, admission })
    }

    /// The page for an address that nothing has.
    pub(crate) fn not_found(&self, cx: &tessera_app::Cx, headers: &HeaderMap) -> Response {
        let kind = ErrorKind::NotFound;
        let request_id = cx.request_id.to_string();
        let page = Error::new(kind, &request_id).render(&self.pages, choose_language(None, headers));
        ErrorReport::refused(cx, kind.code()).because("there is no such page").attach(page.into_response())
    }
}
