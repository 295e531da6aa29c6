//! Codes of an authenticator app: enrolment, login, and what must not work.

use rstest::rstest;
use tessera_app::Actor;
use tessera_model::{ClientKind, Timestamp};
use tessera_testkit::server::{Backend, PASSWORD, TestServer};
use tokio::task::JoinSet;

use crate::ways::{enrol_app, first_step, log_in, send_code};
use crate::{SCOPE, location, submit_login};

#[rstest]
#[tokio::test]
async fn r13_an_app_is_enrolled_and_then_asked_for(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let mut browser = server.browser();
    log_in(&server, &mut browser).await;
    let app = enrol_app(&server, &mut browser).await;
    let mut browser = server.browser();
    let login = location(&browser.visit(&server.authorize_path(&client, SCOPE, &[])).await);
    let step = first_step(&mut browser, &login).await;
    let home = browser.visit("/").await;
    assert_eq!(home.location(), Some("/login"), "there is no session yet");
    let answer = send_code(&mut browser, &step, "totp", &app.code(server.app.now())).await;
    let code = tessera_testkit::browser::query(answer.location().unwrap(), "code").unwrap();
    let tokens = server.redeem(&client, &code).await.json();
    let claims = crate::claims(tokens["id_token"].as_str().unwrap());
    assert_eq!((&claims["acr"], &claims["amr"]), (&"aal2".into(), &serde_json::json!(["mfa", "otp", "pwd"])));
    assert_eq!(server.count("login.step_passed").await, 1);
    assert_eq!(server.count("authenticator.added").await, 1);
}

#[rstest]
#[tokio::test]
async fn l19_a_code_counts_one_step_before_and_after_and_once(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let mut browser = server.browser();
    log_in(&server, &mut browser).await;
    let app = enrol_app(&server, &mut browser).await;
    for (steps, is_right) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
        server.advance(300);
        let mut browser = server.browser();
        let step = first_step(&mut browser, "/login").await;
        let at = Timestamp::from_seconds(server.app.now().seconds() + 30 * steps);
        let answer = send_code(&mut browser, &step, "totp", &app.code(at)).await;
        assert_eq!(answer.status == 303, is_right, "{steps}: {}", answer.body);
        if is_right {
            let mut browser = server.browser();
            let step = first_step(&mut browser, "/login").await;
            let again = send_code(&mut browser, &step, "totp", &app.code(at)).await;
            assert!(again.body.contains("wrong, or it was used"), "{steps}: {}", again.body);
            let older = Timestamp::from_seconds(at.seconds() - 30);
            server.advance(10);
            let again = send_code(&mut browser, &step, "totp", &app.code(older)).await;
            assert!(again.body.contains("wrong, or it was used"), "{steps}: {}", again.body);
        }
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i01_of_many_that_come_with_one_code_one_is_let_in(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let mut browser = server.browser();
    log_in(&server, &mut browser).await;
    let app = enrol_app(&server, &mut browser).await;
    for round in 0..5 {
        server.advance(60);
        let code = app.code(server.app.now());
        let mut racers = JoinSet::new();
        for _ in 0..8 {
            let mut browser = server.browser();
            let step = first_step(&mut browser, "/login").await;
            let code = code.clone();
            racers.spawn(async move { send_code(&mut browser, &step, "totp", &code).await.status });
        }
        let answers = racers.join_all().await;
        let let_in = answers.iter().filter(|status| **status == 303).count();
        assert_eq!(let_in, 1, "round {round}: {answers:?}");
    }
}

#[rstest]
#[tokio::test]
async fn l17_five_wrong_codes_end_a_login_and_thirty_a_day_block_the_person(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let mut known = server.browser();
    log_in(&server, &mut known).await;
    let app = enrol_app(&server, &mut known).await;
    let step = first_step(&mut known, "/login").await;
    assert_eq!(send_code(&mut known, &step, "totp", &app.code(server.app.now())).await.status, 303);
    let (mut wrong, mut logins) = (0, 0);
    let blocked = loop {
        let mut browser = server.browser();
        let step = first_step(&mut browser, "/login").await;
        logins += 1;
        let mut last = None;
        for guess in 0..5 {
            server.advance(10);
            let answer = send_code(&mut browser, &step, "totp", "000000").await;
            if answer.status == 429 {
                last = Some(answer);
                break;
            }
            wrong += 1;
            let text = if guess < 4 { "wrong, or it was used" } else { "Start again" };
            assert!(answer.body.contains(text), "{guess}: {}", answer.body);
        }
        if let Some(blocked) = last {
            break blocked;
        }
        assert_eq!(browser.visit(&step).await.location(), Some("/login"), "it has ended");
    };
    assert_eq!((wrong, logins), (30, 7), "{}", blocked.body);
    assert!(blocked.header("retry-after").parse::<u64>().unwrap() > 80_000, "{:?}", blocked.headers);
    // A device that has logged in before is not kept out.
    let step = first_step(&mut known, "/login").await;
    assert_eq!(send_code(&mut known, &step, "totp", &app.code(server.app.now())).await.status, 303);
    // Nor is anybody the next day, and a new password in between changes nothing about codes.
    server.advance(86_400);
    let mut browser = server.browser();
    let step = first_step(&mut browser, "/login").await;
    assert_eq!(send_code(&mut browser, &step, "totp", &app.code(server.app.now())).await.status, 303);
}

#[tokio::test]
async fn l21_the_secret_is_ours_and_the_app_must_have_it() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let mut browser = server.browser();
    log_in(&server, &mut browser).await;
    let (first, second) = (browser.visit("/account/totp").await, browser.visit("/account/totp").await);
    let csrf = first.hidden("csrf");
    let send = async |browser: &mut tessera_testkit::browser::Browser, sealed: &str, code: &str| {
        let fields = [("csrf", &*csrf), ("enrolment", sealed), ("code", code), ("name", "Phone")];
        browser.submit("/account/totp", &fields).await
    };
    let app = crate::ways::app_of(&first);
    let code = app.code(server.app.now());
    for (sealed, text) in
        [(second.hidden("enrolment"), "That code is wrong"), ("secret".to_owned(), "out of date")]
    {
        let answer = send(&mut browser, &sealed, &code).await;
        assert!(answer.body.contains(text), "{text}: {}", answer.body);
    }
    // After a mistake the page shows the same secret, so nobody has to scan twice.
    let again = send(&mut browser, &first.hidden("enrolment"), "123").await;
    assert_eq!(crate::ways::app_of(&again).code(server.app.now()), code);
    // Another person's browser cannot finish it.
    server.add_user("bob").await;
    let mut other = server.browser();
    submit_login(&mut other, "/login", "bob", PASSWORD).await;
    let page = other.visit("/account/totp").await;
    let stolen = first.hidden("enrolment");
    let fields = [("csrf", &*page.hidden("csrf")), ("enrolment", &*stolen), ("code", &*code), ("name", "x")];
    assert!(other.submit("/account/totp", &fields).await.body.contains("out of date"));
    assert_eq!(send(&mut browser, &again.hidden("enrolment"), &code).await.status, 303);
    let twice = send(&mut browser, &again.hidden("enrolment"), &code).await;
    assert!(twice.location().is_none() || twice.location() != Some("/account"), "{:?}", twice.location());
    let user = tessera_app::users::find(&server.cli(), "alice").await.unwrap();
    let cx = server.cli().acting_as(Actor::User(user.id));
    let has = tessera_app::authenticators::of_user(&cx, user.id).await.unwrap().authenticators;
    assert_eq!(has.len(), 1, "{has:?}");
}
