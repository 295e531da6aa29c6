//! The parameter `prompt`: what the person is asked, and when nothing may be asked (OIDC core section 3.1.2.1).

use rstest::rstest;
use serde_json::Value;
use tessera_model::{ClientKind, EventCode};
use tessera_testkit::browser::{Answer, Browser, query};
use tessera_testkit::relying_party::text;
use tessera_testkit::server::{Backend, TestClient, TestServer};

use crate::{decide, error_in, has_code, is_consent, is_login, log_in};

const STATE: Option<&str> = Some("s t&te");

/// A browser in which a person logged in at this moment.
struct LoggedIn {
    server: TestServer,
    client: TestClient,
    browser: Browser,
}

async fn logged_in(backend: Backend) -> LoggedIn {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let mut browser = server.browser();
    server.authorize(&mut browser, &server.authorize_path(&client, "openid", &[]), "alice").await;
    LoggedIn { server, client, browser }
}

impl LoggedIn {
    async fn ask(&mut self, more: &[(&str, &str)]) -> Answer {
        self.browser.visit(&self.server.authorize_path(&self.client, "openid", more)).await
    }

    /// The ID token for the code of an answer.
    async fn id_token(&self, answer: &Answer) -> Value {
        let code = query(answer.location().unwrap(), "code").expect("a code");
        let tokens = self.server.redeem(&self.client, &code).await.json();
        self.server.verified(text(&tokens, "id_token"), "JWT").await.1
    }
}

#[tokio::test]
async fn o63_prompt_none_without_a_session_is_login_required() {
    let server = TestServer::start(Backend::Sqlite).await;
    let client = server.add_client(ClientKind::Web).await;
    let answer = crate::ask(&server, &client, &[("prompt", "none")]).await;
    assert_eq!(error_in(&server, &answer, STATE), "login_required");
}

#[rstest]
#[tokio::test]
async fn protocol_19_prompt_none_with_a_session_is_silent_and_about_the_same_login(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let mut it = logged_in(backend).await;
    let first = it.ask(&[]).await;
    let first = it.id_token(&first).await;
    it.server.advance(100);
    let second = it.ask(&[("prompt", "none")]).await;
    let second = it.id_token(&second).await;
    assert_eq!((&first["sub"], &first["auth_time"]), (&second["sub"], &second["auth_time"]));
    assert!(second["iat"].as_i64() > first["iat"].as_i64());
}

#[rstest]
#[case::prompt_login("prompt", "login")]
#[case::max_age_1("max_age", "1")]
#[case::max_age_0("max_age", "0")]
#[tokio::test]
async fn protocol_20_21_o63_a_new_login_is_asked_for_and_shows_in_auth_time(
    #[case] name: &str,
    #[case] value: &str,
) {
    let mut it = logged_in(Backend::Sqlite).await;
    let first = it.ask(&[]).await;
    let first = it.id_token(&first).await;
    it.server.advance(2);
    let asked = it.ask(&[(name, value)]).await;
    assert!(is_login(&asked), "{asked:?}");
    it.server.advance(3);
    let answer = log_in(&mut it.browser, &asked, "alice").await;
    let second = it.id_token(&answer).await;
    assert_eq!(first["sub"], second["sub"]);
    assert_eq!(second["auth_time"].as_i64().unwrap(), first["auth_time"].as_i64().unwrap() + 5);
    assert_eq!(second["auth_time"], second["iat"]);
}

#[tokio::test]
async fn o63_max_age_0_asks_even_a_person_who_logged_in_this_second() {
    let mut it = logged_in(Backend::Sqlite).await;
    assert!(is_login(&it.ask(&[("max_age", "0")]).await));
    let answer = it.ask(&[("max_age", "0"), ("prompt", "none")]).await;
    assert_eq!(error_in(&it.server, &answer, STATE), "login_required");
}

#[tokio::test]
async fn o63_prompt_none_with_a_login_too_old_is_login_required() {
    let mut it = logged_in(Backend::Sqlite).await;
    it.server.advance(11);
    let answer = it.ask(&[("max_age", "10"), ("prompt", "none")]).await;
    assert_eq!(error_in(&it.server, &answer, STATE), "login_required");
    assert!(has_code(&it.ask(&[("max_age", "11"), ("prompt", "none")]).await));
}

#[rstest]
#[case::conformance("10000")]
#[case::year("31536000")]
#[case::u64_max("18446744073709551615")]
#[case::leading_zero("0010000")]
#[tokio::test]
async fn protocol_22_a_generous_max_age_is_silent(#[case] max_age: &str) {
    let mut it = logged_in(Backend::Sqlite).await;
    it.server.advance(60);
    let answer = it.ask(&[("max_age", max_age)]).await;
    assert!(it.id_token(&answer).await["auth_time"].is_i64());
}

