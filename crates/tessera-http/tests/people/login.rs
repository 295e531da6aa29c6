//! Login with name and password: strangers learn nothing, every byte is compared, and a login replaces every secret.

use std::time::Duration;

use rstest::rstest;
use tessera_app::hasher::Hashing;
use tessera_app::ports::Clock as _;
use tessera_app::users::{self, NewUser};
use tessera_app::{Actor, Cx};
use tessera_model::{ClientKind, PlainPassword, Presented, PresentedKind, User};
use tessera_testkit::browser::{Answer, query};
use tessera_testkit::clock::TestClock;
use tessera_testkit::evidence::claims;
use tessera_testkit::passwords::{NEW_PASSWORD, any_password};
use tessera_testkit::server::{Backend, PASSWORD, TestServer};

use crate::ways::between;
use crate::{SCOPE, location, login_page, submit_login};

async fn add_user(server: &TestServer, username: &str, password: Option<&str>) -> User {
    let password = password.map(|text| PlainPassword::to_set(text.to_owned()).unwrap());
    let new = NewUser { password, ..NewUser::new(username.parse().unwrap()) };
    users::add(&server.cli(), new).await.unwrap()
}

/// The parts of an answer that could tell two accounts apart.
fn shape(answer: &Answer, username: &str) -> String {
    let mut body = answer.body.clone();
    for field in ["csrf", "flow", "ceremony"] {
        body = body.replace(&answer.hidden(field), "…");
    }
    body = body.replace(between(&answer.body, "challenge&quot;:&quot;", "&quot;"), "…");
    let mut headers: Vec<String> = answer
        .headers
        .iter()
        .filter(|(name, _)| name.as_str() != "date")
        .map(|(name, value)| (name, if name == "x-request-id" { "…" } else { value.to_str().unwrap() }))
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    headers.sort();
    format!("{}\n{}\n\n{}", answer.status, headers.join("\n"), body.replace(username, "…"))
}

#[rstest]
#[tokio::test]
async fn l01_no_answer_tells_which_accounts_exist_or_why_one_does_not_open(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let locked = server.add_user("locke").await;
    let disabled = server.add_user("dises").await;
    add_user(&server, "nopas", None).await;
    users::lock(&server.cli(), locked.id).await.unwrap();
    users::disable(&server.cli(), disabled.id).await.unwrap();
    let client = server.add_client(ClientKind::Web).await;

    let mut shapes = Vec::new();
    let cases = [
        ("alice", "wrong password", "wrong_password alice"),
        ("nobod", PASSWORD, "unknown_user #"),
        ("locke", PASSWORD, "user_locked locke"),
        ("dises", PASSWORD, "user_disabled dises"),
        ("nopas", PASSWORD, "no_password nopas"),
        ("a b c", PASSWORD, "unknown_user #"),
    ];
    for (username, password, _) in cases {
        let mut browser = server.browser();
        let page = login_page(&server, &mut browser, &client).await;
        let answer = submit_login(&mut browser, &page, username, password).await;
        assert_eq!(answer.status, 200);
        assert!(answer.body.contains("do not match"), "{}", answer.body);
        shapes.push(shape(&answer, username));
        // Nor does another attempt that comes too early.
        let again = submit_login(&mut browser, &page, username, password).await;
        assert!(again.body.contains("Wait one second"), "{username}: {}", again.body);
    }
    for other in &shapes[1..] {
        assert_eq!(&shapes[0], other);
    }
    let mut reasons: Vec<_> =
        server.audit_trail().await.into_iter().filter(|e| e.code.as_str() == "login.failed").collect();
    reasons.sort_by_key(|event| event.detail.clone());
    let mut expected = cases.map(|(_, _, detail)| detail);
    expected.sort_unstable();
    let without_tag = |detail: &str| detail.find('#').map_or(detail.len(), |at| at + 1);
    let details: Vec<_> = reasons
        .iter()
        .map(|event| event.detail.as_deref().unwrap())
        .map(|detail| &detail[..without_tag(detail)])
        .collect();
    assert_eq!(details, expected, "i09: the audit trail knows why, once each");
    let of_locked = reasons.iter().find(|e| e.user_id == Some(locked.id)).unwrap();
    assert_eq!(of_locked.detail.as_deref(), Some("user_locked locke"));
}

