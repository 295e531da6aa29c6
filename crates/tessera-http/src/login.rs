//! `GET|POST /login`: user name and password, for an authorization request or on their own.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use http::header::SET_COOKIE;
use tessera_app::login::{LogIn, LogInError, LoggedIn, form_token, log_in};
use tessera_app::oauth::authorize::{LoginContext, Refused, login_context, resume_after_login};
use tessera_app::{Cx, sessions};
use tessera_model::PlainPassword;
use tessera_oauth::params::Params;

use crate::cookies::{Cookie, Lifetime};
use crate::form::{FormParams, FormRejection, QueryParams};
use crate::headers::FormTarget;
use crate::oauth::authorize::{go_on, refusal, unreadable};
use crate::pages::{ErrorKind, Language, Login, LoginProblem, Page, SignedIn};
use crate::request::{Browser, RequestCx, fault_kind, is_our_form, retry_after, see_other};
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
    let browser = Browser::of(&server, &cx, &headers);
    if params.get("flow").is_none() {
        match sessions::current(&cx, server.cookies.read(&headers, Cookie::Session)).await {
            Ok(Some(current)) => {
                let page = SignedIn { username: current.user.username.as_str() };
                return browser.remember(page.render(&server.pages, Language::choose(None, &headers)));
            }
            Ok(None) => {}
            Err(fault) => return server.error_page(&cx, &headers, fault_kind(&cx, &fault)),
        }
    }
    match form(&server, &cx, &headers, &Shown { params: &params, browser: &browser, problem: None }).await {
        Ok(page) => browser.remember(page),
        Err(refused) => refusal(&server, &cx, &headers, &refused),
    }
}

struct Shown<'a> {
    params: &'a Params,
    browser: &'a Browser,
    problem: Option<LoginProblem>,
}

async fn form(server: &Server, cx: &Cx, headers: &HeaderMap, shown: &Shown<'_>) -> Result<Page, Refused> {
    let flow = shown.params.get("flow");
    let context: Option<LoginContext> = match flow {
        Some(flow) => Some(login_context(cx, flow, &shown.browser.secret).await?),
        None => None,
    };
    let form_target = context.as_ref().and_then(|context| FormTarget::of(&context.redirect_uri));
    let hint = context.as_ref().and_then(|context| context.login_hint.as_deref());
    let locales = context.as_ref().map(|context| context.ui_locales.join(" "));
    let page = Login {
        flow,
        csrf: &form_token(cx, &shown.browser.secret),
        username: shown.params.get("username").or(hint).unwrap_or_default(),
        client_name: context.as_ref().map(|context| context.client_name.as_str()),
        form_target: form_target.as_ref(),
        problem: shown.problem,
    };
    Ok(page.render(&server.pages, Language::choose(locales.as_deref(), headers)))
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
        Ok(true) => attempt(&server, &cx, &headers, params).await,
        Ok(false) => server.error_page(&cx, &headers, ErrorKind::CrossSite),
        Err(fault) => server.error_page(&cx, &headers, fault_kind(&cx, &fault)),
    }
}

async fn attempt(server: &Server, cx: &Cx, headers: &HeaderMap, mut params: Params) -> Response {
    let password = params.take("password").unwrap_or_default();
    let Ok(password) = PlainPassword::to_check(String::clone(&password)) else {
        return server.error_page(cx, headers, ErrorKind::BadRequest);
    };
    let previous = match sessions::current(cx, server.cookies.read(headers, Cookie::Session)).await {
        Ok(previous) => previous,
        Err(fault) => return server.error_page(cx, headers, fault_kind(cx, &fault)),
    };
    let username = params.get("username").unwrap_or_default();
    let device = server.cookies.read(headers, Cookie::Device);
    match log_in(cx, LogIn { username, password, previous: previous.as_ref(), device }).await {
        Ok(logged_in) => welcome(server, cx, headers, (&params, &logged_in)).await,
        Err(LogInError::Refused) => {
            again(server, cx, headers, (&params, LoginProblem::WrongCredentials)).await
        }
        Err(LogInError::Throttled { seconds }) => {
            again(server, cx, headers, (&params, LoginProblem::Wait { seconds })).await
        }
        Err(LogInError::Busy(_)) => {
            server.error_page(cx, headers, ErrorKind::Unavailable { retry_after: retry_after(cx) })
        }
        Err(LogInError::Store(fault)) => server.error_page(cx, headers, fault_kind(cx, &fault)),
    }
}

/// How long a device stays known without a login: 180 days.
const DEVICE_LIFETIME: Lifetime = Lifetime::Seconds(180 * 86_400);

/// Sets the cookies and goes on with what the login was for.
async fn welcome(
    server: &Server,
    cx: &Cx,
    headers: &HeaderMap,
    (params, logged_in): (&Params, &LoggedIn),
) -> Response {
    let browser = Browser::of(server, cx, headers);
    let mut response = match params.get("flow") {
        None => see_other("/login"),
        Some(flow) => match resume_after_login(cx, flow, &browser.secret, &logged_in.current).await {
            Ok(next) => go_on(server, cx, headers, next),
            Err(refused) => refusal(server, cx, headers, &refused),
        },
    };
    let session = server.cookies.set(Cookie::Session, &logged_in.cookie, Lifetime::BrowserSession);
    let device = server.cookies.set(Cookie::Device, &logged_in.device, DEVICE_LIFETIME);
    for cookie in [session, device].into_iter().flatten() {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

async fn again(
    server: &Server,
    cx: &Cx,
    headers: &HeaderMap,
    (params, problem): (&Params, LoginProblem),
) -> Response {
    let browser = Browser::of(server, cx, headers);
    match form(server, cx, headers, &Shown { params, browser: &browser, problem: Some(problem) }).await {
        Ok(page) => browser.remember(page),
        Err(refused) => refusal(server, cx, headers, &refused),
    }
}
