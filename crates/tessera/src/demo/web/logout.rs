//! `POST /logout` and `GET /logged-out`: out here, then at the issuer, which asks the person, and back.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse as _, Redirect, Response};
use tessera_oauth::params::Params;

use super::login::keep_in_new_session;
use super::session::{Notice, Session};
use super::{Web, to_start};

/// Forgets the tokens and gives back what they stand for, and sends the browser to the issuer to end its session there.
pub(super) async fn go(State(web): State<Arc<Web>>, headers: HeaderMap) -> Response {
    let ended = web.sessions.id(&headers).and_then(|id| web.sessions.end(&id));
    let Some(login) = ended.and_then(|session| session.login) else { return to_start() };
    // What was granted with `offline_access` outlives the logout: it is given back. A failure keeps nobody here.
    if let Some(refresh_token) = &login.tokens.refresh_token {
        drop(web.relying_party.revoke(refresh_token).await);
    }
    let state = web.relying_party.random();
    let back = format!("{}/logged-out", web.sites.web);
    let mut response =
        Redirect::to(&web.relying_party.logout_url(&login.id_token, &back, &state)).into_response();
    keep_in_new_session(&web, &mut response, Session::leaving(state));
    response
}

/// The issuer's session has ended too, if the answer is to a logout that this browser began.
pub(super) async fn back(State(web): State<Arc<Web>>, headers: HeaderMap, uri: Uri) -> Response {
    let answer = Params::parse(uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
    let id = web.sessions.id(&headers).unwrap_or_default();
    web.sessions.with(&id, |session| {
        if session.has_left(&answer) {
            session.notice = Some(Notice::Done("You are logged out, here and at the issuer."));
        }
    });
    to_start()
}