#[rstest]
#[tokio::test]
async fn l09_every_character_of_a_password_counts(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start_with(backend, any_password).await;
    let twin = "x".repeat(72);
    let longest = "p".repeat(1024);
    let cases = [
        ("spaces", " two  spaces ".to_owned(), "two  spaces".to_owned()),
        ("twins", format!("{twin}a"), format!("{twin}b")),
        ("prefix", format!("{twin}y"), twin),
        ("width", "caf\u{e9} au lait".to_owned(), "caf\u{ff45}\u{301} au lait".to_owned()),
        ("case", "Correct Horse".to_owned(), "correct horse".to_owned()),
        ("longest", longest.clone(), longest[1..].to_owned()),
    ];
    for (username, good, near) in &cases {
        add_user(&server, username, Some(good)).await;
        let refused = submit_login(&mut server.browser(), "/login", username, near).await;
        assert!(refused.body.contains("do not match"), "{username}: {}", refused.body);
        server.advance(1);
        let answer = submit_login(&mut server.browser(), "/login", username, good).await;
        assert_eq!(location(&answer), "/", "{username}");
    }
}

#[rstest]
#[tokio::test]
async fn l09_an_accent_is_the_same_from_every_keyboard(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start_with(backend, any_password).await;
    let (composed, apart) = ("caf\u{e9} au lait", "cafe\u{301} au lait");
    for (username, set, typed) in
        [("one", composed, apart), ("two", apart, composed), ("three", apart, apart)]
    {
        add_user(&server, username, Some(set)).await;
        let answer = submit_login(&mut server.browser(), "/login", username, typed).await;
        assert_eq!((answer.status, answer.location()), (303, Some("/")), "{username}: {}", answer.body);
    }
}

#[rstest]
#[tokio::test]
async fn l03_blanks_around_a_user_name_do_not_count_and_open_no_second_counter(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    for typed in [" alice", "alice ", "\u{a0}Alice\t", "\u{3000}alice\u{3000}"] {
        let answer = submit_login(&mut server.browser(), "/login", typed, PASSWORD).await;
        assert_eq!(answer.status, 303, "{typed:?}: {}", answer.body);
    }
    let inside = submit_login(&mut server.browser(), "/login", "al ice", PASSWORD).await;
    assert!(inside.body.contains("do not match"), "{}", inside.body);
    let refused = submit_login(&mut server.browser(), "/login", "alice", "wrong password").await;
    assert!(refused.body.contains("do not match"), "{}", refused.body);
    let early = submit_login(&mut server.browser(), "/login", " alice  ", "wrong password").await;
    assert!(early.body.contains("Wait one second"), "the same counter: {}", early.body);
}

#[tokio::test]
async fn l09_nothing_is_cut_off_at_a_nul() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let answer = submit_login(&mut server.browser(), "/login", "alice", &format!("{PASSWORD}\0more")).await;
    assert_eq!(answer.status, 400);
    let answer = submit_login(&mut server.browser(), "/login", "alice\0", PASSWORD).await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn l09_an_endless_password_is_refused_before_it_costs_anything() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let before = server.audit_trail().await.len();
    let answer = submit_login(&mut server.browser(), "/login", "alice", &"p".repeat(1025)).await;
    assert_eq!(answer.status, 400);
    let answer = submit_login(&mut server.browser(), "/login", "alice", &"p".repeat(1 << 20)).await;
    assert_eq!(answer.status, 413);
    assert_eq!(server.audit_trail().await.len(), before);
    let answer = submit_login(&mut server.browser(), "/login", "alice", PASSWORD).await;
    assert_eq!(answer.status, 303, "neither counted as an attempt");
}

/// One hashing worker, no queue, and slow hashes.
fn crowded(config: &mut tessera_app::Config) {
    config.hashing = Hashing {
        memory_kib: 32_768,
        passes: 4,
        workers: 1,
        queue: 0,
        queue_timeout: Duration::ZERO,
        ..Hashing::default()
    };
}

#[tokio::test]
async fn l10_f48_a_login_storm_is_turned_away_while_tokens_flow() {
    let server = TestServer::start_with(Backend::Sqlite, crowded).await;
    let machine = server.add_client(ClientKind::Service).await;
    let mut pages = Vec::new();
    for _ in 0..24 {
        let mut browser = server.browser();
        let csrf = browser.visit("/login").await.hidden("csrf");
        pages.push((browser, csrf));
    }
    // Unknown names need a worker of the pool too.
    let storm: Vec<_> = pages
        .into_iter()
        .enumerate()
        .map(|(n, (mut browser, csrf))| {
            tokio::spawn(async move {
                let (username, fields) = (format!("nobody{n}"), csrf);
                let fields = [("csrf", &*fields), ("username", &*username), ("password", PASSWORD)];
                browser.submit("/login", &fields).await
            })
        })
        .collect();
    let token = server.post("/token", &machine, &[("grant_type", "client_credentials")]).await;
    assert_eq!(token.status, 200, "{}", token.body);
    let keys = server.http.get(format!("{}/jwks", server.issuer)).send().await.unwrap();
    assert_eq!(keys.status(), 200);
    let (mut looked_at, mut turned_away) = (0, 0);
    for login in storm {
        let answer = login.await.unwrap();
        match answer.status {
            200 => looked_at += 1,
            503 => {
                turned_away += 1;
                assert!(
                    answer.body.contains("Many people") && answer.body.contains("id=\"login\""),
                    "a way on"
                );
                assert!((1..=3).contains(&answer.header("retry-after").parse::<u32>().unwrap()));
            }
            other => panic!("{other} {}", answer.body),
        }
    }
    assert!(looked_at > 0 && turned_away > 0, "{looked_at} looked at, {turned_away} turned away");
}

