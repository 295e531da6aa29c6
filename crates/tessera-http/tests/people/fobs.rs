//! Key fobs: a person logs in with one that an administrator has given them, and what must not work.

use rstest::rstest;
use tessera_app::Actor;
use tessera_app::fobs::{self, Batch, CsvFormat, FileForm, WhichFob};
use tessera_model::ClientKind;
use tessera_otp::{Algorithm, Digits, Hotp, Period, Secret, Totp};
use tessera_testkit::browser::{Answer, Browser};
use tessera_testkit::server::{Backend, TestServer};

use crate::ways::{enrol_app, first_step, log_in, send_code, submit_step};
use crate::{SCOPE, location};

/// The secret of the RFCs.
const SECRET: &[u8] = b"12345678901234567890";
const HEX: &str = "3132333435363738393031323334353637383930";

fn which(serial: &str) -> WhichFob {
    WhichFob { serial: serial.parse().unwrap(), manufacturer: None }
}

/// What the fob A-1 shows after so many presses of its button.
fn shows(presses: u64) -> String {
    let device = Hotp::new(Secret::new(SECRET).unwrap(), Algorithm::Sha1, Digits::Six);
    device.code(presses).reveal().to_string()
}

/// What the clock of the fob T-1 shows, if it is off by so many steps.
fn clock_shows(server: &TestServer, off: i64) -> String {
    let secret = Secret::new(SECRET).unwrap();
    let clock = Totp::new(secret, Algorithm::Sha1, Digits::Six, Period::Seconds30);
    let now = clock.step_at(u64::try_from(server.app.now().seconds()).unwrap());
    clock.code(now.saturating_add_signed(off)).reveal().to_string()
}

/// Fobs A-1 and T-1 are in stock, and alice has the one with this serial number.
async fn with_fob(backend: Backend, serial: &str) -> TestServer {
    let server = TestServer::start(backend).await;
    let alice = server.add_user("alice").await.id;
    let file = format!("serial,secret,type\nA-1,{HEX},hotp\nT-1,{HEX},totp\n");
    let batch = Batch::read(file.as_bytes(), FileForm::Csv(CsvFormat::default()), None, |_| {}).unwrap();
    fobs::import(&server.cli(), &batch, |_| {}).await.unwrap();
    fobs::assign(&server.cli(), &which(serial), alice, None).await.unwrap();
    server
}

/// A login with the password and this code, in a fresh browser.
async fn try_code(server: &TestServer, code: &str) -> (Browser, Answer) {
    let mut browser = server.browser();
    let step = first_step(&mut browser, "/login").await;
    let answer = send_code(&mut browser, &step, "totp", code).await;
    (browser, answer)
}

async fn is_let_in(server: &TestServer, code: &str) -> bool {
    server.advance(10);
    try_code(server, code).await.1.status == 303
}

#[rstest]
#[tokio::test]
async fn r09_a_person_logs_in_with_the_codes_of_their_fob(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = with_fob(backend, "A-1").await;
    let client = server.add_client(ClientKind::Web).await;
    let mut browser = server.browser();
    let login = location(&browser.visit(&server.authorize_path(&client, SCOPE, &[])).await);
    let step = first_step(&mut browser, &login).await;
    assert_eq!(crate::ways::mails(&server).await, ["factor_added"], "its person is told");
    let page = browser.visit(&step).await;
    assert!(page.body.contains("app or key fob") && !page.body.contains("next_code"), "{}", page.body);
    // The first code of a fresh fob is that of counter 0.
    let answer = send_code(&mut browser, &step, "totp", &shows(0)).await;
    let code = tessera_testkit::browser::query(answer.location().unwrap(), "code").unwrap();
    let tokens = server.redeem(&client, &code).await.json();
    let claims = crate::claims(tokens["id_token"].as_str().unwrap());
    assert_eq!((&claims["acr"], &claims["amr"]), (&"aal2".into(), &serde_json::json!(["mfa", "otp", "pwd"])));
    // Each code counts once, and none before one that was used. Nine presses that nobody typed do no harm.
    for (presses, is_right) in
        [(0, false), (1, true), (1, false), (11, true), (5, false), (22, false), (12, true)]
    {
        assert_eq!(is_let_in(&server, &shows(presses)).await, is_right, "{presses}");
    }
}

