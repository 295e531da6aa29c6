//! `GET|POST /consent`: the person decides what a client may (OIDC core section 3.1.2.4).

use axum::response::Response;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tessera_app::oauth::consent::{Decision, Question, answer, question};
use tessera_app::sessions::Current;

use super::authorize::go_on;
use crate::headers::FormTarget;
use crate::pages::{Consent, LOGIN_PATH, Page, ScopeLine};
use crate::request::see_other;
use crate::visit::{PageError, Visit};

pub(crate) async fn get(visit: Visit) -> Response {
    visit.answer(ask(&visit).await)
}

pub(crate) async fn post(visit: Visit) -> Response {
    visit.answer(decide(&visit).await)
}

async fn ask(visit: &Visit) -> Result<Response, PageError> {
    let Some(current) = visit.current().await? else { return Ok(to_login(visit)) };
    let question = question(&visit.cx, visit.param("flow"), &visit.browser, &current).await?;
    Ok(visit.remembered(page(visit, &question, &current)))
}

fn page(visit: &Visit, question: &Question, current: &Current) -> Page {
    let scopes: Vec<ScopeLine<'_>> = question
        .scopes
        .iter()
        .map(|(scope, description)| ScopeLine {
            name: scope.as_str(),
            description: description.as_deref().unwrap_or_default(),
        })
        .collect();
    let form_target = FormTarget::of(&question.redirect_uri);
    let page = Consent {
        flow: &question.flow,
        csrf: &visit.form_token(),
        client_name: &question.client_name,
        username: current.user.username.as_str(),
        scopes: &scopes,
        redirect_host: host(&question.redirect_uri),
        form_target: form_target.as_ref(),
    };
    page.render(&visit.server.pages, visit.language(Some(&question.ui_locales.join(" "))))
}

/// `https://host:port/path` is shown as `host:port`, a private-use URI as its scheme.
fn host(redirect_uri: &str) -> &str {
    match redirect_uri.split_once("://") {
        Some((_, rest)) => rest.split(['/', '?']).next().unwrap_or(rest),
        None => redirect_uri.split(':').next().unwrap_or(redirect_uri),
    }
}

async fn decide(visit: &Visit) -> Result<Response, PageError> {
    visit.require_our_form().await?;
    let decision = match visit.param("decision") {
        "allow" => Decision::Allow,
        "deny" => Decision::Deny,
        _ => return Err(PageError::BadRequest),
    };
    let Some(current) = visit.current().await? else { return Ok(to_login(visit)) };
    let next = answer(&visit.cx, visit.param("flow"), &visit.browser, &current, decision).await?;
    Ok(go_on(visit, next))
}

/// The flow goes along, encoded, whatever somebody sent as one.
fn to_login(visit: &Visit) -> Response {
    see_other(&format!("{LOGIN_PATH}?flow={}", utf8_percent_encode(visit.param("flow"), NON_ALPHANUMERIC)))
}
