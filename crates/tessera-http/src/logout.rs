//! `GET|POST /logout`: the person confirms, then the session ends (OpenID Connect RP-Initiated Logout 1.0, attack O65).
//!
//! A POST without our form's token is what an application sends. It goes on as a GET: a person whose browser leaves the
//! session cookie out of it would look like nobody.

use axum::response::{IntoResponse as _, Response};
use http::header::SET_COOKIE;
use tessera_app::oauth::logout::{Agreed, Return, end_hinted, needs_no_question, return_to};
use tessera_app::{Actor, sessions};
use tessera_model::{Session, User};
use tessera_oauth::logout::EndSessionRequest;

use crate::cookies::Cookie;
use crate::headers::FormLeads;
use crate::pages::{Back, LOGOUT_PATH, Language, LoggedOut, Logout, LogoutWay, SessionWas};
use crate::request::see_other;
use crate::visit::{Form, PageError, Visit};

/// What the form carries from the first request to the confirmed one.
const CARRIED: [&str; 5] = ["id_token_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales"];
/// Most session cookies of one request that are looked at. There should be one.
const MAX_COOKIES: usize = 4;

pub(crate) async fn get(visit: Visit) -> Response {
    visit.answer(ask(&visit, Form::Ours).await)
}

pub(crate) async fn post(visit: Visit) -> Response {
    if visit.params.contains("csrf") {
        return visit.answer(end(&visit).await);
    }
    visit.answer(visit.again_as_get(LOGOUT_PATH).ok_or(PageError::BadRequest))
}

async fn ask(visit: &Visit, form: Form) -> Result<Response, PageError> {
    let request = request(visit);
    let sessions = not_ended(visit).await?;
    let Some((session, person)) = sessions.first() else { return leave_as_nobody(visit, &request).await };
    let sent = |name: &str| visit.params.get(name).map(|value| (name.to_owned(), value.to_owned()));
    let carry: Vec<(String, String)> = CARRIED.into_iter().filter_map(sent).collect();
    let back = return_to(&visit.cx, &request, Agreed::ByThePerson).await;
    let way = match form {
        Form::OutOfDate => LogoutWay::AskAgain,
        Form::Ours if needs_no_question(&visit.cx, &request, session.id).await => LogoutWay::AtOnce,
        Form::Ours => LogoutWay::Ask,
    };
    let page = Logout {
        csrf: &visit.form_token(),
        username: person.username.as_str(),
        carry: &carry,
        form: if back.is_some() { FormLeads::ToAnApplication } else { FormLeads::ToUs },
        way,
    };
    Ok(visit.remembered(page.render(&visit.server.pages, language(visit))))
}

/// This browser shows no session. Whether the person has one elsewhere is unknown, and not said.
async fn leave_as_nobody(visit: &Visit, request: &EndSessionRequest) -> Result<Response, PageError> {
    // An application's server has no cookies at all.
    let ended = !visit.has_cookie(Cookie::Session) && end_hinted(&visit.cx, request).await?;
    let was = if ended { SessionWas::Ended } else { SessionWas::NotHere };
    if let Some(back) = return_to(&visit.cx, request, Agreed::NotYet).await {
        return Ok(see_other(&back.uri));
    }
    Ok(goodbye(visit, was, return_to(&visit.cx, request, Agreed::ByThePerson).await.as_ref()))
}

async fn end(visit: &Visit) -> Result<Response, PageError> {
    let form = visit.form().await?;
    if form == Form::OutOfDate {
        visit.form_was_foreign().await?;
        return ask(visit, form).await;
    }
    let sessions = not_ended(visit).await?;
    for (session, person) in &sessions {
        sessions::end(&visit.cx.clone().acting_as(Actor::User(person.id)), session).await?;
    }
    let was = if sessions.is_empty() { SessionWas::NotHere } else { SessionWas::Ended };
    let mut response = match return_to(&visit.cx, &request(visit), Agreed::ByThePerson).await {
        Some(back) => see_other(&back.uri),
        None => goodbye(visit, was, None),
    };
    response.headers_mut().append(SET_COOKIE, visit.server.cookies.clear(Cookie::Session));
    Ok(response)
}

/// The sessions behind the cookies. A browser that sends several has all of them ended: one of them would else stay, and it would
/// not be true that the person is logged out.
async fn not_ended(visit: &Visit) -> Result<Vec<(Session, User)>, PageError> {
    let mut found = Vec::new();
    for cookie in visit.cookies(Cookie::Session).take(MAX_COOKIES) {
        found.extend(sessions::not_ended(&visit.cx, Some(cookie)).await?);
    }
    Ok(found)
}

fn goodbye(visit: &Visit, session: SessionWas, back: Option<&Return>) -> Response {
    let back = back.map(|back| Back { uri: &back.uri, client_name: &back.client_name });
    LoggedOut { session, back }.render(&visit.server.pages, language(visit)).into_response()
}

/// What the application asks; what cannot be read asks for nothing.
fn request(visit: &Visit) -> EndSessionRequest {
    EndSessionRequest::parse(&visit.params).unwrap_or_default()
}

fn language(visit: &Visit) -> Language {
    visit.language(visit.params.get("ui_locales"))
}