#[rstest]
#[tokio::test]
async fn l12_no_secret_from_before_the_login_is_worth_anything_after_it(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let planted = Presented::new(PresentedKind::Session, &[1; 32]).reveal().to_string();
    let mut browser = server.browser();
    browser.cookies().insert("tessera_session".to_owned(), planted.clone());
    let page = login_page(&server, &mut browser, &client).await;
    assert!(page.starts_with("/login"));
    submit_login(&mut browser, &page, "alice", PASSWORD).await;
    let cookie = browser.cookies()["tessera_session"].clone();
    assert_ne!(cookie, planted);
    assert!(cookie.starts_with("tsr_ss_") && cookie.len() < 4096);

    let mut thief = server.browser();
    thief.cookies().insert("tessera_session".to_owned(), planted);
    assert!(login_page(&server, &mut thief, &client).await.starts_with("/login"));
    let path = server.authorize_path(&client, SCOPE, &[("tessera_session", &cookie)]);
    let in_url = server.browser().visit(&path).await;
    assert!(location(&in_url).starts_with("/login"), "a session in the address is ignored");
}

#[rstest]
#[tokio::test]
async fn l12_a_second_login_of_the_same_person_goes_on_in_the_session_under_a_new_secret(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let mut browser = server.browser();
    let first = server.sign_in(&mut browser, &client, SCOPE, "alice").await;
    let old_cookie = browser.cookies()["tessera_session"].clone();
    server.advance(100);

    let path = server.authorize_path(&client, SCOPE, &[("prompt", "login")]);
    let end = server.authorize(&mut browser, &path, "alice").await;
    let second = server.redeem(&client, &query(&end, "code").unwrap()).await;
    let second = claims(second.json()["id_token"].as_str().unwrap());
    assert_eq!(claims(&first.id)["sid"], second["sid"]);
    assert_eq!(second["auth_time"].as_i64(), claims(&first.id)["auth_time"].as_i64().map(|at| at + 100));
    assert_eq!(
        server.refresh_with(&client, &first.refresh).await.status,
        200,
        "grants of the session live on"
    );

    let mut thief = server.browser();
    thief.cookies().insert("tessera_session".to_owned(), old_cookie);
    assert!(login_page(&server, &mut thief, &client).await.starts_with("/login"), "the old secret is dead");
    assert_eq!(server.count("session.ended").await, 0);
}

#[rstest]
#[tokio::test]
async fn l12_another_persons_login_ends_the_session_and_its_grants(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    server.add_user("bob").await;
    let client = server.add_client(ClientKind::Web).await;
    let mut browser = server.browser();
    let first = server.sign_in(&mut browser, &client, SCOPE, "alice").await;
    let path = server.authorize_path(&client, SCOPE, &[("prompt", "login")]);
    let end = server.authorize(&mut browser, &path, "bob").await;
    let second = server.redeem(&client, &query(&end, "code").unwrap()).await;
    let second = claims(second.json()["id_token"].as_str().unwrap());
    assert_ne!(claims(&first.id)["sid"], second["sid"]);
    assert_ne!(claims(&first.id)["sub"], second["sub"]);
    assert_eq!(server.refresh_with(&client, &first.refresh).await.error(), "invalid_grant");
    assert!(server.has_revocation_rule("session", &first.session()).await);
    assert_eq!(server.count("session.ended").await, 1);
}

