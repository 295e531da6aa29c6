//! `GET|POST /logout`: the person confirms, then the session ends (OpenID Connect RP-Initiated Logout 1.0, attack O65).
//!
//! A POST without our form's token is what an application sends. It goes on as a GET: a person whose browser leaves the
//! session cookie out of it would look like nobody.

use axum::response::{IntoResponse as _, Response};
use http::header::SET_COOKIE;
use tessera_app::oauth::logout::return_uri;
use tessera_app::{Actor, sessions};
use tessera_oauth::logout::EndSessionRequest;

use crate::cookies::Cookie;
use crate::headers::FormTarget;
use crate::pages::{LOGOUT_PATH, Language, LoggedOut, Logout};
use crate::request::see_other;
use crate::visit::{PageError, Visit};

/// What the form carries from the first request to the confirmed one.
const CARRIED: [&str; 5] = ["id_token_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales"];

pub(crate) async fn get(visit: Visit) -> Response {
    visit.answer(ask(&visit).await)
}

pub(crate) async fn post(visit: Visit) -> Response {
    if visit.params.contains("csrf") {
        return visit.answer(end(&visit).await);
    }
    visit.answer(visit.again_as_get(LOGOUT_PATH).ok_or(PageError::BadRequest))
}

async fn ask(visit: &Visit) -> Result<Response, PageError> {
    let cookie = visit.cookie(Cookie::Session);
    let Some((_, person)) = sessions::not_ended(&visit.cx, cookie).await? else { return Ok(leave(visit)) };
    let sent = |name: &str| visit.params.get(name).map(|value| (name.to_owned(), value.to_owned()));
    let carry: Vec<(String, String)> = CARRIED.into_iter().filter_map(sent).collect();
    let form_target = visit.params.get("post_logout_redirect_uri").and_then(FormTarget::of);
    let page = Logout {
        csrf: &visit.form_token(),
        username: Some(person.username.as_str()),
        carry: &carry,
        form_target: form_target.as_ref(),
    };
    Ok(visit.remembered(page.render(&visit.server.pages, language(visit))))
}

async fn end(visit: &Visit) -> Result<Response, PageError> {
    visit.require_our_form().await?;
    if let Some((session, person)) = sessions::not_ended(&visit.cx, visit.cookie(Cookie::Session)).await? {
        sessions::end(&visit.cx.clone().acting_as(Actor::User(person.id)), &session).await?;
    }
    let mut response = leave(visit);
    response.headers_mut().append(SET_COOKIE, visit.server.cookies.clear(Cookie::Session));
    Ok(response)
}

/// Nobody is logged in here any more: back to the application if it may be, else a page that says so.
fn leave(visit: &Visit) -> Response {
    let request = EndSessionRequest::parse(&visit.params).ok();
    match request.and_then(|request| return_uri(&visit.cx, &request)) {
        Some(uri) => see_other(&uri),
        None => LoggedOut.render(&visit.server.pages, language(visit)).into_response(),
    }
}

fn language(visit: &Visit) -> Language {
    visit.language(visit.params.get("ui_locales"))
}
