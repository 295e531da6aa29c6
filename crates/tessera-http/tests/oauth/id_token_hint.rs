//! `id_token_hint`: the person the client expects (OIDC core section 3.1.2.1).

use tessera_model::ClientKind;
use tessera_testkit::browser::Browser;
use tessera_testkit::relying_party::text;
use tessera_testkit::server::{Backend, TestClient, TestServer};

use crate::{error_in, has_code, is_login, log_in};

const STATE: Option<&str> = Some("s t&te");

struct Scene {
    server: TestServer,
    client: TestClient,
    /// A browser in which Alice is logged in.
    browser: Browser,
    id_token: String,
}

async fn scene() -> Scene {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    server.add_user("bob").await;
    let client = server.add_client(ClientKind::Web).await;
    let id_token = text(&server.tokens(&client, "openid", "alice").await, "id_token").to_owned();
    let mut browser = server.browser();
    server.authorize(&mut browser, &server.authorize_path(&client, "openid", &[]), "alice").await;
    Scene { server, client, browser, id_token }
}

#[tokio::test]
async fn protocol_23_the_person_of_the_hint_goes_on_silently() {
    let Scene { server, client, mut browser, id_token } = scene().await;
    let more = [("id_token_hint", &*id_token), ("prompt", "none")];
    assert!(has_code(&browser.visit(&server.authorize_path(&client, "openid", &more)).await));
    server.advance(3600);
    let answer = browser.visit(&server.authorize_path(&client, "openid", &more)).await;
    assert!(has_code(&answer), "an ID token that has expired still names its person: {answer:?}");
}

#[tokio::test]
async fn another_person_than_that_of_the_hint_gets_no_code() {
    let Scene { server, client, id_token, .. } = scene().await;
    let mut browser = server.browser();
    server.authorize(&mut browser, &server.authorize_path(&client, "openid", &[]), "bob").await;
    let silent = [("id_token_hint", &*id_token), ("prompt", "none")];
    let answer = browser.visit(&server.authorize_path(&client, "openid", &silent)).await;
    assert_eq!(error_in(&server, &answer, STATE), "login_required");
    let asked =
        browser.visit(&server.authorize_path(&client, "openid", &[("id_token_hint", &*id_token)])).await;
    assert!(is_login(&asked), "{asked:?}");
    let still_bob = log_in(&mut browser, &asked, "bob").await;
    assert_eq!(error_in(&server, &still_bob, STATE), "login_required");
    assert!(has_code(&log_in(&mut browser, &asked, "alice").await));
}

#[tokio::test]
async fn a_hint_that_is_not_ours_asks_for_a_login_once_and_not_for_ever() {
    let Scene { server, client, mut browser, id_token } = scene().await;
    let (signed, _) = id_token.rsplit_once('.').unwrap();
    for garbage in ["garbage", "a.b.c", &format!("{signed}.AAAA"), "eyJhbGciOiJub25lIn0.e30."] {
        let silent = [("id_token_hint", garbage), ("prompt", "none")];
        let answer = browser.visit(&server.authorize_path(&client, "openid", &silent)).await;
        assert_eq!(error_in(&server, &answer, STATE), "login_required", "{garbage}");
        let asked =
            browser.visit(&server.authorize_path(&client, "openid", &[("id_token_hint", garbage)])).await;
        assert!(is_login(&asked), "{garbage} {asked:?}");
        assert!(has_code(&log_in(&mut browser, &asked, "alice").await), "{garbage}");
    }
}

#[tokio::test]
async fn an_access_token_is_no_hint() {
    let Scene { server, client, mut browser, .. } = scene().await;
    let tokens = server.tokens(&client, "openid", "alice").await;
    let more = [("id_token_hint", text(&tokens, "access_token")), ("prompt", "none")];
    let answer = browser.visit(&server.authorize_path(&client, "openid", &more)).await;
    assert_eq!(error_in(&server, &answer, STATE), "login_required");
}
