//! Single sign-on sessions: how long they live, what keeps them alive, and what ends them.

use std::time::Duration;

use rstest::rstest;
use tessera_app::{sessions, users};
use tessera_model::{ClientKind, Presented, PresentedKind};
use tessera_testkit::browser::Browser;
use tessera_testkit::server::{Backend, PASSWORD, TestClient, TestServer};

use crate::{SCOPE, location, login_page, submit_login};

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

async fn start(backend: Backend) -> (TestServer, TestClient, Browser) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let mut browser = server.browser();
    submit_login(&mut browser, "/login", "alice", PASSWORD).await;
    (server, client, browser)
}

/// Whether an authorization request needs no login.
async fn is_live(server: &TestServer, browser: &mut Browser, client: &TestClient) -> bool {
    !login_page(server, browser, client).await.starts_with("/login")
}

#[rstest]
#[tokio::test]
async fn l49_a_session_ends_when_it_is_not_used(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let (server, client, mut browser) = start(backend).await;
    server.advance(12 * HOUR - 1);
    assert!(is_live(&server, &mut browser, &client).await, "a second before the limit");
    server.advance(12 * HOUR - 1);
    assert!(is_live(&server, &mut browser, &client).await, "the use before moved the limit");
    server.advance(12 * HOUR);
    assert!(!is_live(&server, &mut browser, &client).await, "at the limit");
    server.advance(1);
    assert!(!is_live(&server, &mut browser, &client).await, "and looking does not bring it back");
}

#[rstest]
#[tokio::test]
async fn l49_no_use_keeps_a_session_past_its_end(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let (server, client, mut browser) = start(backend).await;
    for _ in 0..13 {
        server.advance(12 * HOUR - 1);
        assert!(is_live(&server, &mut browser, &client).await);
    }
    // Thirteen steps of one second less than half a day leave half a day and thirteen seconds.
    server.advance(12 * HOUR - 1);
    assert!(is_live(&server, &mut browser, &client).await);
    server.advance(13);
    assert!(is_live(&server, &mut browser, &client).await, "a second before the end");
    server.advance(1);
    assert!(!is_live(&server, &mut browser, &client).await, "at the end");
}

#[tokio::test]
async fn use_is_written_down_once_a_minute() {
    let (server, _, mut browser) = start(Backend::Sqlite).await;
    let alice = users::find(&server.cli(), "alice").await.unwrap().id;
    let store = server.store().await;
    let last_seen = async || {
        let sessions = store.read(|tx| async move { tx.sessions().list_of_user(alice).await }).await.unwrap();
        sessions[0].last_seen_at
    };
    let begun = last_seen().await;
    server.advance(59);
    browser.visit("/").await;
    assert_eq!(last_seen().await, begun);
    server.advance(1);
    browser.visit("/").await;
    assert_eq!(last_seen().await, begun.after(Duration::from_secs(60)));
}

#[tokio::test]
async fn l48_only_the_exact_cookie_is_the_session() {
    let (server, client, mut browser) = start(Backend::Sqlite).await;
    let cookie = browser.cookies()["tessera_session"].clone();
    let secret = Presented::parse(PresentedKind::Session, &cookie).unwrap();
    let mut near = secret.body().to_vec();
    near[0] ^= 1;
    let near_miss = Presented::new(PresentedKind::Session, &near).reveal().to_string();
    let other_kind = Presented::new(PresentedKind::Browser, secret.body()).reveal().to_string();
    let digest = Presented::new(PresentedKind::Session, &tessera_jose::digest::sha256(secret.body()))
        .reveal()
        .to_string();
    let id = {
        let alice = users::find(&server.cli(), "alice").await.unwrap().id;
        let store = server.store().await;
        store.read(|tx| async move { tx.sessions().list_of_user(alice).await }).await.unwrap()[0]
            .id
            .to_string()
    };
    let tampered = format!("{cookie}x");
    let twice = format!("{cookie}; tessera_session={cookie}");
    for forged in [near_miss, other_kind, digest, id, tampered, twice, String::new(), "%00".to_owned()] {
        let mut thief = server.browser();
        thief.cookies().insert("tessera_session".to_owned(), forged.clone());
        assert!(!is_live(&server, &mut thief, &client).await, "{forged}");
    }
    assert!(is_live(&server, &mut browser, &client).await);
}

#[rstest]
#[tokio::test]
async fn l50_one_session_ends_and_the_persons_others_live(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let (server, client, mut home) = start(backend).await;
    let at_home = server.sign_in(&mut home, &client, SCOPE, "alice").await;
    let mut work = server.browser();
    server.advance(1);
    let at_work = server.sign_in(&mut work, &client, SCOPE, "alice").await;
    let session = {
        let alice = users::find(&server.cli(), "alice").await.unwrap().id;
        let store = server.store().await;
        let sessions = store.read(|tx| async move { tx.sessions().list_of_user(alice).await }).await.unwrap();
        sessions.into_iter().next().expect("the newest")
    };
    sessions::end(&server.cli(), &session).await.unwrap();
    assert!(!is_live(&server, &mut work, &client).await, "the next request is nobody's");
    assert_eq!(server.refresh_with(&client, &at_work.refresh).await.error(), "invalid_grant");
    assert!(server.has_revocation_rule("session", &at_work.session()).await);
    assert!(is_live(&server, &mut home, &client).await);
    assert_eq!(server.refresh_with(&client, &at_home.refresh).await.status, 200);
    assert!(!server.has_revocation_rule("session", &at_home.session()).await);
    sessions::end(&server.cli(), &session).await.unwrap();
    assert_eq!(server.count("session.ended").await, 1, "ending it twice is ending it once");
}

#[rstest]
#[tokio::test]
async fn i02_a_code_of_a_session_that_ended_is_worth_nothing(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let (server, client, mut browser) = start(backend).await;
    let end = location(&browser.visit(&server.authorize_path(&client, SCOPE, &[])).await);
    let code = tessera_testkit::browser::query(&end, "code").unwrap();
    let csrf = browser.visit("/logout").await.hidden("csrf");
    browser.submit("/logout", &[("csrf", &csrf)]).await;
    assert_eq!(server.redeem(&client, &code).await.error(), "invalid_grant");
}

#[rstest]
#[tokio::test]
async fn a_locked_persons_session_waits_for_the_unlock(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let (server, client, mut browser) = start(backend).await;
    let alice = users::find(&server.cli(), "alice").await.unwrap().id;
    users::lock(&server.cli(), alice).await.unwrap();
    assert!(!is_live(&server, &mut browser, &client).await);
    assert!(!browser.visit("/").await.body.contains("You are signed in"));
    users::unlock(&server.cli(), alice).await.unwrap();
    assert!(is_live(&server, &mut browser, &client).await);
}

#[tokio::test]
async fn a_session_that_merely_expired_leaves_its_grants() {
    let (server, client, mut browser) = start(Backend::Sqlite).await;
    let tokens = server.sign_in(&mut browser, &client, SCOPE, "alice").await;
    server.advance(DAY);
    server.run_jobs().await;
    assert!(!is_live(&server, &mut browser, &client).await);
    assert_eq!(server.refresh_with(&client, &tokens.refresh).await.status, 200);
}
