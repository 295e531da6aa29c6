//! `POST /logout` and `GET /logged-out`: logout here, then at the issuer, which asks the person and sends the browser back.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse as _, Redirect, Response};
use tessera_openid_client::Params;

use super::login::keep_in_new_session;
use super::response::to_start;
use super::session::{Notice, Session};
use super::state::Web;

/// Forgets the tokens, revokes the grant, and sends the browser to the issuer to end its session there.
pub(super) async fn start(State(web): State<Arc<Web>>, headers: HeaderMap) -> Response {
    let ended = web.sessions.id(&headers).and_then(|id| web.sessions.end(&id));
    let Some(login) = ended.and_then(|session| session.login) else { return to_start() };
    // A grant with `offline_access` outlives the logout, so it is revoked. If that fails, the logout goes on.
    if let Some(refresh_token) = &login.tokens.refresh_token {
        drop(web.relying_party.revoke(refresh_token).await);
    }
    let state = web.host.random_id();
    let back = format!("{}/logged-out", web.sites.web);
    let Ok(url) = web.relying_party.logout_url(&login.id_token, &back, &state) else { return to_start() };
    let mut response = Redirect::to(&url).into_response();
    keep_in_new_session(&web, &mut response, Session::logging_out(state));
    response
}

/// Says that the issuer's session has ended too, if this browser began the logout.
pub(super) async fn callback(State(web): State<Arc<Web>>, headers: HeaderMap, uri: Uri) -> Response {
    let answer = Params::parse(uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
    let id = web.sessions.id(&headers).unwrap_or_default();
    web.sessions.with(&id, |session| {
        if session.take_logout(&answer) {
            session.notice = Some(Notice::Done("You are logged out, here and at the issuer."));
        }
    });
    to_start()
}
