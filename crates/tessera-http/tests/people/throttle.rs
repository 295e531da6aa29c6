//! Guessing at one account becomes slow (policy P3).

use std::time::Duration;

use rstest::rstest;
use tessera_app::users;
use tessera_model::{ClientKind, PlainPassword, Presented, PresentedKind};
use tessera_testkit::browser::Browser;
use tessera_testkit::server::{Backend, PASSWORD, TestServer};

use crate::{SCOPE, submit_login};

/// How long the page tells the person to wait. `None` if the attempt was verified.
fn wait(body: &str) -> Option<u64> {
    if body.contains("Wait one second") {
        return Some(1);
    }
    let (_, rest) = body.split_once("Wait ")?;
    let number = rest.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit);
    Some(number.collect::<String>().parse().unwrap())
}

#[rstest]
#[tokio::test]
async fn p3_l03_the_delays_grow_are_told_truthfully_and_end_at_midnight(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    server.advance(3_600);
    let mut browser = server.browser();
    let mut spent = 3_600;
    for failure in 1..=100 {
        let answer = submit_login(&mut browser, "/login", "alice", "wrong password").await;
        assert!(answer.body.contains("do not match"), "attempt {failure}: {}", answer.body);
        let answer = submit_login(&mut browser, "/login", "alice", PASSWORD).await;
        let told = wait(&answer.body).unwrap_or_else(|| panic!("attempt {failure}: {}", answer.body));
        let expected = match failure {
            ..3 => 1,
            3..9 => 3,
            9..25 => 5,
            25..100 => 10,
            _ => 86_400 - spent,
        };
        assert_eq!(told, expected, "after {failure} failures");
        assert_eq!((answer.status, answer.header("retry-after")), (429, &*told.to_string()));
        if failure % 10 == 3 {
            server.advance(told - 1);
            let early = submit_login(&mut browser, "/login", "alice", PASSWORD).await;
            assert_eq!(wait(&early.body), Some(1), "a second too early");
            server.advance(1);
        } else {
            server.advance(told);
        }
        spent += told;
    }
    let answer = submit_login(&mut browser, "/login", "alice", "wrong password").await;
    assert!(answer.body.contains("do not match"), "at midnight it is looked at again: {}", answer.body);
    let answer = submit_login(&mut browser, "/login", "alice", PASSWORD).await;
    assert_eq!(wait(&answer.body), Some(1), "the failures of yesterday do not count");
    server.advance(1);
    let answer = submit_login(&mut browser, "/login", "alice", PASSWORD).await;
    assert_eq!(answer.status, 303, "and the right password opens again");
    let mut other = server.browser();
    submit_login(&mut other, "/login", "alice", "wrong password").await;
    let answer = submit_login(&mut other, "/login", "alice", "wrong password").await;
    assert_eq!(wait(&answer.body), Some(1), "a success forgets the failures");
}

#[tokio::test]
async fn p3_other_names_are_not_delayed_but_spellings_of_one_name_are() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    server.add_user("bob").await;
    submit_login(&mut server.browser(), "/login", "alice", "wrong password").await;
    let answer = submit_login(&mut server.browser(), "/login", "ALICE", PASSWORD).await;
    assert_eq!(wait(&answer.body), Some(1));
    let answer = submit_login(&mut server.browser(), "/login", "bob", PASSWORD).await;
    assert_eq!(answer.status, 303);
    let events = server.audit_trail().await;
    let throttled: Vec<_> = events.iter().filter(|e| e.code.as_str() == "login.throttled").collect();
    assert_eq!(throttled.len(), 1, "i09");
    assert_eq!(throttled[0].detail.as_deref(), Some("ALICE"));
}

