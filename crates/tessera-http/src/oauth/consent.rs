//! `GET|POST /consent`: the person decides what a client may (OIDC core section 3.1.2.4).

use axum::response::Response;
use tessera_app::oauth::consent::{Asked, Decision, Question, answer, question};
use tessera_app::sessions::Current;

use super::authorize::{go_on, to_login};
use crate::pages::{Consent, Page, ScopeLine};
use crate::visit::{Form, PageError, Visit};

pub(crate) async fn get(visit: Visit) -> Response {
    visit.answer(ask(&visit, Form::Ours).await)
}

pub(crate) async fn post(visit: Visit) -> Response {
    visit.answer(decide(&visit).await)
}

/// Asks, again where the answer came from a page that was out of date.
async fn ask(visit: &Visit, form: Form) -> Result<Response, PageError> {
    let Some(current) = visit.current().await? else { return Ok(to_login(visit)) };
    Ok(match question(&visit.cx, visit.param("flow"), &visit.browser, &current).await? {
        Asked::Question(question) => visit.remembered(page(visit, &question, &current, form)),
        Asked::Onward(next) => visit.remembered(go_on(visit, next)),
    })
}

fn page(visit: &Visit, question: &Question, current: &Current, form: Form) -> Page {
    let scopes: Vec<ScopeLine<'_>> = question
        .scopes
        .iter()
        .map(|(scope, description)| ScopeLine {
            name: scope.as_str(),
            description: description.as_deref().unwrap_or_default(),
        })
        .collect();
    let page = Consent {
        flow: &question.flow,
        csrf: &visit.form_token(),
        client_name: &question.client_name,
        username: current.user.username.as_str(),
        scopes: &scopes,
        redirect_host: host(&question.redirect_uri),
        out_of_date: form == Form::OutOfDate,
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
    let form = visit.form().await?;
    if form == Form::OutOfDate {
        visit.form_was_foreign().await?;
        return ask(visit, form).await;
    }
    let decision = match visit.param("decision") {
        "allow" => Decision::Allow,
        "deny" => Decision::Deny,
        _ => return Err(PageError::BadRequest),
    };
    let Some(current) = visit.current().await? else { return Ok(to_login(visit)) };
    let next = answer(&visit.cx, visit.param("flow"), &visit.browser, &current, decision).await?;
    Ok(go_on(visit, next))
}
