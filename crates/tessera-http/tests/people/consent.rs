//! A client gets what the person saw and allowed. An answer by another person does not count.

use rstest::rstest;
use tessera_model::ClientKind;
use tessera_testkit::browser::{Browser, query};
use tessera_testkit::evidence::{Tokens, claims};
use tessera_testkit::server::{Backend, PASSWORD, TestClient, TestServer};

use crate::{location, submit_consent, submit_login};

async fn start(backend: Backend) -> (TestServer, TestClient, Browser) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let client = server.add_client_with(ClientKind::Web, |new| new.require_consent = true).await;
    let browser = server.browser();
    (server, client, browser)
}

/// Where a request for this scope sends the browser.
async fn ask(server: &TestServer, browser: &mut Browser, client: &TestClient, scope: &str) -> String {
    location(&browser.visit(&server.authorize_path(client, scope, &[])).await)
}

#[rstest]
#[tokio::test]
async fn what_was_allowed_is_remembered_and_more_is_asked_again(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let (server, client, mut browser) = start(backend).await;
    let page = ask(&server, &mut browser, &client, "openid orders.read").await;
    let asked = location(&submit_login(&mut browser, &page, "alice", PASSWORD).await);
    let shown = browser.visit(&asked).await;
    for text in ["Example shop", "alice", "Know that it is you", "Use orders.read", "rp.example"] {
        assert!(shown.body.contains(text), "{text}: {}", shown.body);
    }
    assert!(!shown.body.contains("orders.write"));
    assert_eq!(server.count("code.issued").await, 0, "looking is not allowing (policy P10)");
    let end = location(&submit_consent(&mut browser, &asked, "allow").await);
    let tokens = Tokens::of(&server.redeem(&client, &query(&end, "code").unwrap()).await);
    assert_eq!(claims(&tokens.access)["scope"], "openid orders.read");

    let again = ask(&server, &mut browser, &client, "openid orders.read").await;
    assert!(query(&again, "code").is_some(), "remembered: {again}");
    let wider = ask(&server, &mut browser, &client, "openid orders.read orders.write").await;
    assert!(wider.starts_with("/consent"), "{wider}");
    submit_consent(&mut browser, &wider, "allow").await;
    let narrower = server.authorize_path(&client, "openid", &[("prompt", "consent")]);
    let narrower = location(&browser.visit(&narrower).await);
    assert!(narrower.starts_with("/consent"), "prompt=consent asks again");
    submit_consent(&mut browser, &narrower, "allow").await;
    let wide = ask(&server, &mut browser, &client, "openid orders.write").await;
    assert!(query(&wide, "code").is_some(), "a narrower answer takes nothing back: {wide}");
}

#[rstest]
#[tokio::test]
async fn a_refusal_goes_to_the_client_and_is_not_remembered(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let (server, client, mut browser) = start(backend).await;
    let page = ask(&server, &mut browser, &client, "openid orders.read").await;
    let asked = location(&submit_login(&mut browser, &page, "alice", PASSWORD).await);
    let end = location(&submit_consent(&mut browser, &asked, "deny").await);
    assert_eq!(query(&end, "error").as_deref(), Some("access_denied"));
    assert_eq!(query(&end, "state").as_deref(), Some("s t&te"));
    assert_eq!(query(&end, "iss").as_deref(), Some(server.issuer.as_str()));
    assert_eq!(query(&end, "code"), None);
    assert_eq!((server.count("consent.denied").await, server.count("code.issued").await), (1, 0), "i09");
    let event = server.audit_trail().await.into_iter().find(|e| e.code.as_str() == "consent.denied").unwrap();
    assert!(event.user_id.is_some() && event.client_id.is_some(), "{event:?}");
    assert!(event.actor.starts_with("user:"), "{event:?}");
    assert!(ask(&server, &mut browser, &client, "openid orders.read").await.starts_with("/consent"));
}

#[tokio::test]
async fn a_refusal_of_more_leaves_what_was_allowed() {
    let (server, client, mut browser) = start(Backend::Sqlite).await;
    let tokens = server.sign_in(&mut browser, &client, "openid orders.read", "alice").await;
    let wider = ask(&server, &mut browser, &client, "openid orders.write").await;
    submit_consent(&mut browser, &wider, "deny").await;
    assert_eq!(server.refresh_with(&client, &tokens.refresh).await.status, 200);
    assert!(query(&ask(&server, &mut browser, &client, "openid orders.read").await, "code").is_some());
}

#[tokio::test]
async fn an_answer_that_is_neither_yes_nor_no_is_none() {
    let (server, client, mut browser) = start(Backend::Sqlite).await;
    let page = ask(&server, &mut browser, &client, "openid").await;
    let asked = location(&submit_login(&mut browser, &page, "alice", PASSWORD).await);
    for decision in ["", "yes", "ALLOW", "allow "] {
        let answer = submit_consent(&mut browser, &asked, decision).await;
        assert_eq!((answer.status, answer.location()), (400, None), "{decision:?}");
    }
    assert_eq!(server.count("code.issued").await, 0);
}

