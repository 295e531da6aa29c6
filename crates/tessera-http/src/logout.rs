//! `GET|POST /logout`: the person confirms, then the session ends (OpenID Connect RP-Initiated Logout 1.0).
//!
//! A POST without our form's token comes from an application. It is redirected to a GET, because the browser leaves the session
//! cookie out of a cross-site POST.

use axum::response::{IntoResponse as _, Response};
use http::header::SET_COOKIE;
use tessera_app::oauth::logout::{Agreed, Return, end_hinted, needs_no_question, return_to};
use tessera_app::{Actor, sessions};
use tessera_model::{Session, User};
use tessera_oauth::endpoint::END_SESSION_PATH;
use tessera_oauth::logout::EndSessionRequest;

use crate::cookies::Cookie;
use crate::headers::FormLeads;
use crate::page_request::{Csrf, PageError, PageRequest};
use crate::pages::{Back, LoggedOut, Logout, LogoutWay, SessionWas};
use crate::request::see_other;

/// The parameters of the request that the form carries to the confirmation.
const CARRIED: [&str; 5] = ["id_token_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales"];
/// Most session cookies of one request that are read. Usually there is one.
const MAX_COOKIES: usize = 4;

pub(crate) async fn get(request: PageRequest) -> Response {
    request.answer(ask(&request, Csrf::Valid).await)
}

pub(crate) async fn post(request: PageRequest) -> Response {
    if request.params.contains("csrf") {
        return request.answer(end(&request).await);
    }
    request.answer(request.redirect_as_get(END_SESSION_PATH).ok_or(PageError::BadRequest))
}

async fn ask(request: &PageRequest, csrf: Csrf) -> Result<Response, PageError> {
    let end_session = end_session_request(request);
    let sessions = not_ended(request).await?;
    let Some((session, person)) = sessions.first() else {
        return logout_without_session(request, &end_session).await;
    };
    let sent = |name: &str| request.params.get(name).map(|value| (name.to_owned(), value.to_owned()));
    let carry: Vec<(String, String)> = CARRIED.into_iter().filter_map(sent).collect();
    let back = return_to(&request.cx, &end_session, Agreed::ByThePerson).await;
    let way = match csrf {
        Csrf::OutOfDate => LogoutWay::AskAgain,
        Csrf::Valid if needs_no_question(&request.cx, &end_session, session.id).await => LogoutWay::AtOnce,
        Csrf::Valid => LogoutWay::Ask,
    };
    let page = Logout {
        csrf: &request.form_token(),
        username: person.username.as_str(),
        carry: &carry,
        form: if back.is_some() { FormLeads::ToAnApplication } else { FormLeads::ToUs },
        way,
    };
    Ok(request.with_browser_cookie(page.render(&request.server.pages, request.requested_language())))
}

/// The browser sent no live session. The page does not tell whether the person has a session elsewhere.
async fn logout_without_session(
    request: &PageRequest,
    end_session: &EndSessionRequest,
) -> Result<Response, PageError> {
    // Without a session cookie the request may come from an application's server.
    let ended = !request.has_cookie(Cookie::Session) && end_hinted(&request.cx, end_session).await?;
    let was = if ended { SessionWas::Ended } else { SessionWas::NotHere };
    if let Some(back) = return_to(&request.cx, end_session, Agreed::NotYet).await {
        return Ok(see_other(&back.uri));
    }
    Ok(logged_out_page(request, was, return_to(&request.cx, end_session, Agreed::ByThePerson).await.as_ref()))
}

async fn end(request: &PageRequest) -> Result<Response, PageError> {
    let csrf = request.verify_csrf().await?;
    if csrf == Csrf::OutOfDate {
        return ask(request, csrf).await.map(|page| request.ask_again(page));
    }
    let sessions = not_ended(request).await?;
    for (session, person) in &sessions {
        sessions::end(&request.cx.clone().acting_as(Actor::User(person.id)), session).await?;
    }
    let was = if sessions.is_empty() { SessionWas::NotHere } else { SessionWas::Ended };
    let mut response = match return_to(&request.cx, &end_session_request(request), Agreed::ByThePerson).await
    {
        Some(back) => see_other(&back.uri),
        None => logged_out_page(request, was, None),
    };
    response.headers_mut().append(SET_COOKIE, request.server.cookies.clear(Cookie::Session));
    Ok(response)
}

/// The sessions behind the cookies. If a browser sends several, all of them end. Otherwise the person would not be logged out.
async fn not_ended(request: &PageRequest) -> Result<Vec<(Session, User)>, PageError> {
    let mut found = Vec::new();
    for cookie in request.cookies(Cookie::Session).take(MAX_COOKIES) {
        found.extend(sessions::not_ended(&request.cx, Some(cookie)).await?);
    }
    Ok(found)
}

fn logged_out_page(request: &PageRequest, session: SessionWas, back: Option<&Return>) -> Response {
    let back = back.map(|back| Back { uri: &back.uri, client_name: &back.client_name });
    LoggedOut { session, back }.render(&request.server.pages, request.requested_language()).into_response()
}

/// The request of the application. A malformed one counts as empty.
fn end_session_request(request: &PageRequest) -> EndSessionRequest {
    EndSessionRequest::parse(&request.params).unwrap_or_default()
}
