//! The sample application: a server-side web application that logs people in with the issuer and calls an API for them.
//!
//! The browser holds one `HttpOnly` cookie with a random session id. Tokens stay here, on the server; no page needs a script.
//!
//! | path | what happens | file |
//! |---|---|---|
//! | `GET /` | who is logged in, and with which tokens | `page` |
//! | `GET /login`, `GET /callback` | to the issuer and back | `login` |
//! | `POST /call-api`, `/refresh`, `/revoke` | what an application does with tokens | `tokens` |
//! | `POST /logout`, `GET /logged-out` | logout, here and at the issuer | `logout` |

mod login;
mod logout;
mod middleware;
mod page;
mod session;
mod tokens;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use tessera_openid_client::RelyingParty;

use self::session::Sessions;
use crate::host::Host;
use crate::ports::Sites;

/// What every handler of the application needs.
struct Web {
    host: Arc<Host>,
    sites: Sites,
    relying_party: RelyingParty,
    sessions: Sessions,
}

/// Every page.
pub(crate) fn router(sites: &Sites, relying_party: RelyingParty, host: Arc<Host>) -> Router {
    let sessions = Sessions::new(&sites.web);
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

/// Redirects to the start page, which shows the notice in the session. 303: reloading the page repeats nothing.
fn to_start() -> Response {
    Redirect::to("/").into_response()
}

/// A page that says what went wrong, for a browser without a session.
fn failure(status: StatusCode, reason: &str) -> Response {
    (status, Html(page::failure(reason))).into_response()
}