#[rstest]
#[tokio::test]
async fn r09_the_page_sets_a_fob_right_that_counted_too_far(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = with_fob(backend, "A-1").await;
    let mut browser = server.browser();
    let step = first_step(&mut browser, "/login").await;
    let page = send_code(&mut browser, &step, "totp", &shows(500)).await;
    assert!(page.body.contains("name=\"next_code\""), "{}", page.body);
    let two = async |browser: &mut Browser, first: u64, second: u64| {
        server.advance(10);
        let (first, second) = (shows(first), shows(second));
        submit_step(browser, &page, &[("method", "totp"), ("code", &first), ("next_code", &second)]).await
    };
    for (first, second) in [(501, 503), (502, 501), (1_001, 1_002)] {
        let answer = two(&mut browser, first, second).await;
        assert!(answer.body.contains("wrong, or it was used"), "{first} {second}: {}", answer.body);
    }
    assert_eq!(two(&mut browser, 999, 1_000).await.status, 303);
    assert!(!is_let_in(&server, &shows(1_000)).await);
    assert!(is_let_in(&server, &shows(1_001)).await);
}

#[rstest]
#[tokio::test]
async fn r08_the_clock_of_a_fob_is_followed(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let server = with_fob(backend, "T-1").await;
    // It runs slow. Each login tells by how much.
    for off in [-1, -2, -3] {
        server.advance(86_400);
        assert_eq!(try_code(&server, &clock_shows(&server, off)).await.1.status, 303, "{off}");
    }
    server.advance(86_400);
    let answer = try_code(&server, &clock_shows(&server, 0)).await.1;
    assert_eq!(answer.status, 200, "it is known to be slow");
    // After a long time in a drawer, two codes in a row are needed.
    server.advance(86_400);
    let (mut browser, page) = try_code(&server, &clock_shows(&server, -40)).await;
    assert!(page.body.contains("name=\"next_code\""), "{}", page.body);
    server.advance(30);
    let (first, second) = (clock_shows(&server, -41), clock_shows(&server, -40));
    let fields = [("method", "totp"), ("code", &*first), ("next_code", &*second)];
    assert_eq!(submit_step(&mut browser, &page, &fields).await.status, 303);
    server.advance(60);
    assert_eq!(try_code(&server, &clock_shows(&server, -40)).await.1.status, 303);
}

#[rstest]
#[tokio::test]
async fn r09_no_old_code_counts_for_the_next_person_and_none_of_a_lost_fob(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = with_fob(backend, "A-1").await;
    assert!(is_let_in(&server, &shows(4)).await);
    let cx = &server.cli();
    let mut under_way = server.browser();
    let step = first_step(&mut under_way, "/login").await;
    fobs::take_back(cx, &which("A-1")).await.unwrap();
    assert_eq!(under_way.visit(&step).await.location(), Some("/login"), "the credentials have changed");
    let mut browser = server.browser();
    log_in(&server, &mut browser).await;
    let alice = tessera_app::users::find(cx, "alice").await.unwrap().id;
    fobs::assign(cx, &which("A-1"), alice, None).await.unwrap();
    for presses in 0..=4 {
        assert!(!is_let_in(&server, &shows(presses)).await, "{presses}");
    }
    assert!(is_let_in(&server, &shows(5)).await);
    fobs::lose(cx, &which("A-1")).await.unwrap();
    let mut browser = server.browser();
    log_in(&server, &mut browser).await;
    assert_eq!(browser.visit("/account").await.status, 200);
}

