//! A login of several steps: none can be skipped, repeated, moved to another person or finished in another browser.

use rstest::rstest;
use tessera_app::users;
use tessera_model::{ClientKind, PlainPassword};
use tessera_testkit::browser::Browser;
use tessera_testkit::passwords::NEW_PASSWORD;
use tessera_testkit::server::{Backend, PASSWORD, TestServer};

use crate::ways::{App, enrol_app, first_step, log_in, send_code, submit_step};
use crate::{SCOPE, location, submit_login};

async fn with_app(server: &TestServer) -> (Browser, App) {
    server.add_user("alice").await;
    let mut browser = server.browser();
    log_in(server, &mut browser).await;
    let app = enrol_app(server, &mut browser).await;
    (browser, app)
}

#[rstest]
#[tokio::test]
async fn a_login_goes_on_only_in_its_browser(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let server = TestServer::start(backend).await;
    let (_, app) = with_app(&server).await;
    let (mut here, mut there) = (server.browser(), server.browser());
    let step = first_step(&mut here, "/login").await;
    let theirs = first_step(&mut there, "/login").await;
    let elsewhere = server.browser().visit(&step).await;
    assert_eq!(elsewhere.location(), Some("/login"));
    // With the id of one login in the form of another.
    let page = there.visit(&format!("{theirs}&method=totp")).await;
    let id = step.strip_prefix("/login/step?login=").unwrap();
    let code = app.code(server.app.now());
    let fields = [("csrf", &*page.hidden("csrf")), ("login", id), ("method", "totp"), ("code", &*code)];
    let answer = there.submit("/login/step", &fields).await;
    assert!(answer.body.contains("Start again"), "{}", answer.body);
    assert_eq!(there.visit("/").await.location(), Some("/login"));
    assert_eq!(send_code(&mut here, &step, "totp", &code).await.location(), Some("/"), "and here it does");
}

#[rstest]
#[tokio::test]
async fn a_step_is_taken_once_and_none_is_skipped(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let (_, app) = with_app(&server).await;
    let mut browser = server.browser();
    let step = first_step(&mut browser, "/login").await;
    let page = browser.visit(&format!("{step}&method=totp")).await;
    // The step that is done already does not count again.
    let again = submit_step(&mut browser, &page, &[("method", "password"), ("password", PASSWORD)]).await;
    assert!(again.body.contains("Start again"), "{}", again.body);
    let code = app.code(server.app.now());
    let send = [("method", "totp"), ("code", &*code)];
    assert_eq!(submit_step(&mut browser, &page, &send).await.location(), Some("/"));
    let home = browser.visit("/").await;
    assert_eq!(home.status, 200);
    server.advance(30);
    let code = app.code(server.app.now());
    let again = submit_step(&mut browser, &page, &[("method", "totp"), ("code", &*code)]).await;
    assert!(again.body.contains("Start again"), "{}", again.body);
    assert_eq!(server.count("login.succeeded").await, 2, "the enrolment's and this one");
}

#[rstest]
#[tokio::test]
async fn l11_a_login_under_way_ends_with_the_credentials_that_began_it(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[values("password", "lock", "factor", "time")] what: &str,
) {
    let server = TestServer::start(backend).await;
    let (mut owner, app) = with_app(&server).await;
    let other = crate::ways::second_app(&server, &mut owner, &app).await;
    let alice = users::find(&server.cli(), "alice").await.unwrap();
    let mut browser = server.browser();
    let step = first_step(&mut browser, "/login").await;
    match what {
        "password" => {
            let new = PlainPassword::to_set(NEW_PASSWORD.to_owned()).unwrap();
            users::set_password(&server.cli(), alice.id, new).await.unwrap();
        }
        "lock" => drop(users::lock(&server.cli(), alice.id).await.unwrap()),
        "factor" => {
            let step = first_step(&mut owner, "/login").await;
            send_code(&mut owner, &step, "totp", &other.code(server.app.now())).await;
            crate::ways::remove_first(&mut owner).await;
        }
        _ => server.advance(10 * 60),
    }
    assert_eq!(browser.visit(&step).await.location(), Some("/login"), "{what}");
    let csrf = browser.visit("/login").await.hidden("csrf");
    let id = step.strip_prefix("/login/step?login=").unwrap();
    let code = other.code(server.app.now());
    let fields = [("csrf", &*csrf), ("login", id), ("method", "totp"), ("code", &*code)];
    let answer = browser.submit("/login/step", &fields).await;
    assert!(answer.body.contains("Start again"), "{what}: {}", answer.body);
    assert_eq!(browser.visit("/").await.location(), Some("/login"), "{what}");
}

