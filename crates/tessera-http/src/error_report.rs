//! What the log says about a request that got an error.
//!
//! Whoever builds the answer knows why. The answer carries an [`ErrorReport`] to the middleware, which writes the one line of
//! the log and tells the client its reference. The audit event of the same request has the same reference.

use std::borrow::Cow;

use axum::response::Response;
use http::header::ACCESS_CONTROL_EXPOSE_HEADERS;
use http::{HeaderName, HeaderValue};
use tessera_app::{Cx, Fault, RequestId};

use crate::cors::EXPOSED;

/// The reference of a refused request. Pages show it too.
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Why a request got an error. It holds nothing that a client typed: a secret may stand anywhere in a request.
#[derive(Clone, Debug)]
pub(crate) struct ErrorReport {
    request_id: RequestId,
    code: Cow<'static, str>,
    reason: Cow<'static, str>,
    client: Option<String>,
    is_fault: bool,
}

/// An answer with this in its extensions has no line of the log: too many come at once, and they are counted.
#[derive(Clone)]
pub(crate) struct Counted;

impl ErrorReport {
    /// A request was refused with this code of the wire or the page.
    pub(crate) fn refused(cx: &Cx, code: impl Into<Cow<'static, str>>) -> Self {
        let (code, reason) = (code.into(), Cow::Borrowed(""));
        Self { request_id: cx.request_id, code, reason, client: None, is_fault: false }
    }

    /// A request failed, because of the database or of a mistake of ours. It is an error in the log.
    pub(crate) fn failed(cx: &Cx, code: impl Into<Cow<'static, str>>, error: &dyn std::error::Error) -> Self {
        Self { is_fault: true, ..Self::refused(cx, code) }.because(error.to_string())
    }

    /// A request failed because of the store: the code says whether waiting helps.
    pub(crate) fn fault(cx: &Cx, fault: &Fault) -> Self {
        Self::failed(cx, if fault.is_unavailable() { "unavailable" } else { "internal" }, fault)
    }

    /// Says why. The text is one of ours.
    pub(crate) fn because(self, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { reason: reason.into(), ..self }
    }

    /// Names the registered client that sent the request, or that it is for.
    pub(crate) fn of_client(self, client: Option<&str>) -> Self {
        Self { client: client.map(str::to_owned), ..self }
    }

    /// Adds the report to the answer.
    pub(crate) fn attach(self, mut response: Response) -> Response {
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes the line of the log for an error, and adds the reference to the answer.
pub(crate) fn conclude(endpoint: &'static str, response: &mut Response) {
    let status = response.status();
    let Some(report) = response.extensions_mut().remove::<ErrorReport>() else {
        let is_error = status.is_client_error() || status.is_server_error();
        if is_error && response.extensions().get::<Counted>().is_none() {
            // No endpoint answered, for example because of another method, a panic or a time-out.
            let code = status.canonical_reason().unwrap_or_default();
            if status.is_server_error() {
                tracing::error!(endpoint, status = status.as_u16(), code, "request failed");
            } else {
                tracing::info!(endpoint, status = status.as_u16(), code, "request refused");
            }
        }
        return;
    };
    let ErrorReport { request_id, code, reason, client, is_fault } = report;
    let (status, client, reason) = (status.as_u16(), client.as_deref(), &*reason);
    if is_fault {
        tracing::error!(%request_id, endpoint, status, %code, client, reason, "request failed");
    } else {
        tracing::info!(%request_id, endpoint, status, %code, client, reason, "request refused");
    }
    let Ok(reference) = HeaderValue::try_from(request_id.to_string()) else { return };
    response.headers_mut().insert(X_REQUEST_ID, reference);
    if let Some(exposed) = response.headers_mut().get_mut(ACCESS_CONTROL_EXPOSE_HEADERS) {
        *exposed = EXPOSED;
    }
}
