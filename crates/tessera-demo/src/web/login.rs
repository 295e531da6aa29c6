//! `GET /login` and `GET /callback`: to the issuer, and back with a code.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Redirect, Response};
use tessera_openid_client::{ClientError, Params, PendingLogin};

use super::response::{failure, to_start};
use super::session::{Notice, Session};
use super::state::Web;

/// Begins a login: remembers it in the browser's session, and sends the browser to the issuer.
pub(super) async fn start(State(web): State<Arc<Web>>, headers: HeaderMap) -> Response {
    let request = web.relying_party.begin(|bytes| web.host.entropy.fill(bytes));
    let mut response = Redirect::to(&request.url).into_response();
    let pending = request.pending;
    let known = web.sessions.id(&headers);
    if known.and_then(|id| web.sessions.with(&id, |session| session.remember(pending.clone()))).is_none() {
        let mut session = Session::default();
        session.remember(pending);
        keep_in_new_session(&web, &mut response, session);
    }
    response
}

/// Takes the issuer's answer. It counts only in the browser that began the login.
pub(super) async fn callback(State(web): State<Arc<Web>>, headers: HeaderMap, uri: Uri) -> Response {
    let Ok(answer) = Params::parse(uri.query().unwrap_or_default().as_bytes()) else {
        return failure(StatusCode::BAD_REQUEST, "This address cannot be read.");
    };
    let id = web.sessions.id(&headers).unwrap_or_default();
    let Some(pending) = web.sessions.with(&id, |session| session.take_pending(&answer)).flatten() else {
        return failure(
            StatusCode::BAD_REQUEST,
            "This login did not begin in this browser, or is over already.",
        );
    };
    let mut response = to_start();
    match finish(&web, &pending, &answer).await {
        Ok(session) => {
            // A new id: who knew the old one before the login is locked out (session fixation).
            web.sessions.end(&id);
            keep_in_new_session(&web, &mut response, session);
        }
        Err(error) => {
            web.sessions.with(&id, |session| session.notice = Some(Notice::Error(error.to_string())));
        }
    }
    response
}

/// The session of the person whom this answer logs in.
async fn finish(web: &Web, pending: &PendingLogin, answer: &Params) -> Result<Session, ClientError> {
    let login = web.relying_party.finish(pending, answer, web.host.now()).await?;
    let person = web.relying_party.userinfo(&login).await?;
    Ok(Session::logged_in(login, person))
}

/// Keeps this session under a new random id, and tells the browser that id.
pub(super) fn keep_in_new_session(web: &Web, response: &mut Response, session: Session) {
    let id = web.host.random_id();
    response.headers_mut().extend(web.sessions.cookie(&id).map(|cookie| (SET_COOKIE, cookie)));
    web.sessions.begin(id, session);
}
