//! The error page: what happened in plain words, and what to do next.
//!
//! It never says more than its kind: details are in the audit event under the same request id.

use http::StatusCode;
use minijinja::context;
use minijinja::value::Value;

use super::shown::shown;
use super::{Language, Page, Pages};

pub(super) const TEMPLATE: &str = "error.html";

/// An error told to a person, with no redirect.
#[derive(Clone, Copy, Debug)]
pub struct Error<'a> {
    /// The HTTP status; [`ErrorKind::status`] is the usual one.
    pub status: StatusCode,
    /// What to tell.
    pub kind: ErrorKind,
    /// Under which the operator finds the details.
    pub request_id: &'a str,
}

/// What to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The request cannot be read.
    BadRequest,
    /// No such application.
    UnknownClient,
    /// The application may not send people there.
    BadRedirect,
    /// The form or the login is too old.
    Expired,
    /// Another site sent the form, or the browser keeps no cookies.
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

    /// The status that goes with it.
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
        Self { status: kind.status(), kind, request_id }
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
            request_id => shown(self.request_id),
        }
    }
}