#[rstest]
#[tokio::test]
async fn l17_ten_wrong_codes_a_day_block_whoever_has_a_fob(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = with_fob(backend, "A-1").await;
    let mut wrong = 0;
    let blocked = loop {
        let mut browser = server.browser();
        let step = first_step(&mut browser, "/login").await;
        let mut last = None;
        for _ in 0..5 {
            server.advance(10);
            let answer = send_code(&mut browser, &step, "totp", "000000").await;
            if answer.status == 429 {
                last = Some(answer);
                break;
            }
            wrong += 1;
        }
        if let Some(blocked) = last {
            break blocked;
        }
    };
    assert_eq!(wrong, 10, "{}", blocked.body);
    assert!(blocked.header("retry-after").parse::<u64>().unwrap() > 80_000, "{:?}", blocked.headers);
    assert_eq!(try_code(&server, &shows(0)).await.1.status, 429, "also with the right one");
    server.advance(86_400);
    assert!(is_let_in(&server, &shows(0)).await);
}

#[tokio::test]
async fn r09_a_fob_is_renamed_and_not_removed_by_its_person() {
    let server = with_fob(Backend::Sqlite, "A-1").await;
    let (mut browser, answer) = try_code(&server, &shows(0)).await;
    assert_eq!(answer.status, 303);
    let page = browser.visit("/account").await;
    assert!(page.body.contains("A-1") && page.body.contains("Key fob"), "{}", page.body);
    let alice = tessera_app::users::find(&server.cli(), "alice").await.unwrap().id;
    let cx = server.cli().acting_as(Actor::User(alice));
    let id = tessera_app::authenticators::of_user(&cx, alice).await.unwrap().authenticators[0].id.to_string();
    let page = browser.visit(&format!("/account/authenticator?id={id}")).await;
    assert!(page.body.contains("of-organization") && !page.body.contains("id=\"remove\""), "{}", page.body);
    let csrf = page.hidden("csrf");
    let act = |act, name| [("csrf", &*csrf), ("id", &*id), ("act", act), ("name", name)];
    let removed = browser.submit("/account/authenticator", &act("remove", "")).await;
    assert!(removed.body.contains("belongs to your organization"), "{}", removed.body);
    let renamed = browser.submit("/account/authenticator", &act("rename", "My fob")).await;
    assert_eq!(renamed.location(), Some("/account"));
    assert!(browser.visit("/account").await.body.contains("My fob"));
}

#[tokio::test]
async fn r09_whoever_has_an_app_and_a_fob_types_a_code_of_either() {
    let server = with_fob(Backend::Sqlite, "A-1").await;
    let (mut browser, _) = try_code(&server, &shows(0)).await;
    let app = enrol_app(&server, &mut browser).await;
    assert!(is_let_in(&server, &shows(1)).await);
    server.advance(60);
    let mut browser = server.browser();
    let step = first_step(&mut browser, "/login").await;
    let page = browser.visit(&step).await;
    assert!(!page.body.contains("class=\"method\""), "one method for both: {}", page.body);
    let code = app.code(server.app.now());
    assert_eq!(send_code(&mut browser, &step, "totp", &code).await.status, 303);
}

#[tokio::test]
async fn s01_a_stolen_database_holds_no_secret_of_a_fob() {
    // One fob is with a person, the other in stock.
    let server = with_fob(Backend::Sqlite, "A-1").await;
    let files = server.files();
    let holds = |text: &[u8]| files.windows(text.len()).any(|window| window == text);
    assert!(holds(b"A-1") && holds(b"T-1"), "the search works");
    for spelling in [SECRET, HEX.as_bytes(), b"GEZDGNBVGY3TQOJQ", b"MTIzNDU2Nzg5MDEyMzQ1Njc4OTA"] {
        assert!(!holds(spelling), "{}", String::from_utf8_lossy(spelling));
    }
}