#[rstest]
#[tokio::test]
async fn p3_of_guesses_that_come_together_one_is_looked_at(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let mut pages = Vec::new();
    for _ in 0..20 {
        let mut browser = server.browser();
        let csrf = browser.visit("/login").await.hidden("csrf");
        pages.push((browser, csrf));
    }
    let guesses: Vec<_> = pages
        .into_iter()
        .map(|(mut browser, csrf)| {
            tokio::spawn(async move {
                let fields = [("csrf", &*csrf), ("username", "alice"), ("password", "wrong password")];
                browser.submit("/login", &fields).await
            })
        })
        .collect();
    let (mut looked_at, mut starved) = (0, 0);
    for guess in guesses {
        let answer = guess.await.unwrap();
        if answer.status == 503 && backend == Backend::Postgres {
            starved += 1;
            continue;
        }
        let free = wait(&answer.body).is_none();
        assert_eq!(answer.status, if free { 200 } else { 429 }, "{}", answer.body);
        looked_at += usize::from(free);
    }
    if starved > 0 {
        // With too little CPU time PostgreSQL cancels statements. Such attempts were counted too, and none twice.
        assert!(
            looked_at <= 1 && server.count("login.failed").await <= 1,
            "{looked_at} looked at, {starved} starved"
        );
        return;
    }
    assert_eq!(looked_at, 1);
    assert_eq!((server.count("login.failed").await, server.count("login.throttled").await), (1, 10));
    // The nine beyond the audit budget become one row when the minute is over.
    server.advance(60);
    tessera_app::audit::flush(&server.app).await.unwrap();
    let events = server.audit_trail().await;
    let (rows, sums): (Vec<_>, Vec<_>) = events
        .iter()
        .filter(|event| event.code.as_str() == "login.throttled")
        .partition(|event| event.request_id.is_some());
    assert_eq!((rows.len(), sums.len()), (10, 1));
    assert_eq!((sums[0].detail.as_deref(), sums[0].ip.as_deref()), (Some("9 more"), Some("127.0.0.1")));
    assert_eq!((sums[0].actor.as_str(), sums[0].at.since(rows[0].at).as_secs()), ("anonymous", 60));
}

/// A browser in which this person has logged in before and is not logged in now.
async fn known(server: &TestServer, username: &str) -> Browser {
    let mut browser = server.browser();
    let answer = submit_login(&mut browser, "/login", username, PASSWORD).await;
    assert_eq!(answer.status, 303);
    let set: Vec<_> = answer.headers.get_all("set-cookie").iter().map(|set| set.to_str().unwrap()).collect();
    let device = set.iter().find(|set| set.starts_with("tessera_device=tsr_dv_")).unwrap();
    assert!(device.ends_with("; Path=/; HttpOnly; SameSite=Lax; Max-Age=15552000"), "{device}");
    browser.cookies().remove("tessera_session");
    browser
}

/// Strangers guess until the account accepts no more of their attempts before midnight.
async fn besiege(server: &TestServer, username: &str) {
    let mut stranger = server.browser();
    for _ in 0..100 {
        let answer = submit_login(&mut stranger, "/login", username, "wrong password").await;
        assert!(answer.body.contains("do not match"), "{}", answer.body);
        server.advance(10);
    }
    let answer = submit_login(&mut stranger, "/login", username, PASSWORD).await;
    assert!(wait(&answer.body).unwrap() > 3_600, "{}", answer.body);
}

#[tokio::test]
async fn p3_a_gap_blocks_nobody_until_midnight() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let mut stranger = server.browser();
    let mut guess = async || {
        let answer = submit_login(&mut stranger, "/login", "alice", "wrong password").await;
        assert!(answer.body.contains("do not match"), "{}", answer.body);
        let answer = submit_login(&mut stranger, "/login", "alice", "wrong password").await;
        wait(&answer.body).unwrap()
    };
    for _ in 0..99 {
        let told = guess().await;
        server.advance(told);
    }
    server.clock.set_ahead(Duration::from_secs(2 * 3_600));
    assert_eq!(guess().await, 10, "the clock may be wrong");
    server.advance(600);
    assert!(guess().await > 3_600, "nobody has put it right");
}

