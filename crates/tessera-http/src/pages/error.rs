//! The error page: what happened, in plain words, and what to do next.
//!
//! It says no more than the kind of error. The audit event with the same request id has the details.

use http::StatusCode;
use tessera_templates::{Language, Value, context, for_page};

use super::page::{Page, Pages};
use super::paths::HOME_PATH;

pub(super) const TEMPLATE: &str = "error.html";

/// An error that the person sees here, without a redirect.
#[derive(Clone, Copy, Debug)]
pub struct Error<'a> {
    /// The HTTP status. [`ErrorKind::status`] is the usual one.
    pub status: StatusCode,
    /// What happened.
    pub kind: ErrorKind,
    /// By this id the operator finds the details.
    pub request_id: &'a str,
    /// The address of an [`ErrorKind::BadRedirect`].
    pub address: Option<UnknownAddress<'a>>,
}

/// An address that is not registered for a client.
#[derive(Clone, Copy, Debug)]
pub struct UnknownAddress<'a> {
    /// The client that asked.
    pub client_id: &'a str,
    /// The address that it sent, if it sent one.
    pub uri: Option<&'a str>,
}

impl UnknownAddress<'_> {
    /// Whether the address is `http://localhost`. Its port must be registered, unlike that of `http://127.0.0.1` (RFC 8252 section
    /// 7.3), so the page gives a hint.
    fn is_localhost(self) -> bool {
        let rest = self.uri.and_then(|uri| uri.strip_prefix("http://localhost"));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/', '?']))
    }
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The request cannot be read.
    BadRequest,
    /// No such application.
    UnknownClient,
    /// The application may not send people there.
    BadRedirect,
    /// The sealed request in the address cannot be opened any more.
    Expired,
    /// Another site sent the form.
    CrossSite,
    /// No such page.
    NotFound,
    /// The database is away or the server is full (policy P5).
    Unavailable {
        /// Seconds after which trying again makes sense.
        retry_after: u32,
    },
    /// Our fault.
    Internal,
}

impl ErrorKind {
    /// One of each kind.
    pub const ALL: [Self; 8] = [
        Self::BadRequest,
        Self::UnknownClient,
        Self::BadRedirect,
        Self::Expired,
        Self::CrossSite,
        Self::NotFound,
        Self::Unavailable { retry_after: 5 },
        Self::Internal,
    ];

    /// The usual HTTP status.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::BadRequest | Self::UnknownClient | Self::BadRedirect | Self::Expired => {
                StatusCode::BAD_REQUEST
            }
            Self::CrossSite => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The code in the log.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::BadRequest => "bad_request",
            Self::UnknownClient => "unknown_client",
            Self::BadRedirect => "bad_redirect",
            Self::Expired => "expired",
            Self::CrossSite => "cross_site",
            Self::NotFound => "not_found",
            Self::Unavailable { .. } => "unavailable",
            Self::Internal => "internal",
        }
    }

    const fn text_key(self) -> &'static str {
        match self {
            Self::BadRequest => "error-bad-request",
            Self::UnknownClient => "error-unknown-client",
            Self::BadRedirect => "error-bad-redirect",
            Self::Expired => "error-expired",
            Self::CrossSite => "error-cross-site",
            Self::NotFound => "error-not-found",
            Self::Unavailable { .. } => "error-unavailable",
            Self::Internal => "error-internal",
        }
    }

    /// Whether the page links to the start page. Otherwise it tells the person to go back.
    const fn leads_home(self) -> bool {
        match self {
            Self::Expired | Self::CrossSite | Self::NotFound => true,
            Self::BadRequest
            | Self::UnknownClient
            | Self::BadRedirect
            | Self::Unavailable { .. }
            | Self::Internal => false,
        }
    }

    const fn retry_after(self) -> Option<u32> {
        match self {
            Self::Unavailable { retry_after } => Some(retry_after),
            Self::BadRequest
            | Self::UnknownClient
            | Self::BadRedirect
            | Self::Expired
            | Self::CrossSite
            | Self::NotFound
            | Self::Internal => None,
        }
    }
}

impl<'a> Error<'a> {
    /// An error with the usual status of its kind.
    pub const fn new(kind: ErrorKind, request_id: &'a str) -> Self {
        Self { status: kind.status(), kind, request_id, address: None }
    }

    /// Renders the page.
    pub fn render(&self, pages: &Pages, language: Language) -> Page {
        Page::render(pages, language, TEMPLATE, self.values())
            .with_status(self.status)
            .with_retry_after(self.kind.retry_after())
    }

    pub(super) fn values(&self) -> Value {
        context! {
            kind => self.kind.text_key(),
            seconds => self.kind.retry_after().unwrap_or(0),
            request_id => for_page(self.request_id),
            client_id => self.address.map(|address| address.client_id),
            address => self.address.and_then(|address| address.uri).map(for_page),
            localhost => self.address.is_some_and(UnknownAddress::is_localhost),
            no_address => self.address.is_some_and(|address| address.uri.is_none()),
            home => self.kind.leads_home().then(|| Value::from_safe_string(HOME_PATH.to_owned())),
        }
    }
}