#[rstest]
#[tokio::test]
async fn r17_r96_acr_values_ask_for_the_missing_step_alone(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let client = server.add_client(ClientKind::Web).await;
    // The session is older than the app, so it has one factor.
    let (mut browser, app) = with_app(&server).await;
    let plain = server.authorize_path(&client, SCOPE, &[]);
    assert!(location(&browser.visit(&plain).await).contains("code="), "nothing more is asked for");
    let wanting = server.authorize_path(&client, SCOPE, &[("acr_values", "phrh aal2")]);
    let silent = server.authorize_path(&client, SCOPE, &[("acr_values", "aal2"), ("prompt", "none")]);
    let refused = location(&browser.visit(&silent).await);
    assert!(refused.contains("error=interaction_required"), "{refused}");
    let step = location(&browser.visit(&wanting).await);
    assert!(step.starts_with("/login/step?flow="), "{step}");
    let page = browser.visit(&step).await;
    assert!(page.body.contains("Code from your authenticator app"), "{}", page.body);
    let code = app.code(server.app.now());
    let answer = submit_step(&mut browser, &page, &[("method", "totp"), ("code", &*code)]).await;
    let code = tessera_testkit::browser::query(&location(&answer), "code").unwrap();
    let tokens = server.redeem(&client, &code).await.json();
    assert_eq!(crate::claims(tokens["id_token"].as_str().unwrap())["acr"], "aal2");
    // Now the session has it, and nothing is asked.
    assert!(location(&browser.visit(&wanting).await).contains("code="));
    // Whoever has nothing more is not kept out by a wish.
    server.add_user("bob").await;
    let mut browser = server.browser();
    submit_login(&mut browser, "/login", "bob", PASSWORD).await;
    assert!(location(&browser.visit(&wanting).await).contains("code="));
}

#[tokio::test]
async fn a_session_that_has_ended_is_not_begun_again_by_a_second_factor() {
    let server = TestServer::start(Backend::Postgres).await;
    let client = server.add_client(ClientKind::Web).await;
    let (mut browser, app) = with_app(&server).await;
    let step =
        location(&browser.visit(&server.authorize_path(&client, SCOPE, &[("acr_values", "aal2")])).await);
    let page = browser.visit(&step).await;
    server.sql(&format!("UPDATE sessions SET ended_at = {}", server.app.now().seconds()));
    let code = app.code(server.app.now());
    let answer = submit_step(&mut browser, &page, &[("method", "totp"), ("code", &*code)]).await;
    assert!(location(&answer).starts_with("/login?flow="), "{:?}", answer.location());
    assert_eq!(browser.visit("/").await.location(), Some("/login"));
}

#[rstest]
#[tokio::test]
async fn l39_a_session_that_somebody_left_open_adds_and_removes_nothing(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let (mut browser, app) = with_app(&server).await;
    // One factor is less than the account has now.
    for path in ["/account/totp", "/account/passkey", "/account/password", "/account/recovery-codes"] {
        assert!(location(&browser.visit(path).await).starts_with("/login?to="), "{path}");
    }
    let csrf = browser.visit("/login?account=other").await.hidden("csrf");
    let made = browser.submit("/account/recovery-codes", &[("csrf", &csrf)]).await;
    assert_eq!(made.location(), Some("/login?to=recovery-codes"));
    // With both it does, for ten minutes, and the person comes back to where they were.
    let page = browser.visit("/login?to=totp").await;
    let fields =
        [("csrf", &*page.hidden("csrf")), ("to", "totp"), ("username", "alice"), ("password", PASSWORD)];
    let step = location(&browser.submit("/login", &fields).await);
    let answer = send_code(&mut browser, &step, "totp", &app.code(server.app.now())).await;
    assert_eq!(answer.location(), Some("/account/totp"));
    assert_eq!(browser.visit("/account/totp").await.status, 200);
    server.advance(901);
    assert_eq!(browser.visit("/account/totp").await.location(), Some("/login?to=totp"));
    // A name is no secret.
    let page = browser.visit("/account").await;
    let id = crate::ways::between(&page.body, "/account/authenticator?id=", "\"").to_owned();
    let csrf = browser.visit(&format!("/account/authenticator?id={id}")).await.hidden("csrf");
    let mut act = async |act: &str, name: &str| {
        let fields = [("csrf", &*csrf), ("id", &*id), ("act", act), ("name", name)];
        browser.submit("/account/authenticator", &fields).await
    };
    assert_eq!(act("remove", "").await.location(), Some("/login?to=account"));
    assert!(act("rename", " ").await.body.contains("1 to 60 characters"));
    assert_eq!(act("rename", "My <b>phone</b>").await.location(), Some("/account"));
    let page = browser.visit("/account").await;
    assert!(page.body.contains("My &lt;b&gt;phone&lt;"), "{}", page.body);
}

