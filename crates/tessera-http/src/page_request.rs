//! A browser's request for a page or from a form, answered with a page, a redirect or the error page.

use std::sync::Arc;

use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue, Method};
use tessera_app::login::{BrowserSecret, form_token, record_csrf_rejection, verify_form_token};
use tessera_app::oauth::authorize::{self, PageReason, Refused};
use tessera_app::oauth::cross_site_post;
use tessera_app::sessions::{self, Current};
use tessera_app::{Cx, Fault};
use tessera_oauth::params::Params;

use crate::admission::retry_after;
use crate::cookies::{Cookie, Lifetime};
use crate::error_report::ErrorReport;
use crate::form;
use crate::oauth::authorization_response::respond;
use crate::origin::same_origin;
use crate::pages::{Error, ErrorKind, Language, UnknownAddress, choose_language};
use crate::request::{request_context, see_other};
use crate::state::Server;

/// The parameter of a GET that carries the sealed parameters of a cross-site POST.
const POSTED: &str = "posted";

/// A request for a page or from a form. It is the only extractor of its handler. A request with malformed parameters gets the
/// error page and does not reach the handler.
pub(crate) struct PageRequest {
    pub(crate) server: Arc<Server>,
    pub(crate) cx: Cx,
    /// The parameters of the query string or of the posted form.
    pub(crate) params: Params,
    /// The secret of this browser, which binds flows and forms to it.
    pub(crate) browser: BrowserSecret,
    /// `Set-Cookie` for a browser without our cookie.
    browser_cookie: Option<HeaderValue>,
    headers: HeaderMap,
}

impl FromRequest<Arc<Server>> for PageRequest {
    /// The error page.
    type Rejection = Response;

    async fn from_request(request: Request, server: &Arc<Server>) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let params = if parts.method == Method::POST {
            form::read(&parts.headers, body).await
        } else {
            form::query(&parts.uri)
        };
        let cx = request_context(server, &parts);
        match params {
            Ok(params) => {
                let posted =
                    params.get(POSTED).and_then(|text| cross_site_post::open(&cx, parts.uri.path(), text));
                Ok(Self::new(server, cx, parts.headers, posted.unwrap_or(params)))
            }
            Err(rejection) => {
                let request_id = cx.request_id.to_string();
                let kind = ErrorKind::BadRequest;
                let page = Error { status: rejection.status(), ..Error::new(kind, &request_id) };
                let page = page.render(&server.pages, choose_language(None, &parts.headers));
                let report = ErrorReport::refused(&cx, kind.code()).because(rejection.to_string());
                Err(report.attach(page.into_response()))
            }
        }
    }
}

/// The result of the CSRF check of a form that no other site sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Csrf {
    /// The form is from a page that this browser got from us, under its current cookie.
    Valid,
    /// The browser got a new cookie since the page was shown, in another tab or by a restart. The form is ignored, and the
    /// person is asked again.
    OutOfDate,
}

