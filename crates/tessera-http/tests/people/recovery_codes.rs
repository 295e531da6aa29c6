//! Recovery codes: shown once, each used once.

use rstest::rstest;
use tessera_testkit::browser::Browser;
use tessera_testkit::server::{Backend, PASSWORD, TestServer};
use tokio::task::JoinSet;

use crate::submit_login;
use crate::ways::{App, enrol_app, first_step, log_in, make_codes, remove_first, send_code};

/// Alice has an app and has logged in with it just now.
async fn with_app(server: &TestServer) -> (Browser, App) {
    server.add_user("alice").await;
    let mut browser = server.browser();
    log_in(server, &mut browser).await;
    let app = enrol_app(server, &mut browser).await;
    let step = first_step(&mut browser, "/login").await;
    let answer = send_code(&mut browser, &step, "totp", &app.code(server.app.now())).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    server.advance(30);
    (browser, app)
}

#[rstest]
#[tokio::test]
async fn each_code_logs_in_once_in_place_of_the_app(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let (mut browser, _app) = with_app(&server).await;
    let codes = make_codes(&mut browser).await;
    assert_eq!(codes.len(), 10, "{codes:?}");
    // As somebody types it.
    let typed = codes[0].to_uppercase().replace('-', " ").replace('0', "O");
    let mut browser = server.browser();
    let step = first_step(&mut browser, "/login").await;
    assert_eq!(send_code(&mut browser, &step, "recovery-code", &typed).await.location(), Some("/"));
    let page = browser.visit("/account").await;
    assert!(page.body.contains("9\u{2069} left"), "{}", page.body);
    let mut browser = server.browser();
    let step = first_step(&mut browser, "/login").await;
    let again = send_code(&mut browser, &step, "recovery-code", &codes[0]).await;
    assert!(again.body.contains("wrong, or it was used"), "{}", again.body);
    assert_eq!(server.count("recovery_codes.used").await, 1);
    assert_eq!(server.count("recovery_codes.made").await, 1);
}

#[rstest]
#[tokio::test]
async fn new_codes_void_the_old_ones_and_so_does_the_end_of_the_app(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let (mut browser, _app) = with_app(&server).await;
    let old = make_codes(&mut browser).await;
    let new = make_codes(&mut browser).await;
    let mut other = server.browser();
    let step = first_step(&mut other, "/login").await;
    let answer = send_code(&mut other, &step, "recovery-code", &old[1]).await;
    assert!(answer.body.contains("wrong, or it was used"), "{}", answer.body);
    server.advance(5);
    assert_eq!(send_code(&mut other, &step, "recovery-code", &new[1]).await.status, 303);
    remove_first(&mut browser).await;
    // Without a second factor there is nothing that they could stand in for.
    assert!(!browser.visit("/account").await.body.contains("recovery-codes"));
    assert_eq!(submit_login(&mut server.browser(), "/login", "alice", PASSWORD).await.location(), Some("/"));
    enrol_again(&server, &mut browser, &new[2]).await;
}

/// The codes of before do not come back with another app.
async fn enrol_again(server: &TestServer, browser: &mut Browser, code: &str) {
    log_in(server, browser).await;
    enrol_app(server, browser).await;
    let mut other = server.browser();
    let step = first_step(&mut other, "/login").await;
    let page = other.visit(&format!("{step}&method=recovery-code")).await;
    assert!(!page.body.contains("One of your recovery codes"), "{}", page.body);
    let fields = [("method", "recovery-code"), ("code", code)];
    let answer = crate::ways::submit_step(&mut other, &page, &fields).await;
    assert!(answer.body.contains("Start again"), "{}", answer.body);
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i01_of_many_that_come_with_one_recovery_code_one_is_let_in(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let (mut browser, _app) = with_app(&server).await;
    for (round, code) in make_codes(&mut browser).await.into_iter().take(4).enumerate() {
        server.advance(60);
        let mut racers = JoinSet::new();
        for _ in 0..8 {
            let mut browser = server.browser();
            let step = first_step(&mut browser, "/login").await;
            let code = code.clone();
            racers.spawn(async move { send_code(&mut browser, &step, "recovery-code", &code).await.status });
        }
        let answers = racers.join_all().await;
        let let_in = answers.iter().filter(|status| **status == 303).count();
        assert_eq!(let_in, 1, "round {round}: {answers:?}");
    }
}

#[tokio::test]
async fn s01_the_database_holds_no_usable_code_and_no_usable_secret() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let mut browser = server.browser();
    log_in(&server, &mut browser).await;
    let page = browser.visit("/account/totp").await;
    let secret = crate::ways::between(&page.body, "<code id=\"secret\">", "</code>").replace(' ', "");
    let app = enrol_app(&server, &mut browser).await;
    let step = first_step(&mut browser, "/login").await;
    send_code(&mut browser, &step, "totp", &app.code(server.app.now())).await;
    let codes = make_codes(&mut browser).await;
    assert_eq!(codes.len(), 10);
    let files = server.files();
    let holds = |needle: &[u8]| files.windows(needle.len()).any(|window| window == needle);
    assert!(holds(b"authenticator.added"), "the files are those of the database");
    for code in codes {
        assert!(!holds(code.as_bytes()) && !holds(code.replace('-', "").as_bytes()), "a recovery code");
    }
    assert!(!holds(secret.as_bytes()) && !holds(app.secret()), "the secret of the app");
}

#[rstest]
#[tokio::test]
async fn an_administrator_removes_an_app_that_was_lost(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let (mut browser, _app) = with_app(&server).await;
    let user = tessera_app::users::find(&server.cli(), "alice").await.unwrap().id;
    let has = tessera_app::authenticators::of_user(&server.cli(), user).await.unwrap().authenticators;
    tessera_app::authenticators::remove(&server.cli(), user, has[0].id).await.unwrap();
    assert_eq!(
        browser.visit("/account").await.location(),
        Some("/login?to=account"),
        "the session has ended"
    );
    assert_eq!(submit_login(&mut server.browser(), "/login", "alice", PASSWORD).await.location(), Some("/"));
    assert_eq!(server.count("authenticator.removed").await, 1);
}
