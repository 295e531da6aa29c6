//! `GET|POST /authorize` (RFC 6749 section 3.1, OIDC core section 3.1.2.1).

use axum::response::Response;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tessera_app::oauth::authorize::{Next, start};
use tessera_oauth::endpoint::AUTHORIZATION_PATH;

use crate::page_request::{PageError, PageRequest};
use crate::pages::{CONSENT_PATH, LOGIN_PATH, LOGIN_STEP_PATH};
use crate::request::see_other;

pub(crate) async fn get(request: PageRequest) -> Response {
    request.answer(authorize(&request).await)
}

pub(crate) async fn post(request: PageRequest) -> Response {
    if request.is_cross_site() {
        // The browser left its cookies out, so nothing is decided and no cookie is set here.
        return request.answer(request.redirect_as_get(AUTHORIZATION_PATH).ok_or(PageError::BadRequest));
    }
    request.answer(authorize(&request).await)
}

async fn authorize(request: &PageRequest) -> Result<Response, PageError> {
    let current = request.current().await?;
    let next = start(&request.cx, &request.params, &request.browser, current.as_ref()).await?;
    Ok(request.with_browser_cookie(redirect_to(request, next)))
}

/// Redirects the browser to the next page, or to the client.
pub(crate) fn redirect_to(request: &PageRequest, next: Next) -> Response {
    match next {
        Next::Login(flow) => see_other(&format!("{LOGIN_PATH}?flow={flow}")),
        Next::StepUp(flow) => see_other(&format!("{LOGIN_STEP_PATH}?flow={flow}")),
        Next::Consent(flow) => see_other(&format!("{CONSENT_PATH}?flow={flow}")),
        Next::Respond(response) => request.respond(&response),
    }
}

/// Redirects the browser to the login page of the same flow. The flow is encoded, because anybody can send any text as one.
pub(crate) fn to_login(request: &PageRequest) -> Response {
    see_other(&format!("{LOGIN_PATH}?flow={}", utf8_percent_encode(request.param("flow"), NON_ALPHANUMERIC)))
}
