//! Logging in by the use case alone: what no browser can time or bring about.

use rstest::rstest;
use tessera_app::hasher::Hashing;
use tessera_app::login::{BrowserSecret, LogInError, LoggedIn, Outcome, Requirement, Visit, log_in};
use tessera_app::{Actor, Cx, sessions, users};
use tessera_model::{PlainPassword, ProofMethod, Session, User};
use tessera_testkit::server::{Backend, PASSWORD, TestServer};

/// The session behind the cookie of a browser, unless it has been ended.
async fn current(cx: &Cx, cookie: &str) -> (Session, User) {
    sessions::not_ended(cx, Some(cookie)).await.unwrap().unwrap()
}

/// One login of alice, in a browser of its own. Her password is enough.
async fn attempt(
    cx: &Cx,
    password: &str,
    previous: Option<&(Session, User)>,
) -> Result<LoggedIn, LogInError> {
    let (browser, required) = (&BrowserSecret::fresh(cx), &Requirement::default());
    let visit = Visit { browser, previous, device: None, required };
    let password = PlainPassword::to_check(password.to_owned()).unwrap();
    match log_in(cx, "alice", password, visit).await? {
        Outcome::LoggedIn(logged_in) => Ok(*logged_in),
        Outcome::Raised(_) => panic!("a session was raised"),
        Outcome::NextStep(id) => panic!("a further step {id}"),
    }
}

#[rstest]
#[tokio::test]
async fn l12_a_session_that_ends_during_the_login_is_not_brought_back(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let cx = &Cx::new(&server.app, Actor::Anonymous);
    let first = attempt(cx, PASSWORD, None).await.unwrap();
    let previous = current(cx, &first.cookie).await;
    sessions::end(cx, &previous.0).await.unwrap();
    let second = attempt(cx, PASSWORD, Some(&previous)).await.unwrap();
    assert_ne!(second.current.session.id, previous.0.id);
    assert_eq!(current(cx, &second.cookie).await.0.id, second.current.session.id);
    assert!(sessions::current(cx, Some(&first.cookie)).await.unwrap().is_none());
}

#[tokio::test]
async fn a_login_with_less_does_not_lower_a_live_session_and_brings_no_idle_one_back() {
    let server = TestServer::start(Backend::Postgres).await;
    server.add_user("alice").await;
    let cx = || Cx::new(&server.app, Actor::Anonymous);
    let first = attempt(&cx(), PASSWORD, None).await.unwrap();
    let badge = r#"[{"method":"badge","at":1},{"method":"password","at":2}]"#;
    server.sql(&format!("UPDATE sessions SET proofs = '{badge}'"));
    let methods = |session: &Session| {
        session.authentication.proofs().iter().map(|proof| proof.method.clone()).collect::<Vec<_>>()
    };
    let previous = current(&cx(), &first.cookie).await;
    let live = attempt(&cx(), PASSWORD, Some(&previous)).await.unwrap();
    let both = [ProofMethod::Other("badge".to_owned()), ProofMethod::Password];
    assert_eq!(methods(&live.current.session), both);
    server.advance(server.app.config().lifetimes.session_idle.as_secs());
    let previous = current(&cx(), &live.cookie).await;
    let again = attempt(&cx(), PASSWORD, Some(&previous)).await.unwrap();
    assert_eq!(again.current.session.id, first.current.session.id);
    assert_eq!(methods(&again.current.session), [ProofMethod::Password]);
}

#[rstest]
#[tokio::test]
async fn l11_a_login_that_began_before_a_new_password_opens_nothing(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let slow = |config: &mut tessera_app::Config| {
        config.hashing = Hashing { memory_kib: 32_768, passes: 4, workers: 2, ..Hashing::default() };
    };
    let server = TestServer::start_with(backend, slow).await;
    let alice = server.add_user("alice").await;
    let cx = Cx::new(&server.app, Actor::Anonymous);
    let entered = tokio::spawn(async move { attempt(&cx, PASSWORD, None).await.map(drop) });
    let new = PlainPassword::to_set("another password".to_owned()).unwrap();
    users::set_password(&server.cli(), alice.id, new).await.unwrap();
    // Whichever came first, no session of the old password is left.
    let outcome = entered.await.unwrap();
    assert!(matches!(outcome, Ok(()) | Err(LogInError::Refused)), "{outcome:?}");
    let store = server.store().await;
    let sessions = store.read(|tx| async move { tx.sessions().list_of_user(alice.id).await }).await.unwrap();
    assert!(sessions.iter().all(|session| session.ended_at.is_some()), "{sessions:?}");
}

#[rstest]
#[tokio::test]
async fn a_login_after_the_cost_has_changed_hashes_again(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let alice = server.add_user("alice").await;
    let dearer = |config: &mut tessera_app::Config| {
        config.hashing = Hashing { memory_kib: 128, passes: 3, ..Hashing::default() };
    };
    let other = server.second_process(dearer).await;
    let stored = async || {
        let user = users::find(&server.cli(), "alice").await.unwrap();
        user.password.unwrap().as_str().to_owned()
    };
    let before = stored().await;
    assert!(before.contains("m=64,t=1,"), "{before}");
    let cx = &Cx::new(&other, Actor::Anonymous);
    assert!(matches!(attempt(cx, "wrong password", None).await, Err(LogInError::Refused)));
    assert_eq!(stored().await, before, "a wrong password changes nothing");
    server.advance(1);
    let cx = &Cx::new(&other, Actor::Anonymous);
    attempt(cx, PASSWORD, None).await.unwrap();
    let after = stored().await;
    assert!(after.contains("m=128,t=3,"), "{after}");
    assert_eq!(users::find(&server.cli(), "alice").await.unwrap().updated_at, alice.updated_at);
    attempt(cx, PASSWORD, None).await.unwrap();
    assert_eq!(stored().await, after, "and once is enough");
}
