//! Guessing over many accounts is limited before a hash is computed, and known devices are not affected.

use std::net::{IpAddr, Ipv4Addr};

use futures_util::future::join_all;
use rstest::rstest;
use tessera_app::hasher::Hashing;
use tessera_app::network::Peers;
use tessera_model::EventCode;
use tessera_testkit::browser::{Answer, Browser};
use tessera_testkit::server::{Backend, PASSWORD, TestServer};

use crate::submit_login;

/// A program that tries names and passwords from one address, with one form.
struct Guesser {
    browser: Browser,
    csrf: String,
}

impl Guesser {
    async fn at(server: &TestServer, host: u8) -> Self {
        let source = server.http_from(IpAddr::V4(Ipv4Addr::new(127, 0, 0, host)));
        let mut browser = Browser::new(source, &server.issuer);
        let csrf = browser.visit("/login").await.hidden("csrf");
        Self { browser, csrf }
    }

    async fn tries(&mut self, username: &str, password: &str) -> Answer {
        let fields = [("csrf", &*self.csrf), ("username", username), ("password", password)];
        self.browser.submit("/login", &fields).await
    }
}

/// How long to wait, if the attempt was limited.
fn held(answer: &Answer) -> Option<u64> {
    match answer.status {
        200 | 303 => None,
        429 => {
            assert!(answer.body.contains("Wait "), "{}", answer.body);
            Some(answer.header("retry-after").parse().unwrap())
        }
        status => panic!("{status} {}", answer.body),
    }
}

/// A browser in which this person has logged in before and is not logged in now.
async fn known(server: &TestServer, username: &str) -> Browser {
    let mut browser = server.browser();
    assert_eq!(submit_login(&mut browser, "/login", username, PASSWORD).await.status, 303);
    browser.cookies().remove("tessera_session");
    browser
}

#[rstest]
#[tokio::test]
async fn l03_after_a_hundred_failures_one_address_waits_and_nobody_else(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let mut device = known(&server, "alice").await;
    let mut guesser = Guesser::at(&server, 1).await;
    for number in 0..100 {
        let answer = guesser.tries(&format!("name{number}"), &format!("guess {number}")).await;
        assert_eq!(held(&answer), None, "{number}: {}", answer.body);
    }
    for username in ["name100", "alice"] {
        let answer = guesser.tries(username, PASSWORD).await;
        assert_eq!(held(&answer), Some(6), "the right password is not looked at either: {}", answer.body);
    }
    // Of names that nobody has, ten a minute have a row, and one more has the number of the others.
    assert_eq!((server.count("login.failed").await, server.count("login.throttled").await), (10, 2));
    let trail = server.audit_trail().await;
    let throttled = trail.iter().find(|event| event.code.as_str() == "login.throttled").unwrap();
    assert_eq!(throttled.detail.as_deref(), Some("address alice"));
    let numbers = async || {
        tessera_app::audit::flush(&server.app).await.unwrap();
        let failed = server.events(EventCode::LoginFailed).await;
        failed.into_iter().find(|event| event.request_id.is_none()).and_then(|event| event.detail)
    };
    assert_eq!(numbers().await, None, "the minute goes on");
    // A known device behind the same address, and a stranger elsewhere.
    assert_eq!(submit_login(&mut device, "/login", "alice", PASSWORD).await.status, 303);
    let mut elsewhere = Guesser::at(&server, 2).await;
    assert_eq!(elsewhere.tries("alice", PASSWORD).await.status, 303);
    server.advance(5);
    assert_eq!(held(&guesser.tries("name101", "guess").await), Some(1));
    server.advance(1);
    assert_eq!(held(&guesser.tries("name102", "guess").await), None, "ten a minute from then on");
    assert_eq!(held(&guesser.tries("name103", "guess").await), Some(6));
    server.advance(6);
    assert_eq!(guesser.tries("alice", PASSWORD).await.status, 303, "and whoever knows the password gets in");
    server.advance(60);
    assert_eq!(numbers().await.as_deref(), Some("91 more"));
}

#[tokio::test]
async fn l03_an_office_that_logs_in_from_one_address_is_not_held() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    for number in 0..150 {
        let answer = Guesser::at(&server, 1).await.tries("alice", PASSWORD).await;
        assert_eq!(answer.status, 303, "{number}: {}", answer.body);
    }
    // Attempts that the account's own delay refuses do not count here.
    let mut guesser = Guesser::at(&server, 1).await;
    for _ in 0..150 {
        guesser.tries("alice", "wrong password").await;
    }
    assert_eq!(held(&guesser.tries("bob", PASSWORD).await), None);
}

/// An attempt that finds the hashing pool full is not counted.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn l10_who_is_turned_away_by_the_pool_has_not_guessed() {
    let slow = |config: &mut tessera_app::Config| {
        config.hashing =
            Hashing { memory_kib: 65_536, passes: 8, workers: 1, queue: 0, ..Hashing::default() };
    };
    let server = TestServer::start_with(Backend::Sqlite, slow).await;
    let mut busy = 0;
    for wave in 0..4 {
        let mut attempts = Vec::new();
        for number in 0..50 {
            let mut guesser = Guesser::at(&server, 1).await;
            let (name, guess) = (format!("name{wave}-{number}"), format!("guess {wave} {number}"));
            attempts.push(async move { guesser.tries(&name, &guess).await.status });
        }
        let answers = join_all(attempts).await;
        assert!(!answers.contains(&429), "{answers:?}");
        busy += answers.iter().filter(|status| **status == 503).count();
    }
    assert!(busy > 100, "{busy}");
    assert_eq!(held(&Guesser::at(&server, 1).await.tries("name", "guess").await), None);
}

