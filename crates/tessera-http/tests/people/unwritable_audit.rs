//! The audit trail cannot be written. Then nothing is decided: the answer is 503 with `Retry-After` and a text that is true, whatever
//! was presented, and nothing is spent, ended or allowed.

use rstest::rstest;
use tessera_model::ClientKind;
use tessera_testkit::browser::{Answer, Browser};
use tessera_testkit::relying_party::text;
use tessera_testkit::server::{Backend, PASSWORD, REDIRECT_URI, TestClient, TestServer};

use crate::{SCOPE, location, submit_consent};

/// An issuer whose audit trail cannot be written until [`Scene::mend`].
struct Scene {
    server: TestServer,
    client: TestClient,
}

impl Scene {
    async fn begin(backend: Backend) -> Self {
        let server = TestServer::start(backend).await;
        server.add_user("alice").await;
        let client = server.add_client_with(ClientKind::Web, |new| new.client_credentials = true).await;
        Self { server, client }
    }

    async fn break_audit(&self) {
        self.server.rename_table("audit", "lost").await;
    }

    async fn mend(&self) {
        self.server.rename_table("lost", "audit").await;
    }

    /// A browser that is logged in.
    async fn logged_in(&self) -> Browser {
        let mut browser = self.server.browser();
        assert_eq!(log_in(&mut browser, PASSWORD).await.status, 303);
        browser
    }

    async fn machine_token(&self) -> Answer {
        self.server.post("/token", &self.client, &[("grant_type", "client_credentials")]).await
    }
}

async fn log_in(browser: &mut Browser, password: &str) -> Answer {
    let csrf = browser.visit("/login").await.hidden("csrf");
    browser.submit("/login", &[("csrf", &csrf), ("username", "alice"), ("password", password)]).await
}

#[track_caller]
fn assert_unavailable_page(answer: &Answer) {
    assert_eq!(answer.status, 503, "{}", answer.body);
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=3).contains(&wait), "{wait}");
    assert!(answer.body.contains("Nothing is lost"), "{}", answer.body);
    assert!(!answer.body.contains("name=\"password\""), "{}", answer.body);
    let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
    assert!(cookies.iter().all(|cookie| !cookie.to_str().unwrap().contains("session")), "{cookies:?}");
}

#[track_caller]
fn assert_unavailable_json(answer: &Answer) {
    assert_eq!((answer.status, answer.error().as_str()), (503, "temporarily_unavailable"), "{}", answer.body);
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=3).contains(&wait), "{wait}");
}

#[rstest]
#[tokio::test]
async fn p5_i06_no_login_is_decided_without_audit(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let scene = Scene::begin(backend).await;
    let mut browser = scene.server.browser();
    let csrf = browser.visit("/login").await.hidden("csrf");
    scene.break_audit().await;
    for password in ["a wrong password", PASSWORD] {
        scene.server.advance(600);
        let fields = [("csrf", &*csrf), ("username", "alice"), ("password", password)];
        assert_unavailable_page(&browser.submit("/login", &fields).await);
    }
    let forged = scene.server.http.post(scene.server.url("/login")).header("origin", "https://evil.example");
    let forged = forged.form(&[("csrf", "x")]).send().await.unwrap();
    assert_unavailable_page(&Answer::read(forged).await);
    scene.mend().await;
    scene.server.advance(600);
    assert_eq!(browser.visit("/").await.location(), Some("/login"), "no session was begun");
    assert_eq!(log_in(&mut browser, PASSWORD).await.status, 303);
    assert_eq!(scene.server.count("login.succeeded").await, 1);
}

#[rstest]
#[tokio::test]
async fn p5_i06_no_client_is_told_that_its_secret_is_wrong_without_audit(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let scene = Scene::begin(backend).await;
    let wrong = TestClient { secret: "guess".to_owned(), ..scene.client.clone() };
    scene.break_audit().await;
    for path in ["/token", "/revoke"] {
        let form = [("grant_type", "client_credentials"), ("token", "x")];
        assert_unavailable_json(&scene.server.post(path, &wrong, &form).await);
    }
    scene.mend().await;
    let answer = scene.server.post("/token", &wrong, &[("grant_type", "client_credentials")]).await;
    assert_eq!((answer.status, answer.error().as_str()), (401, "invalid_client"));
}

