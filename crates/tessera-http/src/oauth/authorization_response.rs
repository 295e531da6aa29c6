//! Sending the authorization response to the client: by a redirect, or by a page that posts it (OAuth 2.0 Form Post Response
//! Mode).

use axum::response::{IntoResponse as _, Response};
use tessera_app::Cx;
use tessera_app::oauth::authorize;
use tessera_oauth::authorize::ResponseMode;

use crate::error_report::ErrorReport;
use crate::headers::Nonce;
use crate::pages::{FormPost, Language};
use crate::request::see_other;
use crate::state::Server;

/// Sends the browser to the client with the answer.
pub(crate) fn respond(
    server: &Server,
    cx: &Cx,
    language: Language,
    response: &authorize::Response,
) -> Response {
    let answer = match response.mode {
        ResponseMode::Query => see_other(&response.answer.location(&response.redirect_uri)),
        ResponseMode::FormPost => {
            let fields: Vec<(&str, &str)> = response.answer.fields().collect();
            let page = FormPost {
                action: &response.redirect_uri,
                fields: &fields,
                nonce: &Nonce::new(server.app.nonce()),
                request_id: &cx.request_id.to_string(),
            };
            page.render(&server.pages, language).into_response()
        }
    };
    let field = |wanted| {
        response.answer.fields().find(|(name, _)| *name == wanted).map(|(_, value)| value.to_owned())
    };
    match field("error") {
        None => answer,
        Some(error) => {
            let report = ErrorReport::refused(cx, error).of_client(Some(&response.client_id));
            report.because(field("error_description").unwrap_or_default()).attach(answer)
        }
    }
}
