//! The OAuth endpoints from outside: over real HTTP, with a clock that the test sets, and on both databases where that matters.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod audit_budget;
mod authorize;
mod client_auth;
mod code;
mod code_bindings;
mod corpus;
mod family;
mod foreign_client;
mod forwarded;
mod gate;
mod habits;
mod http;
mod id_token_hint;
mod interaction;
mod j_corpus;
mod machine;
mod metadata;
mod newer_version;
mod offline;
mod overload;
mod pkce;
mod program_request;
mod prompt;
mod races;
mod redirect;
mod refresh;
mod registered;
mod retry;
mod revocation;
mod scopes;
mod targets;
mod token_types;
mod tokens;
mod userinfo;
mod wire;

use tessera_testkit::browser::{Answer, Browser, query};
use tessera_testkit::server::{PASSWORD, TestClient, TestServer};

/// The answer to an invalid code or token, whatever the reason is.
const INVALID_GRANT: &str = r#"{"error":"invalid_grant","error_description":"the code or token is unknown, expired, used up or revoked, or another client's"}"#;

/// Sends an authorization request with a new browser.
async fn ask(server: &TestServer, client: &TestClient, more: &[(&str, &str)]) -> Answer {
    server.browser().visit(&server.authorize_path(client, "openid orders.read", more)).await
}

/// The error in the query of the redirect URI. Checks the state and the issuer there.
fn error_in(server: &TestServer, answer: &Answer, state: Option<&str>) -> String {
    let location = answer.location().unwrap_or_else(|| panic!("{} {}", answer.status, answer.body));
    assert_eq!(answer.status, 303);
    assert_eq!(query(location, "state").as_deref(), state, "{location}");
    assert_eq!(query(location, "iss").as_deref(), Some(&*server.issuer), "{location}");
    assert_eq!(query(location, "code"), None, "{location}");
    query(location, "error").unwrap_or_else(|| panic!("no error in {location}"))
}

/// Asserts that the answer is an error page, and nothing goes to the client.
fn assert_page(answer: &Answer) {
    assert_eq!((answer.status, answer.location()), (400, None), "{}", answer.body);
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert!(!answer.body.contains("http-equiv"), "{}", answer.body);
}

/// Whether the browser is sent to the login page.
fn is_login(answer: &Answer) -> bool {
    answer.location().is_some_and(|location| location.starts_with("/login?flow="))
}

/// Whether the browser is sent to the consent page.
fn is_consent(answer: &Answer) -> bool {
    answer.location().is_some_and(|location| location.starts_with("/consent?flow="))
}

/// Whether the client gets a code.
fn has_code(answer: &Answer) -> bool {
    answer
        .location()
        .is_some_and(|location| location.starts_with("https://") && query(location, "code").is_some())
}

/// Fills in the login page that the browser was sent to.
async fn log_in(browser: &mut Browser, redirect: &Answer, username: &str) -> Answer {
    let location = redirect.location().unwrap_or_else(|| panic!("{} {}", redirect.status, redirect.body));
    let page = browser.visit(location).await;
    let (csrf, flow) = (page.hidden("csrf"), page.hidden("flow"));
    let fields = [("csrf", &*csrf), ("flow", &*flow), ("username", username), ("password", PASSWORD)];
    browser.submit("/login", &fields).await
}

/// Answers the consent page that the browser was sent to.
async fn decide(browser: &mut Browser, redirect: &Answer, decision: &str) -> Answer {
    let location = redirect.location().unwrap_or_else(|| panic!("{} {}", redirect.status, redirect.body));
    let page = browser.visit(location).await;
    let (csrf, flow) = (page.hidden("csrf"), page.hidden("flow"));
    browser.submit("/consent", &[("csrf", &csrf), ("flow", &flow), ("decision", decision)]).await
}