#[tokio::test]
async fn first_party_clients_are_not_asked_unless_they_want_to() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let mut browser = server.browser();
    let page = ask(&server, &mut browser, &client, "openid orders.read").await;
    let end = location(&submit_login(&mut browser, &page, "alice", PASSWORD).await);
    assert!(query(&end, "code").is_some(), "{end}");
    let path = server.authorize_path(&client, "openid", &[("prompt", "consent")]);
    assert!(location(&browser.visit(&path).await).starts_with("/consent"));
}

#[rstest]
#[tokio::test]
async fn nobody_answers_what_another_person_was_asked(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let (server, client, mut browser) = start(backend).await;
    server.add_user("bob").await;
    let page = ask(&server, &mut browser, &client, "openid orders.read").await;
    let asked = location(&submit_login(&mut browser, &page, "alice", PASSWORD).await);
    let shown = browser.visit(&asked).await;
    let (csrf, flow) = (shown.hidden("csrf"), shown.hidden("flow"));

    // Another person logs in in another tab. Then the button in the first tab is pressed.
    let other = server.authorize_path(&client, "openid", &[("prompt", "login")]);
    let other = location(&browser.visit(&other).await);
    submit_login(&mut browser, &other, "bob", PASSWORD).await;
    let answer = browser.submit("/consent", &[("csrf", &csrf), ("flow", &flow), ("decision", "allow")]).await;
    let again = location(&answer);
    assert!(again.starts_with("/consent?flow="), "{again}");
    assert_eq!(server.count("code.issued").await, 0);
    let shown = browser.visit(&again).await;
    assert!(shown.body.contains("signed in as") && shown.body.contains("bob"), "{}", shown.body);
    let end = location(&submit_consent(&mut browser, &again, "allow").await);
    assert!(query(&end, "code").is_some());
    // Bob's answer does not count for alice.
    let mut hers = server.browser();
    let page = ask(&server, &mut hers, &client, "openid orders.read").await;
    let asked = location(&submit_login(&mut hers, &page, "alice", PASSWORD).await);
    assert!(asked.starts_with("/consent"), "{asked}");
}

#[tokio::test]
async fn a_question_that_was_never_shown_is_not_answered() {
    let (server, client, mut browser) = start(Backend::Sqlite).await;
    let page = ask(&server, &mut browser, &client, "openid").await;
    let asked = location(&submit_login(&mut browser, &page, "alice", PASSWORD).await);
    let csrf = browser.visit("/logout").await.hidden("csrf");
    let flow = asked.split_once("flow=").unwrap().1;
    let answer = browser.submit("/consent", &[("csrf", &csrf), ("flow", flow), ("decision", "allow")]).await;
    assert!(location(&answer).starts_with("/consent?flow="));
    assert_eq!(server.count("code.issued").await, 0);
}

#[tokio::test]
async fn who_is_not_logged_in_any_more_is_sent_to_log_in() {
    let (server, client, mut browser) = start(Backend::Sqlite).await;
    let page = ask(&server, &mut browser, &client, "openid").await;
    let asked = location(&submit_login(&mut browser, &page, "alice", PASSWORD).await);
    let shown = browser.visit(&asked).await;
    let (csrf, flow) = (shown.hidden("csrf"), shown.hidden("flow"));
    browser.cookies().remove("tessera_session");
    let answer = browser.submit("/consent", &[("csrf", &csrf), ("flow", &flow), ("decision", "allow")]).await;
    assert!(location(&answer).starts_with("/login?flow="));
    assert!(location(&browser.visit(&asked).await).starts_with("/login?flow="));
    let end = location(&submit_login(&mut browser, &location(&answer), "alice", PASSWORD).await);
    assert!(end.starts_with("/consent"), "the login goes on with the request: {end}");
}

#[tokio::test]
async fn the_question_leads_to_a_login_as_somebody_else() {
    let (server, client, mut browser) = start(Backend::Sqlite).await;
    server.add_user("bob").await;
    let page = ask(&server, &mut browser, &client, "openid orders.read").await;
    let asked = location(&submit_login(&mut browser, &page, "alice", PASSWORD).await);
    let shown = browser.visit(&asked).await;
    let (_, link) = shown.body.split_once("id=\"other\" href=\"").unwrap();
    let link = link.split_once('"').unwrap().0.replace("&amp;", "&");
    let asked = location(&submit_login(&mut browser, &link, "bob", PASSWORD).await);
    assert!(browser.visit(&asked).await.body.contains("signed in as \u{2068}bob"), "bob is asked himself");
    let end = location(&submit_consent(&mut browser, &asked, "allow").await);
    let tokens = Tokens::of(&server.redeem(&client, &query(&end, "code").unwrap()).await);
    let bob = tessera_app::users::find(&server.cli(), "bob").await.unwrap().id;
    assert_eq!(claims(&tokens.access)["sub"], bob.to_string());
    assert_eq!(server.count("session.ended").await, 1, "alice's");
}