#[rstest]
#[tokio::test]
async fn p3_l03_strangers_do_not_delay_a_device_that_has_logged_in_before(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let mut device = known(&server, "alice").await;
    let before = server.sign_in(&mut server.browser(), &client, SCOPE, "alice").await;
    besiege(&server, "alice").await;
    let refreshed = server.refresh_with(&client, &before.refresh).await;
    assert_eq!(refreshed.status, 200, "sessions and tokens go on: {}", refreshed.body);
    for name in ["alice", "Alice"] {
        let answer = submit_login(&mut device, "/login", name, PASSWORD).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        device.cookies().remove("tessera_session");
    }
    let answer = submit_login(&mut server.browser(), "/login", "alice", PASSWORD).await;
    assert!(wait(&answer.body).unwrap() > 3_600, "and strangers gain nothing by it: {}", answer.body);
}

#[rstest]
#[tokio::test]
async fn p3_a_known_device_needs_the_password_and_its_own_guesses_delay_it_alone(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let mut device = known(&server, "alice").await;
    let mut second = known(&server, "alice").await;
    for told in [1, 1, 3, 3] {
        let answer = submit_login(&mut device, "/login", "alice", "wrong password").await;
        assert!(answer.body.contains("do not match"), "{}", answer.body);
        let answer = submit_login(&mut device, "/login", "alice", PASSWORD).await;
        assert_eq!(wait(&answer.body), Some(told), "{}", answer.body);
        server.advance(told);
    }
    submit_login(&mut device, "/login", "alice", "wrong password").await;
    assert_eq!(submit_login(&mut second, "/login", "alice", PASSWORD).await.status, 303);
    assert_eq!(submit_login(&mut server.browser(), "/login", "alice", PASSWORD).await.status, 303);
    let answer = submit_login(&mut device, "/login", "alice", PASSWORD).await;
    assert_eq!(wait(&answer.body), Some(3), "nobody else's login forgets its guesses");
}

#[tokio::test]
async fn l51_a_device_of_somebody_else_a_forged_one_and_one_of_an_old_password_are_strangers() {
    let server = TestServer::start(Backend::Sqlite).await;
    let alice = server.add_user("alice").await;
    server.add_user("bob").await;
    let mut device = known(&server, "alice").await;
    let genuine = device.cookies()["tessera_device"].clone();
    let of_bob = known(&server, "bob").await.cookies()["tessera_device"].clone();
    besiege(&server, "alice").await;
    let body = Presented::parse(PresentedKind::Device, &genuine).unwrap().body().to_vec();
    let forged = |kind, body: &[u8]| Presented::new(kind, body).reveal().to_string();
    let mut forgeries = vec![of_bob, genuine.replace("tsr_dv_", "tsr_br_"), String::new()];
    for at in [0, 15, 16, 47] {
        let mut body = body.clone();
        body[at] ^= 1;
        forgeries.push(forged(PresentedKind::Device, &body));
    }
    forgeries.extend([0, 15, 16, 47].map(|len| forged(PresentedKind::Device, &body[..len])));
    forgeries.push(forged(PresentedKind::Browser, &body));
    for forgery in forgeries {
        let mut browser = server.browser();
        browser.cookies().insert("tessera_device".to_owned(), forgery.clone());
        let answer = submit_login(&mut browser, "/login", "alice", PASSWORD).await;
        assert!(wait(&answer.body).is_some(), "{forgery}: {}", answer.body);
    }
    let new = "another good password";
    let set = PlainPassword::to_set(new.to_owned()).unwrap();
    assert_eq!(submit_login(&mut device, "/login", "alice", PASSWORD).await.status, 303, "the genuine one");
    device.cookies().remove("tessera_session");
    users::set_password(&server.cli(), alice.id, set).await.unwrap();
    besiege(&server, "alice").await;
    let answer = submit_login(&mut device, "/login", "alice", new).await;
    assert!(wait(&answer.body).is_some(), "{}", answer.body);
}