#[rstest]
#[tokio::test]
async fn p5_i06_no_machine_gets_a_token_after_audit_could_not_be_written(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let scene = Scene::begin(backend).await;
    assert_eq!(scene.machine_token().await.status, 200);
    scene.break_audit().await;
    tessera_app::audit::flush(&scene.server.app).await.unwrap_err();
    let answer = scene.machine_token().await;
    assert_unavailable_json(&answer);
    let told = answer.json()["error_description"].as_str().unwrap().to_owned();
    assert_eq!(told, "the server cannot write its audit trail, so nothing was decided");
    scene.mend().await;
    tessera_app::audit::flush(&scene.server.app).await.unwrap();
    assert_eq!(scene.machine_token().await.status, 200);
    assert_eq!(scene.server.count("client_credentials.issued").await, 2, "the first is not lost");
}

#[rstest]
#[tokio::test]
async fn p5_i01_nothing_is_spent_and_nothing_ends_without_audit(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let scene = Scene::begin(backend).await;
    let Scene { server, client } = &scene;
    let thief = server.add_client(ClientKind::Web).await;
    let code = server.code(client, SCOPE, "alice").await;
    let tokens = server.tokens(client, SCOPE, "alice").await;
    let (access, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    scene.break_audit().await;
    assert_unavailable_json(&server.redeem(client, &code).await);
    assert_unavailable_json(&server.refresh_with(client, refresh).await);
    assert_unavailable_json(&server.redeem(&thief, &code).await);
    assert_unavailable_json(&server.refresh_with(&thief, refresh).await);
    for token in [access, refresh] {
        assert_unavailable_json(&server.post("/revoke", client, &[("token", token)]).await);
    }
    scene.mend().await;
    assert_eq!(server.userinfo(access).await.status, 200);
    assert_eq!(server.redeem(client, &code).await.status, 200);
    assert_eq!(server.refresh_with(client, refresh).await.status, 200);
    let codes = server.audit_codes().await;
    for none in ["refresh.retried", "code.reuse", "refresh.reuse_detected", "token.revoked"] {
        assert!(!codes.iter().any(|code| code == none), "{none}: {codes:?}");
    }
}

#[rstest]
#[tokio::test]
async fn p5_i06_no_page_decides_without_audit(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let scene = Scene::begin(backend).await;
    let asking = scene.server.add_client_with(ClientKind::Web, |new| new.require_consent = true).await;
    let mut browser = scene.logged_in().await;
    let consent = location(&browser.visit(&scene.server.authorize_path(&asking, SCOPE, &[])).await);
    let csrf = browser.visit("/logout").await.hidden("csrf");
    scene.break_audit().await;
    let bad_redirect = [("redirect_uri", "https://evil.example/")];
    assert_unavailable_page(
        &browser.visit(&scene.server.authorize_path(&asking, SCOPE, &bad_redirect)).await,
    );
    for decision in ["deny", "allow"] {
        assert_unavailable_page(&submit_consent(&mut browser, &consent, decision).await);
    }
    let silent = scene.server.authorize_path(&scene.client, SCOPE, &[]);
    assert_unavailable_page(&browser.visit(&silent).await);
    assert_unavailable_page(&browser.submit("/logout", &[("csrf", &csrf)]).await);
    scene.mend().await;
    let answer = browser.visit(&silent).await;
    let went = answer.location().unwrap_or_else(|| panic!("{} {}", answer.status, answer.body));
    assert!(went.starts_with(REDIRECT_URI) && went.contains("code="), "the session lives: {went}");
    assert_eq!(scene.server.count("consent.denied").await, 0);
    assert_eq!(scene.server.count("session.ended").await, 0);
}

#[rstest]
#[tokio::test]
async fn p5_i06_no_administrative_verb_is_done_without_audit(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let scene = Scene::begin(backend).await;
    let alice = scene.server.add_user("bob").await.id;
    scene.break_audit().await;
    let refused = tessera_app::users::lock(&scene.server.cli(), alice).await.unwrap_err().to_string();
    assert!(refused.contains("the audit event could not be written"), "{refused}");
    scene.mend().await;
    assert_eq!(scene.server.count("user.locked").await, 0);
}