#[rstest]
#[tokio::test]
async fn from_the_date_on_a_password_hashed_at_another_cost_opens_nothing(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let until = TestClock::new().now().after(Duration::from_secs(100));
    let server = TestServer::start_with(backend, |config| config.hashing.outdated_until = Some(until)).await;
    let other = server.second_process(|config| config.hashing.passes = 3).await;
    let older = &Cx::new(&other, Actor::Cli);
    for username in ["alice", "bobby"] {
        let password = Some(PlainPassword::to_set(PASSWORD.to_owned()).unwrap());
        let new = NewUser { password, ..NewUser::new(username.parse().unwrap()) };
        users::add(older, new).await.unwrap();
    }
    server.add_user("carol").await;
    let log_in =
        async |username: &str| submit_login(&mut server.browser(), "/login", username, PASSWORD).await;
    let outdated = async |username: &str| {
        let user = users::find(&server.cli(), username).await.unwrap();
        users::has_outdated_password(&server.cli(), &user)
    };
    assert!(outdated("alice").await && outdated("bobby").await && !outdated("carol").await);
    server.advance(99);
    assert_eq!(location(&log_in("alice").await), "/", "the last second before the date");
    assert!(!outdated("alice").await, "it was hashed again");
    users::note_costs(&server.app).await.unwrap();

    server.advance(1);
    users::note_costs(&server.app).await.unwrap();
    let client = server.add_client(ClientKind::Web).await;
    let refused = async |username: &str| {
        let mut browser = server.browser();
        let page = login_page(&server, &mut browser, &client).await;
        let answer = submit_login(&mut browser, &page, username, PASSWORD).await;
        assert!(answer.body.contains("do not match"), "{}", answer.body);
        shape(&answer, username)
    };
    assert_eq!(refused("bobby").await, refused("nobod").await, "the page says what it always says");
    assert!(outdated("bobby").await);
    for good in ["alice", "carol"] {
        assert_eq!(location(&log_in(good).await), "/", "{good}");
    }
    let failed = server.audit_trail().await.into_iter().filter(|e| e.code.as_str() == "login.failed");
    let mut details: Vec<_> = failed.map(|event| event.detail.unwrap()).collect();
    details.sort_unstable();
    assert_eq!(details.len(), 2, "{details:?}");
    assert_eq!(details[0], "password_outdated bobby");
    assert!(details[1].starts_with("unknown_user #"), "{details:?}");

    let bobby = users::find(&server.cli(), "bobby").await.unwrap().id;
    let new = PlainPassword::to_set(NEW_PASSWORD.to_owned()).unwrap();
    users::set_password(&server.cli(), bobby, new).await.unwrap();
    server.advance(1);
    let answer = submit_login(&mut server.browser(), "/login", "bobby", NEW_PASSWORD).await;
    assert_eq!(location(&answer), "/", "a new password opens the account");
}

#[tokio::test]
async fn i09_a_login_is_one_event() {
    let server = TestServer::start(Backend::Sqlite).await;
    let alice = server.add_user("alice").await;
    submit_login(&mut server.browser(), "/login", "alice", PASSWORD).await;
    let events = server.audit_trail().await;
    let about: Vec<_> = events.iter().filter(|event| event.code.as_str().starts_with("login.")).collect();
    let [event] = about[..] else { panic!("{about:?}") };
    assert_eq!(event.code.as_str(), "login.succeeded");
    assert_eq!(event.actor, format!("user:{}", alice.id));
    assert_eq!((event.user_id, event.ip.as_deref()), (Some(alice.id), Some("127.0.0.1")));
    assert!(event.session_id.is_some() && event.request_id.is_some());
}

#[tokio::test]
async fn who_is_logged_in_sees_so() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let mut browser = server.browser();
    assert_eq!(location(&browser.visit("/").await), "/login", "nobody yet");
    let answer = submit_login(&mut browser, "/login", "Alice", PASSWORD).await;
    assert_eq!((answer.status, location(&answer).as_str()), (303, "/"));
    assert_eq!(location(&browser.visit("/login").await), "/", "who is logged in need not log in");
    let page = browser.visit("/").await;
    assert!(page.body.contains("You are signed in as \u{2068}alice\u{2069}"), "{}", page.body);
    assert!(page.body.contains("No application has access"), "{}", page.body);
    assert_eq!(page.header("cross-origin-opener-policy"), "same-origin", "t12");
    let other = browser.visit("/login?account=other").await;
    assert!(other.body.contains("id=\"login\"") && !other.body.contains("alice"), "{}", other.body);
}

#[rstest]
#[tokio::test]
async fn the_start_page_names_the_applications_with_access(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let named = |name: &str| name.to_owned();
    let web = server.add_client_with(ClientKind::Web, |new| new.name = named("Photo <b>Book</b>")).await;
    let other = server.add_client_with(ClientKind::Web, |new| new.name = named("Address Book")).await;
    let mut browser = server.browser();
    let tokens = server.sign_in(&mut browser, &web, SCOPE, "alice").await;
    server.sign_in(&mut browser, &other, SCOPE, "alice").await;
    let page = browser.visit("/").await;
    let (photos, addresses) =
        (page.body.find("Photo &lt;b&gt;Book&lt;&#x2f;b&gt;"), page.body.find("Address Book"));
    assert!(addresses.is_some() && addresses < photos, "by name, as text: {}", page.body);
    assert_eq!(page.body.matches("since \u{2068}20").count(), 2, "{}", page.body);
    server.post("/revoke", &web, &[("token", &tokens.refresh)]).await;
    let page = browser.visit("/").await;
    assert!(!page.body.contains("Photo") && page.body.contains("Address Book"), "{}", page.body);
}
