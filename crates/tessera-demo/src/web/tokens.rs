//! The buttons: what an application does with the tokens of a person who is logged in.
//!
//! Each is a POST that ends at the start page. If nobody is logged in, nothing happens.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use tessera_openid_client::{ApiResponse, LoggedIn};

use super::response::to_start;
use super::session::Notice;
use super::state::Web;

/// `POST /call-api`: asks the API for orders, and shows what it answers.
pub(super) async fn call_api(State(web): State<Arc<Web>>, headers: HeaderMap) -> Response {
    let Some((id, login)) = logged_in(&web, &headers) else { return to_start() };
    let answer = web.relying_party.call_api(&web.sites.orders(), &login.tokens.access_token).await;
    web.sessions.with(&id, |session| match answer {
        Ok(answer) => session.api_result = Some(for_page(&answer)),
        Err(error) => session.notice = Some(Notice::Error(error.to_string())),
    });
    to_start()
}

/// `POST /refresh`: trades the refresh token for a new set.
pub(super) async fn refresh(State(web): State<Arc<Web>>, headers: HeaderMap) -> Response {
    let Some((id, login)) = logged_in(&web, &headers) else { return to_start() };
    let Some(refresh_token) = login.tokens.refresh_token else { return to_start() };
    let answer = web.relying_party.refresh(&login.subject, &refresh_token, web.host.now()).await;
    web.sessions.with(&id, |session| match answer {
        Ok(tokens) => {
            session.notice = Some(Notice::Done("Refreshed. The old refresh token is used up."));
            session.api_result = None;
            if let Some(login) = &mut session.login {
                login.tokens = tokens;
            }
        }
        Err(error) => session.notice = Some(Notice::Error(error.to_string())),
    });
    to_start()
}

/// `POST /revoke`: revokes the grant. The tokens stay on the page, to be tried.
pub(super) async fn revoke(State(web): State<Arc<Web>>, headers: HeaderMap) -> Response {
    let Some((id, login)) = logged_in(&web, &headers) else { return to_start() };
    let Some(refresh_token) = login.tokens.refresh_token else { return to_start() };
    let answer = web.relying_party.revoke(&refresh_token).await;
    web.sessions.with(&id, |session| match answer {
        Ok(()) => {
            session.api_result = None;
            session.notice =
                Some(Notice::Done("Revoked. The API refuses the access token within a second: try it."));
        }
        Err(error) => session.notice = Some(Notice::Error(error.to_string())),
    });
    to_start()
}

/// The id of the browser's session, and who is logged in there.
fn logged_in(web: &Web, headers: &HeaderMap) -> Option<(String, LoggedIn)> {
    let id = web.sessions.id(headers)?;
    let login = web.sessions.with(&id, |session| session.login.clone()).flatten()?;
    Some((id, login))
}

/// The answer as the page shows it.
fn for_page(answer: &ApiResponse) -> String {
    let status =
        StatusCode::from_u16(answer.status).map_or(answer.status.to_string(), |status| status.to_string());
    let challenge =
        answer.challenge.as_ref().map(|text| format!("\nWWW-Authenticate: {text}")).unwrap_or_default();
    let body = serde_json::from_str::<serde_json::Value>(&answer.body)
        .and_then(|json| serde_json::to_string_pretty(&json))
        .map(|json| format!("\n\n{json}"))
        .unwrap_or_default();
    format!("{status}{challenge}{body}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_shows_status_challenge_and_json() {
        let good = ApiResponse { status: 200, challenge: None, body: r#"{"orders":[]}"#.to_owned() };
        assert_eq!(for_page(&good), "200 OK\n\n{\n  \"orders\": []\n}");
        let challenge = Some("Bearer error=\"invalid_token\"".to_owned());
        let bad = ApiResponse { status: 401, challenge, body: String::new() };
        assert_eq!(for_page(&bad), "401 Unauthorized\nWWW-Authenticate: Bearer error=\"invalid_token\"");
    }
}
