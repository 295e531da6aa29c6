//! `GET|POST /logout`: the person confirms, then the session ends (OpenID Connect RP-Initiated Logout 1.0, attack O65).
//!
//! A POST without our form's token is what an application sends. It goes on as a GET: with a POST from another site the
//! browser does not send the session cookie, and a person who is logged in would look like nobody.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::HeaderMap;
use http::header::SET_COOKIE;
use tessera_app::login::form_token;
use tessera_app::oauth::logout::return_uri;
use tessera_app::{Cx, sessions};
use tessera_model::{Session, User};
use tessera_oauth::logout::EndSessionRequest;
use tessera_oauth::params::Params;
use tessera_oauth::response::with_query;

use crate::cookies::Cookie;
use crate::form::{FormParams, FormRejection, QueryParams};
use crate::headers::FormTarget;
use crate::oauth::authorize::unreadable;
use crate::pages::{ErrorKind, Language, LoggedOut, Logout};
use crate::request::{Browser, RequestCx, fault_kind, is_our_form, see_other};
use crate::server::Server;

/// What the form carries from the first request to the confirmed one.
const CARRIED: [&str; 4] = ["id_token_hint", "client_id", "post_logout_redirect_uri", "state"];

pub(crate) async fn get(
    State(server): State<Arc<Server>>,
    RequestCx(cx): RequestCx,
    headers: HeaderMap,
    query: Result<QueryParams, FormRejection>,
) -> Response {
    match query {
        Ok(QueryParams(params)) => ask(&server, &cx, &headers, &params).await,
        Err(rejection) => unreadable(&server, &cx, &headers, &rejection),
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
    if !params.contains("csrf") {
        return see_other(&with_query("/logout", carried(&params).chain(language(&params))));
    }
    match is_our_form(&server, &cx, &headers, &params).await {
        Ok(true) => end(&server, &cx, &headers, &params).await,
        Ok(false) => server.error_page(&cx, &headers, ErrorKind::CrossSite),
        Err(fault) => server.error_page(&cx, &headers, fault_kind(&cx, &fault)),
    }
}

async fn ask(server: &Server, cx: &Cx, headers: &HeaderMap, params: &Params) -> Response {
    let person = match not_ended(server, cx, headers).await {
        Ok(Some((_, person))) => person,
        Ok(None) => return leave(server, cx, headers, params),
        Err(response) => return *response,
    };
    let browser = Browser::of(server, cx, headers);
    let carry: Vec<(String, String)> =
        carried(params).map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let form_target = params.get("post_logout_redirect_uri").and_then(FormTarget::of);
    let page = Logout {
        csrf: &form_token(cx, &browser.secret),
        username: Some(person.username.as_str()),
        carry: &carry,
        form_target: form_target.as_ref(),
    };
    let page = page.render(&server.pages, Language::choose(params.get("ui_locales"), headers));
    browser.remember(page)
}

fn carried(params: &Params) -> impl Iterator<Item = (&'static str, &str)> {
    CARRIED.into_iter().filter_map(|name| params.get(name).map(|value| (name, value)))
}

/// Languages for the page, which the form does not carry.
fn language(params: &Params) -> Option<(&'static str, &str)> {
    params.get("ui_locales").map(|value| ("ui_locales", value))
}

async fn end(server: &Server, cx: &Cx, headers: &HeaderMap, params: &Params) -> Response {
    match not_ended(server, cx, headers).await {
        Ok(Some((session, person))) => {
            let cx = &cx.clone().acting_as(tessera_app::Actor::User(person.id));
            if let Err(fault) = sessions::end(cx, &session).await {
                return server.error_page(cx, headers, fault_kind(cx, &fault));
            }
        }
        Ok(None) => {}
        Err(response) => return *response,
    }
    let mut response = leave(server, cx, headers, params);
    response.headers_mut().append(SET_COOKIE, server.cookies.clear(Cookie::Session));
    response
}

async fn not_ended(
    server: &Server,
    cx: &Cx,
    headers: &HeaderMap,
) -> Result<Option<(Session, User)>, Box<Response>> {
    let cookie = server.cookies.read(headers, Cookie::Session);
    sessions::not_ended(cx, cookie)
        .await
        .map_err(|fault| Box::new(server.error_page(cx, headers, fault_kind(cx, &fault))))
}

/// Nobody is logged in here any more: back to the application if it may be, else a page that says so.
fn leave(server: &Server, cx: &Cx, headers: &HeaderMap, params: &Params) -> Response {
    let back = EndSessionRequest::parse(params).ok().and_then(|request| return_uri(cx, &request));
    match back {
        Some(uri) => see_other(&uri),
        None => LoggedOut.render(&server.pages, Language::choose(None, headers)).into_response(),
    }
}
