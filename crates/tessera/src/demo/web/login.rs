//! `GET /login` and `GET /callback`: off to the issuer, and back with a code.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Redirect, Response};
use tessera_oauth::params::Params;

use super::session::{Notice, Session};
use super::{Web, failure, to_start};
use crate::demo::relying_party::{ClientError, Pending};

/// Remembers in the browser's session what is sent, and sends the browser to the issuer.
pub(super) async fn go(State(web): State<Arc<Web>>, headers: HeaderMap) -> Response {
    let departure = web.relying_party.begin();
    let mut response = Redirect::to(&departure.url).into_response();
    let pending = departure.pending;
    let known = web.sessions.id(&headers);
    if known.and_then(|id| web.sessions.with(&id, |session| session.remember(pending.clone()))).is_none() {
        let mut session = Session::default();
        session.remember(pending);
        keep_in_new_session(&web, &mut response, session);
    }
    response
}

/// Takes the issuer's answer. It only counts in the browser that asked for it.
pub(super) async fn back(State(web): State<Arc<Web>>, headers: HeaderMap, uri: Uri) -> Response {
    let Ok(answer) = Params::parse(uri.query().unwrap_or_default().as_bytes()) else {
        return failure(StatusCode::BAD_REQUEST, "This address cannot be read.");
    };
    let id = web.sessions.id(&headers).unwrap_or_default();
    let Some(pending) = web.sessions.with(&id, |session| session.answered(&answer)).flatten() else {
        return failure(
            StatusCode::BAD_REQUEST,
            "This login did not begin in this browser, or is over already.",
        );
    };
    let mut response = to_start();
    match arrive(&web, &pending, &answer).await {
        Ok(session) => {
            // A new id: whoever knew the old one, before the login, is out (session fixation).
            web.sessions.end(&id);
            keep_in_new_session(&web, &mut response, session);
        }
        Err(error) => {
            web.sessions.with(&id, |session| session.notice = Some(Notice::Error(error.to_string())));
        }
    }
    response
}

/// The session of the person who comes with this answer.
async fn arrive(web: &Web, pending: &Pending, answer: &Params) -> Result<Session, ClientError> {
    let login = web.relying_party.finish(pending, answer).await?;
    let person = web.relying_party.user_info(&login).await?;
    Ok(Session::of(login, person))
}

/// Keeps this session under a new random id, and tells the browser that id.
pub(super) fn keep_in_new_session(web: &Web, response: &mut Response, session: Session) {
    let id = web.relying_party.random();
    response.headers_mut().extend(web.sessions.cookie(&id).map(|cookie| (SET_COOKIE, cookie)));
    web.sessions.begin(id, session);
}