/// Why a request ends at the error page. The texts are for the log: they hold nothing that somebody typed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PageError {
    /// A parameter is missing or malformed.
    #[error("a parameter is missing or malformed")]
    BadRequest,
    /// Another site sent the form.
    #[error("another site sent the form")]
    ForeignForm,
    /// The authorization request was refused.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The database failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl PageRequest {
    fn new(server: &Arc<Server>, cx: Cx, headers: HeaderMap, params: Params) -> Self {
        let known = server.cookies.read(&headers, Cookie::Browser).and_then(BrowserSecret::read);
        let (is_new, browser) = (known.is_none(), known.unwrap_or_else(|| BrowserSecret::fresh(&cx)));
        let cookie = server.cookies.set(Cookie::Browser, browser.reveal(), Lifetime::BrowserSession);
        let browser_cookie = cookie.ok().filter(|_| is_new);
        Self { server: Arc::clone(server), cx, params, browser, browser_cookie, headers }
    }

    /// The value of a parameter, or the empty text.
    pub(crate) fn param(&self, name: &str) -> &str {
        self.params.get(name).unwrap_or_default()
    }

    /// Every value that was sent for a cookie. Usually there is one.
    pub(crate) fn cookies(&self, cookie: Cookie) -> impl Iterator<Item = &str> {
        self.server.cookies.read_all(&self.headers, cookie)
    }

    /// Whether a cookie was sent, readable or not.
    pub(crate) fn has_cookie(&self, cookie: Cookie) -> bool {
        self.server.cookies.is_sent(&self.headers, cookie)
    }

    /// The value of a cookie.
    pub(crate) fn cookie(&self, cookie: Cookie) -> Option<&str> {
        self.server.cookies.read(&self.headers, cookie)
    }

    /// Who is logged in at this browser.
    pub(crate) async fn current(&self) -> Result<Option<Current>, Fault> {
        sessions::current(&self.cx, self.cookie(Cookie::Session)).await
    }

    /// The CSRF token for a form on a page for this browser.
    pub(crate) fn form_token(&self) -> String {
        form_token(&self.cx, &self.browser)
    }

    /// Checks the origin and the CSRF token of a form. A form that another site sent is refused. Every form that fails leaves an audit
    /// event.
    pub(crate) async fn verify_csrf(&self) -> Result<Csrf, PageError> {
        let is_foreign = self.is_cross_site();
        if !is_foreign && verify_form_token(&self.cx, &self.browser, self.param("csrf")) {
            return Ok(Csrf::Valid);
        }
        record_csrf_rejection(&self.cx).await?;
        if is_foreign { Err(PageError::ForeignForm) } else { Ok(Csrf::OutOfDate) }
    }

    /// The page that asks again, after a form that was out of date.
    pub(crate) fn ask_again(&self, page: Response) -> Response {
        ErrorReport::refused(&self.cx, "out_of_date")
            .because("the form was shown before the browser got its cookie")
            .attach(page)
    }

    /// Whether the browser says that a page of another site sent the request.
    pub(crate) fn is_cross_site(&self) -> bool {
        !same_origin(&self.headers, &self.server.origin)
    }

    /// Redirects a cross-site POST to a GET of the same parameters, with which the browser sends its `SameSite=Lax` cookies. `None`
    /// if the parameters are too long for a URL.
    pub(crate) fn redirect_as_get(&self, path: &str) -> Option<Response> {
        cross_site_post::seal(&self.cx, path, &self.params)
            .map(|text| see_other(&format!("{path}?{POSTED}={text}")))
    }

    /// The language of the answer, if the application asks for these languages (space-separated).
    pub(crate) fn language(&self, ui_locales: Option<&str>) -> Language {
        choose_language(ui_locales, &self.headers)
    }

    /// The language of the answer, by the `ui_locales` of this request.
    pub(crate) fn requested_language(&self) -> Language {
        self.language(self.params.get("ui_locales"))
    }

    /// The language of the answer, if the application asked for one of these.
    pub(crate) fn language_among(&self, ui_locales: &[String]) -> Language {
        self.language(Some(&ui_locales.join(" ")))
    }

    /// Sets the cookie of a new browser.
    pub(crate) fn with_browser_cookie(&self, response: impl IntoResponse) -> Response {
        let mut response = response.into_response();
        response.headers_mut().extend(self.browser_cookie.clone().map(|cookie| (SET_COOKIE, cookie)));
        response
    }

    /// Sends the browser to the client with the answer.
    pub(crate) fn respond(&self, response: &authorize::Response) -> Response {
        let language = self.language_among(&response.ui_locales);
        respond(&self.server, &self.cx, language, response)
    }

    /// Turns an error into a page.
    pub(crate) fn answer(&self, outcome: Result<Response, PageError>) -> Response {
        let error = match outcome {
            Ok(response) => return response,
            Err(PageError::Refused(Refused::Client(response))) => return self.respond(&response),
            Err(error) => error,
        };
        let kind = self.kind(&error);
        let (request_id, address) = (self.cx.request_id.to_string(), unknown_address(&error));
        let page = Error { address, ..Error::new(kind, &request_id) };
        let page = page.render(&self.server.pages, self.requested_language()).into_response();
        self.report(kind, &error).of_client(address.map(|address| address.client_id)).attach(page)
    }

    fn report(&self, kind: ErrorKind, error: &PageError) -> ErrorReport {
        match error {
            PageError::Fault(fault) | PageError::Refused(Refused::Store(fault)) => {
                ErrorReport::fault(&self.cx, fault)
            }
            PageError::BadRequest
            | PageError::ForeignForm
            | PageError::Refused(Refused::Page(_) | Refused::Client(_) | Refused::Unreadable(_)) => {
                ErrorReport::refused(&self.cx, kind.code()).because(error.to_string())
            }
        }
    }

    fn kind(&self, error: &PageError) -> ErrorKind {
        match error {
            PageError::BadRequest
            | PageError::Refused(Refused::Page(PageReason::BadRequest) | Refused::Client(_)) => {
                ErrorKind::BadRequest
            }
            PageError::Refused(Refused::Page(PageReason::UnknownClient)) => ErrorKind::UnknownClient,
            PageError::Refused(Refused::Page(PageReason::BadRedirect { .. })) => ErrorKind::BadRedirect,
            PageError::Refused(Refused::Unreadable(_)) => ErrorKind::Expired,
            PageError::ForeignForm => ErrorKind::CrossSite,
            PageError::Fault(fault) | PageError::Refused(Refused::Store(fault)) => {
                if fault.is_unavailable() {
                    ErrorKind::Unavailable { retry_after: retry_after(&self.cx) }
                } else {
                    ErrorKind::Internal
                }
            }
        }
    }
}

fn unknown_address(error: &PageError) -> Option<UnknownAddress<'_>> {
    match error {
        PageError::Refused(Refused::Page(PageReason::BadRedirect { client_id, redirect_uri })) => {
            Some(UnknownAddress { client_id: client_id.as_str(), uri: redirect_uri.as_deref() })
        }
        PageError::BadRequest | PageError::ForeignForm | PageError::Refused(_) | PageError::Fault(_) => None,
    }
}
