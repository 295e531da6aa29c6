//! `GET|POST /authorize` (RFC 6749 section 3.1, OIDC core section 3.1.2.1).

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::HeaderMap;
use tessera_app::oauth::authorize::{self, Next, PageReason, Refused, start};
use tessera_app::{Cx, sessions};
use tessera_oauth::authorize::ResponseMode;
use tessera_oauth::params::Params;

use crate::cookies::Cookie;
use crate::form::{FormParams, FormRejection, QueryParams};
use crate::headers::Nonce;
use crate::pages::{Error, ErrorKind, FormPost, Language};
use crate::request::{Browser, RequestCx, fault_kind, see_other};
use crate::server::Server;

pub(crate) async fn get(
    State(server): State<Arc<Server>>,
    RequestCx(cx): RequestCx,
    headers: HeaderMap,
    query: Result<QueryParams, FormRejection>,
) -> Response {
    answer(&server, &cx, &headers, query.map(|QueryParams(params)| params)).await
}

pub(crate) async fn post(
    State(server): State<Arc<Server>>,
    RequestCx(cx): RequestCx,
    headers: HeaderMap,
    form: Result<FormParams, FormRejection>,
) -> Response {
    answer(&server, &cx, &headers, form.map(|FormParams(params)| params)).await
}

async fn answer(
    server: &Server,
    cx: &Cx,
    headers: &HeaderMap,
    params: Result<Params, FormRejection>,
) -> Response {
    let params = match params {
        Ok(params) => params,
        Err(rejection) => return unreadable(server, cx, headers, &rejection),
    };
    let browser = Browser::of(server, cx, headers);
    let current = match sessions::current(cx, server.cookies.read(headers, Cookie::Session)).await {
        Ok(current) => current,
        Err(fault) => return server.error_page(cx, headers, fault_kind(cx, &fault)),
    };
    match start(cx, &params, &browser.secret, current.as_ref()).await {
        Ok(next) => browser.remember(go_on(server, cx, headers, next)),
        Err(refused) => refusal(server, cx, headers, &refused),
    }
}

/// The page for a request whose parameters cannot be read.
pub(crate) fn unreadable(
    server: &Server,
    cx: &Cx,
    headers: &HeaderMap,
    rejection: &FormRejection,
) -> Response {
    let request_id = cx.request_id.to_string();
    let page = Error { status: rejection.status(), kind: ErrorKind::BadRequest, request_id: &request_id };
    page.render(&server.pages, Language::choose(None, headers)).into_response()
}

/// Sends the browser on.
pub(crate) fn go_on(server: &Server, cx: &Cx, headers: &HeaderMap, next: Next) -> Response {
    match next {
        Next::Login(flow) => see_other(&format!("/login?flow={flow}")),
        Next::Consent(flow) => see_other(&format!("/consent?flow={flow}")),
        Next::Respond(response) => respond(server, cx, headers, &response),
    }
}

fn respond(server: &Server, cx: &Cx, headers: &HeaderMap, response: &authorize::Response) -> Response {
    match response.mode {
        ResponseMode::Query => see_other(&response.answer.location(&response.redirect_uri)),
        ResponseMode::FormPost => {
            let fields: Vec<(&str, &str)> = response.answer.fields().collect();
            let request_id = cx.request_id.to_string();
            let nonce = Nonce::new(server.app.nonce());
            let page = FormPost {
                action: &response.redirect_uri,
                fields: &fields,
                nonce: &nonce,
                request_id: &request_id,
            };
            page.render(&server.pages, Language::choose(None, headers)).into_response()
        }
    }
}

/// The page for a request that goes nowhere.
pub(crate) fn refusal(server: &Server, cx: &Cx, headers: &HeaderMap, refused: &Refused) -> Response {
    let kind = match refused {
        Refused::Page(PageReason::BadRequest) => ErrorKind::BadRequest,
        Refused::Page(PageReason::UnknownClient) => ErrorKind::UnknownClient,
        Refused::Page(PageReason::BadRedirect) => ErrorKind::BadRedirect,
        Refused::Expired(_) => ErrorKind::Expired,
        Refused::Store(fault) => fault_kind(cx, fault),
    };
    server.error_page(cx, headers, kind)
}