/// An attempt that fails after its password was found right is not counted either.
#[tokio::test]
async fn l04_whose_session_cannot_be_written_has_not_guessed() {
    let server = TestServer::start(Backend::Postgres).await;
    let names: Vec<_> = (0..60).map(|number| format!("name{number}")).collect();
    for name in &names {
        server.add_user(name).await;
    }
    let mut person = Guesser::at(&server, 1).await;
    server.sql("ALTER TABLE sessions RENAME TO lost");
    for name in &names {
        let answer = person.tries(name, PASSWORD).await;
        assert_eq!(answer.status, 500, "{name}: {}", answer.body);
    }
    server.sql("ALTER TABLE lost RENAME TO sessions");
    server.advance(1);
    assert_eq!(person.tries(&names[0], PASSWORD).await.status, 303);
}

#[tokio::test]
async fn l03_behind_a_proxy_nobody_is_held_for_the_address_that_all_share() {
    let behind_proxy = |config: &mut tessera_app::Config| config.peers = Peers::Shared;
    let server = TestServer::start_with(Backend::Sqlite, behind_proxy).await;
    let mut guesser = Guesser::at(&server, 1).await;
    for number in 0..150 {
        let answer = guesser.tries(&format!("name{number}"), &format!("guess {number}")).await;
        assert_eq!(held(&answer), None, "{number}: {}", answer.body);
    }
}

#[rstest]
#[tokio::test]
async fn l03_l10_behind_a_proxy_all_guesses_together_meet_a_brake_and_known_devices_do_not(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let behind_proxy = |config: &mut tessera_app::Config| config.peers = Peers::Shared;
    let server = TestServer::start_with(backend, behind_proxy).await;
    server.add_user("alice").await;
    let mut device = known(&server, "alice").await;
    let mut guesser = Guesser::at(&server, 1).await;
    let mut looked_at = 0;
    for number in 0..700 {
        let answer = guesser.tries(&format!("name{number}"), &format!("guess {number}")).await;
        looked_at += usize::from(held(&answer).is_none());
    }
    assert_eq!(looked_at, 600, "then ten a second");
    assert_eq!(held(&guesser.tries("name", "guess").await), Some(1));
    assert_eq!(submit_login(&mut device, "/login", "alice", PASSWORD).await.status, 303);
    server.advance(2);
    for number in 0..30 {
        let answer = guesser.tries(&format!("later{number}"), &format!("guess {number}")).await;
        looked_at += usize::from(held(&answer).is_none());
    }
    assert_eq!(looked_at, 620);
    // 730 made-up names have left no more rows than a stranger may have.
    let rows = server.audit_trail().await.len();
    assert!(rows < 50, "{rows}");
}

#[rstest]
#[tokio::test]
async fn l04_one_password_on_many_accounts_raises_the_alarm_and_is_held(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let mut device = known(&server, "alice").await;
    let mut sources = [Guesser::at(&server, 1).await, Guesser::at(&server, 2).await];
    for number in 0..50 {
        let answer = sources[number % 2].tries(&format!("name{number}"), PASSWORD).await;
        assert_eq!(held(&answer), None, "{number}: {}", answer.body);
    }
    assert_eq!(server.count("login.spray_suspected").await, 0);
    for number in 50..70 {
        let answer = sources[number % 2].tries(&format!("name{number}"), PASSWORD).await;
        assert_eq!(held(&answer), Some(12), "{number}: {}", answer.body);
    }
    let mut third = Guesser::at(&server, 3).await;
    assert_eq!(held(&third.tries("alice", PASSWORD).await), Some(12), "from wherever it comes");
    assert_eq!(held(&third.tries("alice", "another password").await), None, "other passwords are free");
    assert_eq!(server.count("login.spray_suspected").await, 1, "once");
    assert_eq!(
        submit_login(&mut device, "/login", "alice", PASSWORD).await.status,
        303,
        "known devices are free"
    );
    server.advance(12);
    assert_eq!(third.tries("alice", PASSWORD).await.status, 303);
}

#[tokio::test]
async fn l04_an_alarm_that_the_database_does_not_take_is_not_forgotten() {
    let server = TestServer::start(Backend::Postgres).await;
    let mut guesser = Guesser::at(&server, 1).await;
    for number in 0..50 {
        assert_eq!(held(&guesser.tries(&format!("name{number}"), PASSWORD).await), None);
    }
    server.sql("ALTER TABLE audit RENAME TO lost");
    let answer = guesser.tries("name50", PASSWORD).await;
    assert_eq!(answer.status, 503, "{}", answer.body);
    server.sql("ALTER TABLE lost RENAME TO audit");
    assert_eq!(held(&guesser.tries("name51", PASSWORD).await), Some(12));
    assert_eq!(server.count("login.spray_suspected").await, 1);
    let trail = server.audit_trail().await;
    let throttled = trail.iter().filter(|event| event.code.as_str() == "login.throttled");
    let mut details: Vec<_> = throttled.filter_map(|event| event.detail.as_deref()).collect();
    details.sort_unstable();
    assert!(matches!(&details[..], ["1 more", held] if held.starts_with("password #")), "{details:?}");
}