#[rstest]
#[tokio::test]
async fn l39_a_removed_factor_takes_its_sessions_with_it(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let (mut owner, app) = with_app(&server).await;
    let other = crate::ways::second_app(&server, &mut owner, &app).await;
    // Somebody else has the first app, and the password.
    let mut thief = server.browser();
    let step = first_step(&mut thief, "/login").await;
    assert_eq!(send_code(&mut thief, &step, "totp", &app.code(server.app.now())).await.status, 303);
    server.advance(30);
    let step = first_step(&mut owner, "/login").await;
    assert_eq!(send_code(&mut owner, &step, "totp", &other.code(server.app.now())).await.status, 303);
    crate::ways::remove_first(&mut owner).await;
    assert_eq!(thief.visit("/").await.location(), Some("/login"), "the thief is out");
    assert_eq!(owner.visit("/account").await.status, 200, "the owner is not");
    let mut thief = server.browser();
    let step = first_step(&mut thief, "/login").await;
    server.advance(30);
    let refused = send_code(&mut thief, &step, "totp", &app.code(server.app.now())).await;
    assert!(refused.body.contains("wrong, or it was used"), "{}", refused.body);
    assert_eq!(crate::ways::mails(&server).await, ["factor_added", "factor_added", "factor_removed"]);
}

#[rstest]
#[tokio::test]
async fn r18_one_more_proof_is_no_fresh_login(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[values("prompt", "max_age")] name: &str,
) {
    let server = TestServer::start(backend).await;
    let client = server.add_client(ClientKind::Web).await;
    let (mut browser, app) = with_app(&server).await;
    server.advance(3_600);
    let value = if name == "prompt" { "login" } else { "60" };
    let path = server.authorize_path(&client, SCOPE, &[(name, value), ("acr_values", "aal2")]);
    let login = location(&browser.visit(&path).await);
    assert!(login.starts_with("/login?flow="), "{login}");
    // Whoever sits at the open session goes to the other page by hand.
    let page = browser.visit(&login.replacen("/login?", "/login/step?", 1)).await;
    let code = app.code(server.app.now());
    let answer = submit_step(&mut browser, &page, &[("method", "totp"), ("code", &*code)]).await;
    let next = location(&answer);
    assert!(next.starts_with("/login?flow="), "the password is still asked for: {next}");
}

#[rstest]
#[tokio::test]
async fn l11_r22_a_person_changes_their_password_and_everybody_else_is_out(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let (mut browser, mut elsewhere) = (server.browser(), server.browser());
    log_in(&server, &mut browser).await;
    log_in(&server, &mut elsewhere).await;
    let csrf = browser.visit("/account/password").await.hidden("csrf");
    let change = async |browser: &mut Browser, current: &str, new: &str| {
        browser.submit("/account/password", &[("csrf", &csrf), ("current", current), ("new", new)]).await
    };
    let wrong = change(&mut browser, "wrong password", NEW_PASSWORD).await;
    assert!(wrong.body.contains("The current password is wrong"), "{}", wrong.body);
    let early = change(&mut browser, PASSWORD, NEW_PASSWORD).await;
    assert_eq!((early.status, early.header("retry-after")), (429, "1"), "{}", early.body);
    server.advance(1);
    for (new, text) in [
        (PASSWORD.to_owned(), "This is the old password."),
        (format!("{PASSWORD}1"), "with small changes"),
        ("short".to_owned(), "Use at least"),
        ("aaaaaaaaaaaaaaaaaaaa".to_owned(), "easy to guess"),
        ("x".repeat(1_025), "too long"),
    ] {
        let refused = change(&mut browser, PASSWORD, &new).await;
        assert!(refused.body.contains(text), "{text}: {}", refused.body);
        server.advance(1);
    }
    assert_eq!(elsewhere.visit("/account").await.status, 200, "nothing has changed so far");
    let changed = change(&mut browser, PASSWORD, NEW_PASSWORD).await;
    assert_eq!(changed.location(), Some("/account"), "{}", changed.body);
    assert_eq!(browser.visit("/account").await.status, 200);
    assert_eq!(elsewhere.visit("/account").await.location(), Some("/login?to=account"));
    let answer = submit_login(&mut server.browser(), "/login", "alice", NEW_PASSWORD).await;
    assert_eq!(answer.location(), Some("/"));
    assert_eq!(crate::ways::mails(&server).await, ["password_changed"]);
    assert_eq!(server.count("user.password_changed").await, 1);
    assert_eq!(server.count("user.password_change_failed").await, 1);
    server.advance(901);
    assert_eq!(browser.visit("/account/password").await.location(), Some("/login?to=password"));
}
