//! Login, consent, logout and sessions from outside, the operator's endpoints, and failures of parts.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on must stop at once and say why"
)]

mod consent;
mod fobs;
mod forms;
mod login;
mod logout;
mod lost_commits;
mod operations;
mod outage;
mod passkeys;
mod rate_limit;
mod recovery_codes;
mod secrets;
mod sessions;
mod steps;
mod tabs;
mod throttle;
mod timing;
mod together;
mod totp;
mod unwritable_audit;
mod ways;

use tessera_testkit::browser::{Answer, Browser};
use tessera_testkit::server::{TestClient, TestServer};

/// Scopes of an ordinary login.
const SCOPE: &str = "openid profile orders.read";

/// The login page that an authorization request sends a browser to.
async fn login_page(server: &TestServer, browser: &mut Browser, client: &TestClient) -> String {
    location(&browser.visit(&server.authorize_path(client, SCOPE, &[])).await)
}

/// Fills in the login page at `location`.
async fn submit_login(browser: &mut Browser, location: &str, username: &str, password: &str) -> Answer {
    // If a person is logged in already, the page asks for another login.
    let location = if location == "/login" { "/login?account=other" } else { location };
    let page = browser.visit(location).await;
    let csrf = page.hidden("csrf");
    let mut fields = vec![("csrf", csrf.as_str()), ("username", username), ("password", password)];
    let flow = page.body.contains("name=\"flow\"").then(|| page.hidden("flow"));
    fields.extend(flow.as_deref().map(|flow| ("flow", flow)));
    browser.submit("/login", &fields).await
}

/// Answers the consent page at `location`.
async fn submit_consent(browser: &mut Browser, location: &str, decision: &str) -> Answer {
    let page = browser.visit(location).await;
    let (csrf, flow) = (page.hidden("csrf"), page.hidden("flow"));
    browser.submit("/consent", &[("csrf", &csrf), ("flow", &flow), ("decision", decision)]).await
}

/// The claims of a token, unverified.
fn claims(token: &str) -> serde_json::Value {
    let payload = tessera_jose::base64url::decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&payload).unwrap()
}

fn location(answer: &Answer) -> String {
    let found = answer.location();
    found.unwrap_or_else(|| panic!("no redirect: {} {}", answer.status, answer.body)).to_owned()
}
