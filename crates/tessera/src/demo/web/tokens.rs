//! The buttons: what an application can do with the tokens of somebody who is logged in.
//!
//! Each is a POST that ends at the start page. Nobody logged in: nothing happens.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::session::{Notice, Session};
use super::{Web, to_start};
use crate::demo::relying_party::{ApiAnswer, LoggedIn};

/// `POST /call-api`: asks the API for orders, and shows what it answers.
pub(super) async fn call_api(State(web): State<Arc<Web>>, headers: HeaderMap) -> Response {
    let Some((id, login)) = somebody(&web, &headers) else { return to_start() };
    let url = format!("{}/orders", web.sites.api);
    let answer = web.relying_party.call_api(&url, &login.tokens.access_token).await;
    web.sessions.with(&id, |session| match answer {
        Ok(answer) => session.api_result = Some(shown(&answer)),
        Err(error) => complain(session, &error.to_string()),
    });
    to_start()
}

/// `POST /refresh`: trades the refresh token for a new set.
pub(super) async fn refresh(State(web): State<Arc<Web>>, headers: HeaderMap) -> Response {
    let Some((id, login)) = somebody(&web, &headers) else { return to_start() };
    let Some(refresh_token) = login.tokens.refresh_token else { return to_start() };
    let answer = web.relying_party.refresh(&login.subject, &refresh_token).await;
    web.sessions.with(&id, |session| match answer {
        Ok(tokens) => {
            session.notice = Some(Notice::Done("Refreshed. The old refresh token is used up."));
            session.api_result = None;
            if let Some(login) = &mut session.login {
                login.tokens = tokens;
            }
        }
        Err(error) => complain(session, &error.to_string()),
    });
    to_start()
}

/// `POST /revoke`: takes back what was granted. The tokens stay on the page, to be tried.
pub(super) async fn revoke(State(web): State<Arc<Web>>, headers: HeaderMap) -> Response {
    let Some((id, login)) = somebody(&web, &headers) else { return to_start() };
    let Some(refresh_token) = login.tokens.refresh_token else { return to_start() };
    let answer = web.relying_party.revoke(&refresh_token).await;
    web.sessions.with(&id, |session| match answer {
        Ok(()) => {
            session.api_result = None;
            session.notice =
                Some(Notice::Done("Revoked. The API refuses the access token within a second: try it."));
        }
        Err(error) => complain(session, &error.to_string()),
    });
    to_start()
}

/// Who asks, and the session they ask in.
fn somebody(web: &Web, headers: &HeaderMap) -> Option<(String, LoggedIn)> {
    let id = web.sessions.id(headers)?;
    let login = web.sessions.with(&id, |session| session.login.clone()).flatten()?;
    Some((id, login))
}

fn complain(session: &mut Session, reason: &str) {
    session.notice = Some(Notice::Error(reason.to_owned()));
}

fn shown(answer: &ApiAnswer) -> String {
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
        let good = ApiAnswer { status: 200, challenge: None, body: r#"{"orders":[]}"#.to_owned() };
        assert_eq!(shown(&good), "200 OK\n\n{\n  \"orders\": []\n}");
        let challenge = Some("Bearer error=\"invalid_token\"".to_owned());
        let bad = ApiAnswer { status: 401, challenge, body: String::new() };
        assert_eq!(shown(&bad), "401 Unauthorized\nWWW-Authenticate: Bearer error=\"invalid_token\"");
    }
}