#[tokio::test]
async fn a_login_that_was_asked_for_cannot_be_skipped_at_the_consent_form() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let client = server.add_client_with(ClientKind::Web, |new| new.require_consent = true).await;
    let mut browser = server.browser();
    let path = server.authorize_path(&client, "openid", &[]);
    server.authorize(&mut browser, &path, "alice").await;
    let asked =
        browser.visit(&server.authorize_path(&client, "openid", &[("prompt", "login consent")])).await;
    assert!(is_login(&asked));
    let straight = asked.location().unwrap().replacen("/login", "/consent", 1);
    assert!(is_login(&browser.visit(&straight).await), "nor at the page before it");
    let csrf = browser.visit(asked.location().unwrap()).await.hidden("csrf");
    let flow = straight.split_once('=').unwrap().1.to_owned();
    let answer = browser.submit("/consent", &[("csrf", &csrf), ("flow", &flow), ("decision", "allow")]).await;
    assert!(is_login(&answer), "{answer:?}");
}

#[rstest]
#[tokio::test]
async fn o63_consent_is_asked_once_and_again_for_more(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let client = server.add_client_with(ClientKind::Web, |new| new.require_consent = true).await;
    let mut browser = server.browser();
    let path = |scope: &str, more: &[(&str, &str)]| server.authorize_path(&client, scope, more);
    let asked = browser.visit(&path("openid orders.read", &[])).await;
    let asked = log_in(&mut browser, &asked, "alice").await;
    assert!(is_consent(&asked), "{asked:?}");
    let silent = browser.visit(&path("openid orders.read", &[("prompt", "none")])).await;
    assert_eq!(error_in(&server, &silent, STATE), "consent_required");
    assert!(has_code(&decide(&mut browser, &asked, "allow").await));
    for within in ["openid orders.read", "orders.read", "openid"] {
        assert!(has_code(&browser.visit(&path(within, &[("prompt", "none")])).await), "{within}");
    }
    let more = browser.visit(&path("openid orders.write", &[])).await;
    assert!(is_consent(&more), "{more:?}");
    assert!(has_code(&decide(&mut browser, &more, "allow").await));
    let both = browser.visit(&path("openid orders.read orders.write", &[("prompt", "none")])).await;
    assert!(has_code(&both), "what was allowed before stays allowed");
    let again = browser.visit(&path("openid", &[("prompt", "consent")])).await;
    assert!(is_consent(&again), "{again:?}");
}

#[tokio::test]
async fn protocol_66_a_person_who_says_no_is_access_denied_and_asked_again_next_time() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let client = server.add_client_with(ClientKind::Web, |new| new.require_consent = true).await;
    let mut browser = server.browser();
    let asked = browser.visit(&server.authorize_path(&client, "openid", &[])).await;
    let asked = log_in(&mut browser, &asked, "alice").await;
    let denied = decide(&mut browser, &asked, "deny").await;
    assert_eq!(error_in(&server, &denied, STATE), "access_denied");
    assert_eq!(server.events(EventCode::ConsentDenied).await.len(), 1);
    assert_eq!(server.events(EventCode::CodeIssued).await.len(), 0);
    assert!(is_consent(&browser.visit(&server.authorize_path(&client, "openid", &[])).await));
}

#[tokio::test]
async fn prompt_select_account_shows_the_login_page_and_consent_the_consent_page() {
    let mut it = logged_in(Backend::Sqlite).await;
    assert!(is_login(&it.ask(&[("prompt", "select_account")]).await));
    assert!(is_login(&it.ask(&[("prompt", "consent login")]).await));
    assert!(is_consent(&it.ask(&[("prompt", "consent")]).await), "also where consent is not required");
}

#[tokio::test]
async fn a_session_that_idled_out_is_no_session() {
    let mut it = logged_in(Backend::Sqlite).await;
    it.server.advance(12 * 3600 - 1);
    assert!(has_code(&it.ask(&[("prompt", "none")]).await));
    it.server.advance(12 * 3600);
    let answer = it.ask(&[("prompt", "none")]).await;
    assert_eq!(error_in(&it.server, &answer, STATE), "login_required");
}

#[tokio::test]
async fn a_person_who_is_erased_in_the_middle_is_login_required() {
    let server = TestServer::start(Backend::Postgres).await;
    server.add_user("alice").await;
    let asking = server.add_client_with(ClientKind::Web, |new| new.require_consent = true).await;
    let trusted = server.add_client(ClientKind::Web).await;
    let mut browser = server.browser();
    let path = |client: &TestClient| server.authorize_path(client, "openid", &[]);
    server.authorize(&mut browser, &path(&trusted), "alice").await;
    let asked = browser.visit(&path(&asking)).await;
    assert!(is_consent(&asked), "{asked:?}");
    // Another process acts between the check of the person and the writing of the grant.
    server.sql(
        "CREATE FUNCTION erase() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN DELETE FROM users; RETURN NEW; END';
         CREATE TRIGGER erase BEFORE INSERT ON grants FOR EACH ROW EXECUTE FUNCTION erase()",
    );
    let answer = browser.visit(&path(&trusted)).await;
    assert_eq!(error_in(&server, &answer, STATE), "login_required");
    let answer = decide(&mut browser, &asked, "allow").await;
    assert_eq!(error_in(&server, &answer, STATE), "login_required");
    assert_eq!(server.events(EventCode::CodeIssued).await.len(), 1, "of the first login");
}
