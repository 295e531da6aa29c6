//! Attempts at one account that come together, at one server or several, and attempts whose request ends early.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use rstest::rstest;
use tessera_app::hasher::Hashing;
use tessera_app::login::{BrowserSecret, LogInError, Requirement, Visit, log_in};
use tessera_app::network::Peers;
use tessera_app::{Actor, App, Cx, users};
use tessera_model::{EventCode, PlainPassword, Throttle, UserId};
use tessera_testkit::browser::{Answer, Browser};
use tessera_testkit::passwords::NEW_PASSWORD;
use tessera_testkit::server::{Backend, PASSWORD, TestServer};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::submit_login;

/// A hash that takes long enough for others to come meanwhile.
const SLOW: Hashing = Hashing {
    memory_kib: 65_536,
    passes: 8,
    workers: 1,
    queue: 0,
    queue_timeout: Duration::ZERO,
    outdated_until: None,
};

/// A browser with the login page open.
async fn opened(server: &TestServer) -> (Browser, String) {
    let mut browser = server.browser();
    let csrf = browser.visit("/login").await.hidden("csrf");
    (browser, csrf)
}

/// Sends the forms of these browsers at the same time, each with its own password.
async fn all_at_once(
    username: &str,
    pages: impl IntoIterator<Item = ((Browser, String), &'static str)>,
) -> Vec<Answer> {
    let mut waiting = JoinSet::new();
    for ((mut browser, csrf), password) in pages {
        let username = username.to_owned();
        waiting.spawn(async move {
            let fields = [("csrf", &*csrf), ("username", &*username), ("password", password)];
            browser.submit("/login", &fields).await
        });
    }
    waiting.join_all().await
}

fn statuses(answers: &[Answer]) -> Vec<u16> {
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    statuses
}

async fn failures(server: &TestServer, id: UserId) -> Option<Throttle> {
    users::find_throttle(&server.cli(), id).await.unwrap()
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn p3_l10_sixteen_right_passwords_at_once_all_get_in(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let alice = server.add_user("alice").await.id;
    let mut pages = Vec::new();
    for _ in 0..16 {
        pages.push((opened(&server).await, PASSWORD));
    }
    let answers = all_at_once("alice", pages).await;
    assert_eq!(statuses(&answers), [303; 16]);
    assert_eq!(server.count("login.succeeded").await, 16);
    assert_eq!(failures(&server, alice).await, None);
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn p3_i05_among_right_passwords_one_wrong_one_delays_those_behind_it(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    for round in 0..5 {
        let mut pages = Vec::new();
        for number in 0..16 {
            let password = if number % 4 == round % 4 { "wrong password" } else { PASSWORD };
            pages.push((opened(&server).await, password));
        }
        let (failed, succeeded) = (server.count("login.failed").await, server.count("login.succeeded").await);
        let answers = all_at_once("alice", pages).await;
        let of = |status| answers.iter().filter(|answer| answer.status == status).count();
        let found = statuses(&answers);
        assert_eq!(of(200), 1, "one wrong one is looked at, and no other: {found:?}");
        assert_eq!(of(200) + of(303) + of(429), 16, "{found:?}");
        assert_eq!(server.count("login.failed").await - failed, 1);
        assert_eq!(server.count("login.succeeded").await - succeeded, of(303), "{found:?}");
        server.advance(1);
        assert_eq!(submit_login(&mut server.browser(), "/login", "alice", PASSWORD).await.status, 303);
    }
}

/// One attempt at this instance, without a browser.
async fn attempt(app: Arc<App>, username: &str, password: &str) -> Result<(), LogInError> {
    let cx = Cx::new(&app, Actor::Anonymous);
    let password = PlainPassword::to_check(password.to_owned()).unwrap();
    let (browser, required) = (&BrowserSecret::fresh(&cx), &Requirement::default());
    let visit = Visit { browser, previous: None, device: None, required };
    log_in(&cx, username, password, visit).await.map(drop)
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn p3_i05_two_servers_judge_the_attempts_of_an_account_one_after_another(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let other = server.second_process(|_| {}).await;
    let together = async |password: fn(usize) -> &'static str| {
        let mut waiting = JoinSet::new();
        for number in 0..16 {
            let app = if number % 2 == 0 { &server.app } else { &other };
            let app = Arc::clone(app);
            waiting.spawn(async move { attempt(app, "alice", password(number)).await });
        }
        waiting.join_all().await
    };
    let outcomes = together(|_| PASSWORD).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    // Wrong ones alone: one is looked at by both servers together.
    let outcomes = together(|_| "wrong password").await;
    let refused = outcomes.iter().filter(|outcome| matches!(outcome, Err(LogInError::Refused))).count();
    assert_eq!((refused, server.count("login.failed").await), (1, 1), "{outcomes:?}");
    server.advance(1);
    // Both: a wrong one stops what comes behind it, wherever that is.
    let outcomes = together(|number| if number % 5 == 4 { "wrong password" } else { PASSWORD }).await;
    let refused = outcomes.iter().filter(|outcome| matches!(outcome, Err(LogInError::Refused))).count();
    assert_eq!((refused, server.count("login.failed").await), (1, 2), "{outcomes:?}");
    let unexpected = outcomes.iter().find(|outcome| {
        !matches!(outcome, Ok(()) | Err(LogInError::Refused | LogInError::Throttled { seconds: 1 | 3 }))
    });
    assert!(unexpected.is_none(), "{unexpected:?}");
}

/// Waits until an attempt at this account has been counted.
async fn counted(server: &TestServer, id: UserId) {
    while failures(server, id).await.is_none() {
        tokio::task::yield_now().await;
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i05_i09_a_guess_whose_connection_is_reset_counts_and_leaves_its_row(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start_with(backend, |config| config.hashing = SLOW).await;
    let alice = server.add_user("alice").await.id;
    let (mut browser, csrf) = opened(&server).await;
    let cookies: Vec<_> = browser.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let body = format!("csrf={csrf}&username=alice&password=wrong+password");
    let authority = server.issuer.strip_prefix("http://").unwrap();
    let request = format!(
        "POST /login HTTP/1.1\r\nhost: {authority}\r\norigin: {}\r\ncookie: {}\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        server.issuer,
        cookies.join("; "),
        body.len()
    );
    let port = authority.rsplit_once(':').unwrap().1.parse().unwrap();
    let mut connection = TcpStream::connect((IpAddr::V4(Ipv4Addr::LOCALHOST), port)).await.unwrap();
    connection.write_all(request.as_bytes()).await.unwrap();
    counted(&server, alice).await;
    connection.set_zero_linger().unwrap();
    drop(connection);
    while server.count("login.failed").await == 0 {
        tokio::task::yield_now().await;
    }
    let rows = server.events(EventCode::LoginFailed).await;
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].user_id, rows[0].detail.as_deref()), (Some(alice), Some("wrong_password alice")));
    let throttle = failures(&server, alice).await.unwrap();
    assert_eq!((throttle.failures, throttle.pending_until), (1, None), "nobody waits for it any more");
    let answer = submit_login(&mut server.browser(), "/login", "alice", PASSWORD).await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, "1"));
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn l10_i05_who_is_told_to_come_back_later_is_not_charged(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start_with(backend, |config| config.hashing = SLOW).await;
    let (alice, carol) = (server.add_user("alice").await.id, server.add_user("carol").await.id);
    let mut device = server.browser();
    assert_eq!(submit_login(&mut device, "/login", "alice", PASSWORD).await.status, 303);
    device.cookies().remove("tessera_session");
    let csrf = device.visit("/login").await.hidden("csrf");
    let mut waiting = vec![(device, csrf)];
    for _ in 0..3 {
        waiting.push(opened(&server).await);
    }
    let holding = tokio::spawn(attempt(Arc::clone(&server.app), "carol", "wrong password"));
    counted(&server, carol).await;
    let rows = server.audit_trail().await.len();
    let pages = waiting.into_iter().map(|page| (page, "wrong password"));
    let answers = all_at_once("alice", pages).await;
    if failures(&server, carol).await.unwrap().pending_until.is_none() {
        // The machine was so slow that the hash of carol ended first.
        return;
    }
    assert_eq!(statuses(&answers), [503; 4]);
    assert!(answers.iter().all(|answer| !answer.header("retry-after").is_empty()));
    assert_eq!((failures(&server, alice).await, server.audit_trail().await.len()), (None, rows));
    assert!(matches!(holding.await.unwrap(), Err(LogInError::Refused)));
    assert_eq!(submit_login(&mut server.browser(), "/login", "alice", PASSWORD).await.status, 303);
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn l10_known_devices_get_in_while_strangers_flood_behind_a_proxy(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let behind_proxy = |config: &mut tessera_app::Config| {
        config.peers = Peers::Shared;
        config.hashing = Hashing {
            memory_kib: 4_096,
            queue: 40,
            queue_timeout: Duration::from_secs(60),
            ..Hashing::default()
        };
    };
    let server = TestServer::start_with(backend, behind_proxy).await;
    let mut devices = Vec::new();
    for number in 0..33 {
        let username = format!("person{number}");
        server.add_user(&username).await;
        let mut device = server.browser();
        assert_eq!(submit_login(&mut device, "/login", &username, PASSWORD).await.status, 303);
        device.cookies().remove("tessera_session");
        let csrf = device.visit("/login").await.hidden("csrf");
        devices.push((username, device, csrf));
    }
    let mut flood = JoinSet::new();
    for number in 0..200 {
        let app = Arc::clone(&server.app);
        let (name, guess) = (format!("name{number}"), format!("guess {number}"));
        flood.spawn(async move { attempt(app, &name, &guess).await });
    }
    let mut known = JoinSet::new();
    for (username, mut device, csrf) in devices {
        known.spawn(async move {
            let fields = [("csrf", &*csrf), ("username", &*username), ("password", PASSWORD)];
            device.submit("/login", &fields).await.status
        });
    }
    assert_eq!(known.join_all().await, [303; 33]);
    let outcomes = flood.join_all().await;
    let busy = outcomes.iter().filter(|outcome| matches!(outcome, Err(LogInError::Busy(_)))).count();
    assert!(busy > 0, "the flood was no flood");
}

/// Gets an account's password refused for the rest of the day, for strangers and for one device.
async fn besieged(server: &TestServer, device: &mut Browser) {
    let mut stranger = server.browser();
    for _ in 0..100 {
        let answer = submit_login(&mut stranger, "/login", "alice", "wrong password").await;
        assert!(answer.body.contains("do not match"), "{}", answer.body);
        server.advance(10);
    }
    submit_login(device, "/login", "alice", "wrong password").await;
    for browser in [&mut stranger, device] {
        let answer = submit_login(browser, "/login", "alice", PASSWORD).await;
        assert_eq!(answer.status, 429, "{}", answer.body);
    }
}

#[rstest]
#[tokio::test]
async fn p3_l03_an_operator_ends_the_delays_of_strangers_and_devices(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[values("unlock", "set-password", "throttle clear")] verb: &str,
) {
    let server = TestServer::start(backend).await;
    let alice = server.add_user("alice").await.id;
    server.add_user("bob").await;
    let mut device = server.browser();
    assert_eq!(submit_login(&mut device, "/login", "alice", PASSWORD).await.status, 303);
    device.cookies().remove("tessera_session");
    besieged(&server, &mut device).await;
    submit_login(&mut server.browser(), "/login", "bob", "wrong password").await;
    let cli = &server.cli();
    let (code, password) = match verb {
        "unlock" => (users::unlock(cli, alice).await.map(|_| "user.throttle_cleared"), PASSWORD),
        "throttle clear" => {
            (users::clear_throttle(cli, alice).await.map(|_| "user.throttle_cleared"), PASSWORD)
        }
        _ => {
            let password = PlainPassword::to_set(NEW_PASSWORD.to_owned()).unwrap();
            (users::set_password(cli, alice, password).await.map(|_| "user.password_set"), NEW_PASSWORD)
        }
    };
    assert_eq!(server.count(code.unwrap()).await, 1);
    // Under a new password no device is known.
    if password == PASSWORD {
        assert_eq!(submit_login(&mut device, "/login", "alice", password).await.status, 303);
    }
    assert_eq!(submit_login(&mut server.browser(), "/login", "alice", password).await.status, 303);
    let answer = submit_login(&mut server.browser(), "/login", "bob", PASSWORD).await;
    assert_eq!(answer.status, 429, "nobody else's failures are forgotten");
    // Without failures there is nothing to write down.
    users::unlock(cli, alice).await.unwrap();
    users::clear_throttle(cli, alice).await.unwrap();
    assert!(server.count("user.throttle_cleared").await <= 1);
}

#[rstest]
#[tokio::test]
async fn s01_l03_a_password_typed_as_user_name_stands_nowhere(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    for (name, expected) in [(PASSWORD, 200), (PASSWORD, 429), ("Tr0ub4dor&3", 200), ("alice", 200)] {
        let answer = submit_login(&mut server.browser(), "/login", name, "wrong password").await;
        assert_eq!(answer.status, expected, "{name}: {}", answer.body);
    }
    let mut details: Vec<_> =
        server.audit_trail().await.into_iter().filter_map(|event| event.detail).collect();
    details.retain(|detail| !detail.contains(':'));
    let [of_alice, other, again, first] = &details[..] else { panic!("{details:?}") };
    assert_eq!(of_alice, "wrong_password alice", "the name of an account stays readable");
    let tag = first.strip_prefix("unknown_user ").unwrap();
    assert!(tag.len() == 5 && tag.starts_with('#'), "{tag}");
    assert_eq!(again, tag, "the same text shows as the same");
    assert!(other.starts_with("unknown_user #") && !other.ends_with(tag), "{other}");
    if backend == Backend::Sqlite {
        let files = server.files();
        for secret in [PASSWORD, "Tr0ub4dor&3", "correct", "Tr0ub4dor"] {
            let found = files.windows(secret.len()).any(|bytes| bytes == secret.as_bytes());
            assert!(!found, "{secret} stands in the database");
        }
    }
}
