//! `GET|POST /authorize` (RFC 6749 section 3.1, OIDC core section 3.1.2.1).

use axum::response::{IntoResponse as _, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tessera_app::oauth::authorize::{self, Next, start};
use tessera_oauth::authorize::ResponseMode;

use crate::headers::Nonce;
use crate::pages::{CONSENT_PATH, FormPost, LOGIN_PATH};
use crate::request::see_other;
use crate::visit::{PageError, Visit};

pub(crate) async fn get(visit: Visit) -> Response {
    visit.answer(lead(&visit).await)
}

pub(crate) async fn post(visit: Visit) -> Response {
    if visit.is_from_elsewhere() {
        // The cookies of this browser did not come along: nothing is to be decided, or set, without them.
        return visit.answer(visit.again_as_get("/authorize").ok_or(PageError::BadRequest));
    }
    visit.answer(lead(&visit).await)
}

async fn lead(visit: &Visit) -> Result<Response, PageError> {
    let current = visit.current().await?;
    let next = start(&visit.cx, &visit.params, &visit.browser, current.as_ref()).await?;
    Ok(visit.remembered(go_on(visit, next)))
}

/// Sends the browser on.
pub(crate) fn go_on(visit: &Visit, next: Next) -> Response {
    match next {
        Next::Login(flow) => see_other(&format!("{LOGIN_PATH}?flow={flow}")),
        Next::Consent(flow) => see_other(&format!("{CONSENT_PATH}?flow={flow}")),
        Next::Respond(response) => respond(visit, &response),
    }
}

/// Sends the browser to the login page. The flow goes along, encoded, whatever somebody sent as one.
pub(crate) fn to_login(visit: &Visit) -> Response {
    see_other(&format!("{LOGIN_PATH}?flow={}", utf8_percent_encode(visit.param("flow"), NON_ALPHANUMERIC)))
}

/// Sends an answer to the client.
pub(crate) fn respond(visit: &Visit, response: &authorize::Response) -> Response {
    match response.mode {
        ResponseMode::Query => see_other(&response.answer.location(&response.redirect_uri)),
        ResponseMode::FormPost => {
            let fields: Vec<(&str, &str)> = response.answer.fields().collect();
            let page = FormPost {
                action: &response.redirect_uri,
                fields: &fields,
                nonce: &Nonce::new(visit.server.app.nonce()),
                request_id: &visit.cx.request_id.to_string(),
            };
            page.render(&visit.server.pages, visit.language(None)).into_response()
        }
    }
}
