//! `GET|POST /consent`: the person allows or denies what a client asks for (OIDC core section 3.1.2.4).

use axum::response::Response;
use tessera_app::oauth::consent::{ConsentPage, Decision, Question, answer, question};
use tessera_app::sessions::Current;

use super::authorize::{redirect_to, to_login};
use crate::page_request::{Csrf, PageError, PageRequest};
use crate::pages::{ClientQuestion, Consent, Page, ScopeLine};

pub(crate) async fn get(request: PageRequest) -> Response {
    request.answer(ask(&request, Csrf::Valid).await)
}

pub(crate) async fn post(request: PageRequest) -> Response {
    request.answer(decide(&request).await)
}

/// Shows the page. It says so if an answer came from a page that was out of date.
async fn ask(request: &PageRequest, csrf: Csrf) -> Result<Response, PageError> {
    let Some(current) = request.current().await? else { return Ok(to_login(request)) };
    Ok(match question(&request.cx, request.param("flow"), &request.browser, &current).await? {
        ConsentPage::Ask(question) => request.with_browser_cookie(page(request, &question, &current, csrf)),
        ConsentPage::Continue(next) => request.with_browser_cookie(redirect_to(request, next)),
    })
}

fn page(request: &PageRequest, question: &Question, current: &Current, csrf: Csrf) -> Page {
    let scopes: Vec<ScopeLine<'_>> = question
        .scopes
        .iter()
        .map(|(scope, description)| ScopeLine {
            name: scope.as_str(),
            description: description.as_deref().unwrap_or_default(),
        })
        .collect();
    let page = Consent {
        question: ClientQuestion {
            flow: &question.flow,
            csrf: &request.form_token(),
            client_name: &question.client_name,
            username: current.user.username.as_str(),
        },
        scopes: &scopes,
        redirect_host: host(&question.redirect_uri),
        out_of_date: csrf == Csrf::OutOfDate,
    };
    page.render(&request.server.pages, request.language_among(&question.ui_locales))
}

/// `https://host:port/path` is shown as `host:port`, a private-use URI as its scheme.
fn host(redirect_uri: &str) -> &str {
    match redirect_uri.split_once("://") {
        Some((_, rest)) => rest.split(['/', '?']).next().unwrap_or(rest),
        None => redirect_uri.split(':').next().unwrap_or(redirect_uri),
    }
}

async fn decide(request: &PageRequest) -> Result<Response, PageError> {
    let csrf = request.verify_csrf().await?;
    if csrf == Csrf::OutOfDate {
        return ask(request, csrf).await.map(|page| request.ask_again(page));
    }
    let decision = match request.param("decision") {
        "allow" => Decision::Allow,
        "deny" => Decision::Deny,
        _ => return Err(PageError::BadRequest),
    };
    let Some(current) = request.current().await? else { return Ok(to_login(request)) };
    let next = answer(&request.cx, request.param("flow"), &request.browser, &current, decision).await?;
    Ok(redirect_to(request, next))
}
