//! `GET|POST /consent`: the person decides what a client may (OIDC core section 3.1.2.4).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use tessera_app::Cx;
use tessera_app::login::form_token;
use tessera_app::oauth::consent::{Decision, Question, answer, question};
use tessera_app::sessions::{self, Current};
use tessera_oauth::params::Params;

use super::authorize::{go_on, refusal, unreadable};
use crate::cookies::Cookie;
use crate::form::{FormParams, FormRejection, QueryParams};
use crate::headers::FormTarget;
use crate::pages::{Consent, ErrorKind, Language, ScopeLine};
use crate::request::{Browser, RequestCx, fault_kind, is_our_form, see_other};
use crate::server::Server;

pub(crate) async fn get(
    State(server): State<Arc<Server>>,
    RequestCx(cx): RequestCx,
    headers: HeaderMap,
    query: Result<QueryParams, FormRejection>,
) -> Response {
    let params = match query {
        Ok(QueryParams(params)) => params,
        Err(rejection) => return unreadable(&server, &cx, &headers, &rejection),
    };
    let flow = params.get("flow").unwrap_or_default();
    let browser = Browser::of(&server, &cx, &headers);
    let current = match sessions::current(&cx, server.cookies.read(&headers, Cookie::Session)).await {
        Ok(Some(current)) => current,
        Ok(None) => return see_other(&format!("/login?flow={}", encoded(flow))),
        Err(fault) => return server.error_page(&cx, &headers, fault_kind(&cx, &fault)),
    };
    match question(&cx, flow, &browser.secret, &current).await {
        Ok(question) => {
            let shown = Shown { csrf: &form_token(&cx, &browser.secret), current: &current };
            let page = page(&server, &headers, &question, &shown);
            browser.remember(page)
        }
        Err(refused) => refusal(&server, &cx, &headers, &refused),
    }
}

struct Shown<'a> {
    csrf: &'a str,
    current: &'a Current,
}

fn page(server: &Server, headers: &HeaderMap, question: &Question, shown: &Shown<'_>) -> crate::pages::Page {
    let scopes: Vec<ScopeLine<'_>> = question
        .scopes
        .iter()
        .map(|(scope, description)| ScopeLine {
            name: scope.as_str(),
            description: description.as_deref().unwrap_or_default(),
        })
        .collect();
    let form_target = FormTarget::of(&question.redirect_uri);
    Consent {
        flow: &question.flow,
        csrf: shown.csrf,
        client_name: &question.client_name,
        username: shown.current.user.username.as_str(),
        scopes: &scopes,
        redirect_host: host(&question.redirect_uri),
        form_target: form_target.as_ref(),
    }
    .render(&server.pages, Language::choose(Some(&question.ui_locales.join(" ")), headers))
}

/// `https://host:port/path` is shown as `host:port`, a private-use URI as its scheme.
fn host(redirect_uri: &str) -> &str {
    match redirect_uri.split_once("://") {
        Some((_, rest)) => rest.split(['/', '?']).next().unwrap_or(rest),
        None => redirect_uri.split(':').next().unwrap_or(redirect_uri),
    }
}

pub(crate) async fn post(
    State(server): State<Arc<Server>>,
    RequestCx(cx): RequestCx,
    headers: HeaderMap,
    form: Result<FormParams, FormRejection>,
) -> Response {
    let params = match form {
        Ok(FormParams(params)) => params,
        Err(rejection) => return unreadable(&server, &cx, &headers, &rejection),
    };
    match is_our_form(&server, &cx, &headers, &params).await {
        Ok(true) => decide(&server, &cx, &headers, &params).await,
        Ok(false) => server.error_page(&cx, &headers, ErrorKind::CrossSite),
        Err(fault) => server.error_page(&cx, &headers, fault_kind(&cx, &fault)),
    }
}

async fn decide(server: &Server, cx: &Cx, headers: &HeaderMap, params: &Params) -> Response {
    let flow = params.get("flow").unwrap_or_default();
    let decision = match params.get("decision") {
        Some("allow") => Decision::Allow,
        Some("deny") => Decision::Deny,
        _ => return server.error_page(cx, headers, ErrorKind::BadRequest),
    };
    let browser = Browser::of(server, cx, headers);
    let current = match sessions::current(cx, server.cookies.read(headers, Cookie::Session)).await {
        Ok(Some(current)) => current,
        Ok(None) => return see_other(&format!("/login?flow={}", encoded(flow))),
        Err(fault) => return server.error_page(cx, headers, fault_kind(cx, &fault)),
    };
    match answer(cx, flow, &browser.secret, &current, decision).await {
        Ok(next) => go_on(server, cx, headers, next),
        Err(refused) => refusal(server, cx, headers, &refused),
    }
}

/// A flow as it may stand in a URL, whatever somebody sent as one.
fn encoded(flow: &str) -> String {
    percent_encoding::utf8_percent_encode(flow, percent_encoding::NON_ALPHANUMERIC).to_string()
}
