//! Which handler answers which request.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::middleware::from_fn_with_state;
use axum::response::{Html, IntoResponse};
use axum::routing::{get, post};
use tessera_openid_client::RelyingParty;

use super::session::Sessions;
use super::state::Web;
use super::{login, logout, middleware, page, tokens};
use crate::host::Host;
use crate::ports::Sites;

/// Makes the routes of the sample application.
pub(crate) fn router(sites: &Sites, relying_party: RelyingParty, host: Arc<Host>) -> Router {
    let sessions = Sessions::new(sites.web_port());
    let web = Arc::new(Web { host, sites: sites.clone(), relying_party, sessions });
    Router::new()
        .route("/", get(start))
        .route("/login", get(login::start))
        .route("/callback", get(login::callback))
        .route("/call-api", post(tokens::call_api))
        .route("/refresh", post(tokens::refresh))
        .route("/revoke", post(tokens::revoke))
        .route("/logout", post(logout::start))
        .route("/logged-out", get(logout::callback))
        .route("/style.css", get(style))
        .layer(from_fn_with_state(Arc::clone(&web), middleware::protect))
        .with_state(web)
}

/// `GET /`: the only page, for people who are logged in and for those who are not.
async fn start(State(web): State<Arc<Web>>, headers: HeaderMap) -> Html<String> {
    let session = web.sessions.id(&headers).and_then(|id| web.sessions.view(&id));
    Html(page::start(&session.unwrap_or_default(), &web.sites))
}

async fn style() -> impl IntoResponse {
    let headers = [(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "max-age=300")];
    (headers, include_str!("style.css"))
}
