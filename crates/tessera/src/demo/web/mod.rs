//! The sample application: a server-side web application that logs people in with the issuer and calls an API for them.
//!
//! The browser holds one `HttpOnly` cookie with a random session id. Tokens stay here, on the server; no page needs a script.
//!
//! | path | what happens | file |
//! |---|---|---|
//! | `GET /` | who is logged in, and with which tokens | `page` |
//! | `GET /login`, `GET /callback` | off to the issuer, and back | `login` |
//! | `POST /call-api`, `/refresh`, `/revoke` | what can be done with tokens | `tokens` |
//! | `POST /logout`, `GET /logged-out` | out, here and at the issuer | `logout` |

mod guard;
mod login;
mod logout;
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

use self::session::Sessions;
use super::ports::Sites;
use super::relying_party::RelyingParty;

/// What every page of the application stands on.
struct Web {
    sites: Sites,
    relying_party: RelyingParty,
    sessions: Sessions,
}

/// Every page.
pub(super) fn router(sites: &Sites, relying_party: RelyingParty) -> Router {
    let sessions = Sessions::new(&sites.web);
    let web = Arc::new(Web { sites: sites.clone(), relying_party, sessions });
    Router::new()
        .route("/", get(start))
        .route("/login", get(login::go))
        .route("/callback", get(login::back))
        .route("/call-api", post(tokens::call_api))
        .route("/refresh", post(tokens::refresh))
        .route("/revoke", post(tokens::revoke))
        .route("/logout", post(logout::go))
        .route("/logged-out", get(logout::back))
        .route("/style.css", get(style))
        .layer(from_fn_with_state(Arc::clone(&web), guard::guard))
        .with_state(web)
}

/// The one page there is, for somebody who is logged in or not.
async fn start(State(web): State<Arc<Web>>, headers: HeaderMap) -> Html<String> {
    let session = web.sessions.id(&headers).and_then(|id| web.sessions.look(&id));
    Html(page::start(&session.unwrap_or_default(), &web.sites))
}

async fn style() -> impl IntoResponse {
    let headers = [(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "max-age=300")];
    (headers, include_str!("style.css"))
}

/// Back to the start page; whatever there is to say waits in the session. 303, so that reloading repeats nothing.
fn to_start() -> Response {
    Redirect::to("/").into_response()
}

/// A page that only says what went wrong, for a browser without a session to keep it in.
fn failure(status: StatusCode, reason: &str) -> Response {
    (status, Html(page::failure(reason))).into_response()
}
