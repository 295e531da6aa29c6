//! Unusual ways of browsers: two tabs, old pages, the back button, a second click, a restart, no cookies. The person ends up logged
//! in, or at a page that explains the situation and offers a way on.

use rstest::rstest;
use tessera_model::ClientKind;
use tessera_testkit::browser::{Answer, Browser, query};
use tessera_testkit::evidence::claims;
use tessera_testkit::server::{Backend, PASSWORD, TestClient, TestServer};

use crate::{SCOPE, location, login_page, submit_consent, submit_login};

async fn start(backend: Backend) -> (TestServer, TestClient, Browser) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let browser = server.browser();
    (server, client, browser)
}

/// Sends the login form of this page.
async fn send(browser: &mut Browser, page: &Answer, username: &str, password: &str) -> Answer {
    let (csrf, flow) = (page.hidden("csrf"), page.hidden("flow"));
    let fields = [("csrf", &*csrf), ("flow", &*flow), ("username", username), ("password", password)];
    browser.submit("/login", &fields).await
}

fn has_code(answer: &Answer) -> bool {
    answer
        .location()
        .is_some_and(|url| url.starts_with("https://rp.example/") && query(url, "code").is_some())
}

#[rstest]
#[tokio::test]
async fn two_tabs_that_begin_before_the_first_cookie_arrives_both_lead_on(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let (server, client, mut browser) = start(backend).await;
    // Both requests are sent without a cookie. The cookie of the second answer replaces that of the first.
    let first = login_page(&server, &mut server.browser(), &client).await;
    let second = login_page(&server, &mut browser, &client).await;
    let form = browser.visit(&first).await;
    assert!(form.status == 200 && form.body.contains("to continue to"), "{}", form.body);
    assert!(has_code(&send(&mut browser, &form, "alice", PASSWORD).await));
    assert!(has_code(&browser.visit(&second).await), "the other tab need not ask any more");
}

#[rstest]
#[tokio::test]
async fn a_form_shown_before_the_cookie_was_set_anew_is_shown_again_and_counts_nothing(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let (server, client, mut browser) = start(backend).await;
    let mut before = server.browser();
    let page = login_page(&server, &mut before, &client).await;
    let old = before.visit(&page).await;
    login_page(&server, &mut browser, &client).await;
    let trail = server.audit_trail().await.len();
    for password in ["wrong password", PASSWORD] {
        let again = send(&mut browser, &old, "alice", password).await;
        assert_eq!((again.status, again.location()), (403, None), "{}", again.body);
        assert!(again.body.contains("This page was out of date. Sign in again."), "{}", again.body);
        assert!(again.body.contains("value=\"alice\"") && !again.body.contains(password), "{}", again.body);
        assert!(!browser.cookies().contains_key("tessera_session"));
    }
    assert_eq!(server.audit_trail().await.len(), trail + 2, "no attempt");
    assert_eq!(server.count("csrf.rejected").await, 2, "{:?}", server.audit_codes().await);
    let again = send(&mut browser, &old, "alice", PASSWORD).await;
    assert!(
        has_code(&send(&mut browser, &again, "alice", PASSWORD).await),
        "and it leads on to the application"
    );
}

#[rstest]
#[tokio::test]
async fn a_login_page_of_yesterday_begins_the_request_again(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let (server, client, mut browser) = start(backend).await;
    let page = login_page(&server, &mut browser, &client).await;
    let old = browser.visit(&page).await;
    server.advance(86_400);
    // Restored with the tab, or bookmarked and opened in another browser.
    for visitor in [&mut browser, &mut server.browser()] {
        let form = visitor.visit(&page).await;
        assert!(form.status == 200 && form.body.contains("to continue to"), "{}", form.body);
    }
    assert!(has_code(&send(&mut browser, &old, "alice", PASSWORD).await), "posted as it was left");
    assert!(has_code(&browser.visit(&page).await), "and whoever is logged in is led on");
}

#[tokio::test]
async fn what_is_old_is_checked_like_new() {
    let (server, client, mut browser) = start(Backend::Sqlite).await;
    let page = login_page(&server, &mut browser, &client).await;
    server.advance(86_400);
    tessera_app::clients::disable(&server.cli(), &client.id.parse().unwrap()).await.unwrap();
    server.refresh().await;
    let answer = browser.visit(&page).await;
    assert_eq!((answer.status, answer.location()), (400, None));
    assert!(answer.body.contains("Unknown application"), "{}", answer.body);
}

/// Policy P2, `auto`: a request without a challenge that began before the client proved PKCE is still accepted. An old page cannot
/// restart such a request afterwards.
#[tokio::test]
async fn o05_what_begins_again_is_held_to_what_the_client_has_proven_since() {
    let server = TestServer::start(Backend::Postgres).await;
    server.add_user("alice").await;
    let change = |new: &mut tessera_app::clients::NewClient| new.pkce = tessera_model::PkcePolicy::Auto;
    let client = server.add_client_with(ClientKind::Web, change).await;
    let mut browser = server.browser();
    let without = [("code_challenge", ""), ("code_challenge_method", "")];
    let page = location(&browser.visit(&server.authorize_path(&client, SCOPE, &without)).await);
    server.sql(
        "UPDATE clients SET pkce_proven_at = 1; UPDATE counters SET value = value + 1 WHERE name = 'catalog'",
    );
    server.refresh().await;
    assert_eq!(browser.visit(&page).await.status, 200, "under way");
    let refused = |answer: &Answer| {
        let to = answer.location().unwrap_or_else(|| panic!("{} {}", answer.status, answer.body));
        query(to, "error").unwrap_or_else(|| panic!("no error in {to}"))
    };
    let elsewhere = server.browser().visit(&page).await;
    assert_eq!(refused(&elsewhere), "invalid_request", "the client is told, nobody is stranded");
    assert!(has_code(&submit_login(&mut browser, &page, "alice", PASSWORD).await));
    server.advance(1_800);
    let later = browser.visit(&page).await;
    assert_eq!(refused(&later), "invalid_request");
}

#[rstest]
#[tokio::test]
async fn an_old_question_is_asked_again_and_a_login_for_it_is_asked_for_again(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let (server, _, mut browser) = start(backend).await;
    let client = server.add_client_with(ClientKind::Web, |new| new.require_consent = true).await;
    let page = login_page(&server, &mut browser, &client).await;
    let asked = location(&submit_login(&mut browser, &page, "alice", PASSWORD).await);
    let old = browser.visit(&asked).await;
    let (csrf, flow) = (old.hidden("csrf"), old.hidden("flow"));
    let allow = [("csrf", &*csrf), ("flow", &*flow), ("decision", "allow")];
    server.advance(1_800);
    let again = location(&browser.submit("/consent", &allow).await);
    assert!(again.starts_with("/consent?flow="), "half an hour later it is asked again: {again}");
    assert_eq!(server.count("code.issued").await, 0);
    assert!(has_code(&submit_consent(&mut browser, &again, "allow").await));

    let path = server.authorize_path(&client, "openid orders.write", &[("prompt", "login")]);
    let page = location(&browser.visit(&path).await);
    let asked = location(&submit_login(&mut browser, &page, "alice", PASSWORD).await);
    server.advance(1_800);
    assert!(
        location(&browser.visit(&asked).await).starts_with("/login?flow="),
        "a fresh login does not keep"
    );
}

#[rstest]
#[tokio::test]
async fn the_back_button_leads_on_and_asks_for_no_second_login(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let (server, _, mut browser) = start(backend).await;
    let client = server.add_client_with(ClientKind::Web, |new| new.require_consent = true).await;
    let page = login_page(&server, &mut browser, &client).await;
    let asked = location(&submit_login(&mut browser, &page, "alice", PASSWORD).await);
    assert!(location(&browser.visit(&page).await).starts_with("/consent?flow="), "back to the login page");
    assert!(has_code(&submit_consent(&mut browser, &asked, "allow").await));
    assert!(has_code(&browser.visit(&asked).await), "back to the question, which has been answered");
    assert!(has_code(&browser.visit(&page).await), "back to the login page");
}

#[rstest]
#[tokio::test]
async fn a_login_form_sent_twice_at_once_logs_in(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let (server, client, mut browser) = start(backend).await;
    let page = login_page(&server, &mut browser, &client).await;
    let form = browser.visit(&page).await;
    let cookie = browser.cookies()["tessera_browser"].clone();
    let mut clicks = Vec::new();
    for _ in 0..2 {
        let mut click = server.browser();
        click.cookies().insert("tessera_browser".to_owned(), cookie.clone());
        clicks.push(click);
    }
    let [one, two] = &mut clicks[..] else { unreachable!() };
    let (first, second) =
        tokio::join!(send(one, &form, "alice", PASSWORD), send(two, &form, "alice", PASSWORD));
    // The browser shows the second answer, and keeps the cookie that it got last. One of two simultaneous attempts may be
    // refused, because the first counts as a failure until it is verified (invariant I5).
    let led_on = [&first, &second].iter().filter(|answer| has_code(answer)).count();
    let waits = [&first, &second].iter().filter(|answer| answer.status == 429).count();
    assert!(led_on >= 1 && led_on + waits == 2, "{first:?} {second:?}");
    for (mut click, answer) in clicks.into_iter().zip([first, second]) {
        if has_code(&answer) {
            assert!(has_code(&click.visit(&page).await), "logged in");
            let code = query(&location(&answer), "code").unwrap();
            assert_eq!(server.redeem(&client, &code).await.status, 200);
        }
    }
}

#[tokio::test]
async fn a_page_is_good_after_a_restart_and_at_another_instance() {
    let (server, client, mut browser) = start(Backend::Postgres).await;
    let page = login_page(&server, &mut browser, &client).await;
    let form = browser.visit(&page).await;
    let other = server.second_instance().await;
    let (csrf, flow) = (form.hidden("csrf"), form.hidden("flow"));
    let fields = [("csrf", &*csrf), ("flow", &*flow), ("username", "alice"), ("password", PASSWORD)];
    let cookie = format!("tessera_browser={}", browser.cookies()["tessera_browser"]);
    let request = other.http.post(format!("{}/login", other.issuer)).header("cookie", cookie);
    let answer = request.header("origin", &server.issuer).form(&fields).send().await.unwrap();
    assert!(has_code(&Answer::read(answer).await));
}

#[tokio::test]
async fn a_browser_without_cookies_is_told_so_and_not_sent_in_circles() {
    let (server, client, _) = start(Backend::Sqlite).await;
    let page = login_page(&server, &mut server.browser(), &client).await;
    let form = server.browser().visit(&page).await;
    assert_eq!((form.status, form.location()), (200, None), "{}", form.body);
    let again = send(&mut server.browser(), &form, "alice", PASSWORD).await;
    assert_eq!((again.status, again.location()), (403, None));
    assert!(again.body.contains("allow cookies for this site"), "{}", again.body);
}

#[tokio::test]
async fn what_carries_no_request_says_so_and_leads_to_the_start_page() {
    let (server, client, mut browser) = start(Backend::Sqlite).await;
    let page = login_page(&server, &mut browser, &client).await;
    let cut = &page[..page.len() - 9];
    for path in [cut, "/login?flow=..%2F..%2Fetc", "/login?flow=AAAA", &cut.replace("/login", "/consent")] {
        submit_login(&mut browser, "/login", "alice", PASSWORD).await;
        let answer = browser.visit(path).await;
        assert_eq!((answer.status, answer.location()), (400, None), "{path}");
        assert!(answer.body.contains("This link does not work any more"), "{}", answer.body);
        assert!(answer.body.contains("<a id=\"home\" href=\"/\">"), "{}", answer.body);
    }
    let form = browser.visit("/login?account=other").await;
    let fields =
        [("csrf", &*form.hidden("csrf")), ("flow", "AAAA"), ("username", "alice"), ("password", PASSWORD)];
    let answer = browser.submit("/login", &fields).await;
    assert_eq!((answer.status, answer.location()), (303, Some("/")), "who is logged in is told so");
}

#[rstest]
#[tokio::test]
async fn select_account_offers_who_is_logged_in(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let (server, client, mut browser) = start(backend).await;
    server.add_user("bob").await;
    let path = server.authorize_path(&client, SCOPE, &[("prompt", "select_account")]);
    let page = location(&browser.visit(&path).await);
    assert!(has_code(&submit_login(&mut browser, &page, "alice", PASSWORD).await), "nobody to offer yet");

    let page = location(&browser.visit(&path).await);
    assert!(page.starts_with("/login?flow="), "{page}");
    let choice = browser.visit(&page).await;
    assert!(choice.body.contains("Continue as \u{2068}alice"), "{}", choice.body);
    assert!(!choice.body.contains("name=\"password\""), "{}", choice.body);
    let fields = |page: &Answer| {
        [("csrf", page.hidden("csrf")), ("flow", page.hidden("flow")), ("account", "current".to_owned())]
    };
    let on = fields(&choice);
    let on: Vec<(&str, &str)> = on.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let end = browser.submit("/login", &on).await;
    assert!(has_code(&end), "{end:?}");

    // Neither another site nor a page of another browser can choose for her.
    let foreign = browser.submit_from("https://evil.example", "/login", &on).await;
    assert_eq!((foreign.status, foreign.location()), (403, None));
    let stale = server.browser().visit("/login").await.hidden("csrf");
    let stale = browser.submit("/login", &[("csrf", &stale), on[1], on[2]]).await;
    assert!(
        location(&stale).starts_with("/login?flow="),
        "the page comes again, and nothing is chosen: {stale:?}"
    );

    // An account that the page did not offer is offered first.
    submit_login(&mut browser, "/login", "bob", PASSWORD).await;
    let again = location(&browser.submit("/login", &on).await);
    assert!(again.starts_with("/login?flow="), "{again}");
    let choice = browser.visit(&again).await;
    assert!(choice.body.contains("Continue as \u{2068}bob"), "{}", choice.body);

    // Another account.
    let (_, link) = choice.body.split_once("id=\"other\" href=\"").unwrap();
    let link = link.split_once('"').unwrap().0.replace("&amp;", "&");
    let form = browser.visit(&link).await;
    assert!(!form.body.contains("bob") && form.body.contains("name=\"password\""), "{}", form.body);
    let end = location(&submit_login(&mut browser, &link, "alice", PASSWORD).await);
    let tokens = server.redeem(&client, &query(&end, "code").unwrap()).await;
    let alice = tessera_app::users::find(&server.cli(), "alice").await.unwrap().id;
    assert_eq!(claims(tokens.json()["id_token"].as_str().unwrap())["sub"], alice.to_string());
}

#[tokio::test]
async fn a_login_that_is_asked_for_again_knows_the_name() {
    let (server, client, mut browser) = start(Backend::Sqlite).await;
    submit_login(&mut browser, "/login", "alice", PASSWORD).await;
    let visit = async |browser: &mut Browser, more: &[(&str, &str)]| {
        let page = location(&browser.visit(&server.authorize_path(&client, SCOPE, more)).await);
        browser.visit(&page).await.body
    };
    let again = visit(&mut browser, &[("prompt", "login")]).await;
    assert!(again.contains("value=\"alice\"") && again.contains("required autofocus"), "{again}");
    let hinted = visit(&mut browser, &[("prompt", "login"), ("login_hint", "bob")]).await;
    assert!(hinted.contains("value=\"bob\"") && !hinted.contains("alice"), "{hinted}");
}

#[tokio::test]
async fn t12_the_authorization_flow_leaves_the_opener_of_a_popup_alone_and_nothing_else_does() {
    let (server, _, mut browser) = start(Backend::Sqlite).await;
    let client = server.add_client_with(ClientKind::Web, |new| new.require_consent = true).await;
    let opener = |answer: &Answer| answer.header("cross-origin-opener-policy").to_owned();
    let begun = browser.visit(&server.authorize_path(&client, SCOPE, &[])).await;
    let page = location(&begun);
    let mut flow = vec![begun, browser.visit(&page).await];
    let asked = submit_login(&mut browser, &page, "alice", PASSWORD).await;
    let consent = location(&asked);
    flow.extend([
        asked,
        browser.visit(&consent).await,
        submit_consent(&mut browser, &consent, "allow").await,
    ]);
    flow.push(browser.visit(&server.authorize_path(&client, SCOPE, &[("response_mode", "form_post")])).await);
    flow.extend([browser.visit("/authorize").await, browser.visit("/logout").await]);
    for answer in &flow {
        assert_eq!(opener(answer), "unsafe-none", "{answer:?}");
    }
    for path in ["/", "/nowhere", "/jwks", "/.well-known/openid-configuration"] {
        assert_eq!(opener(&browser.visit(path).await), "same-origin", "{path}");
    }
}

#[rstest]
#[case(Some("https://evil.example/<b>?a=$(id)"), "https:&#x2f;&#x2f;evil.example&#x2f;&lt;b&gt;?a=$(id)")]
#[case(Some("javascript:alert(1)"), "javascript:alert(1)")]
#[case(Some("https://evil.example/\u{202e}gnp.exe"), "https:&#x2f;&#x2f;evil.example&#x2f;gnp.exe")]
#[case(None, "did not say to which address")]
#[tokio::test]
async fn o20_an_address_that_is_not_registered_is_named_as_text_and_how_to_register_one(
    #[case] uri: Option<&str>,
    #[case] shown: &str,
) {
    let (server, client, mut browser) = start(Backend::Sqlite).await;
    let path = server.authorize_path(&client, SCOPE, &[("redirect_uri", uri.unwrap_or_default())]);
    let answer = browser.visit(&path).await;
    assert_eq!((answer.status, answer.location()), (400, None));
    assert!(answer.body.contains(shown), "{}", answer.body);
    let command = format!("<code>tessera client update {} --add-redirect-uri URI</code>", client.id);
    assert!(answer.body.contains(&command), "{}", answer.body);
    assert!(!answer.body.contains("href=\"https:"), "no link leads there: {}", answer.body);
    let long = format!("https://evil.example/{}", "a".repeat(500));
    let answer = browser.visit(&server.authorize_path(&client, SCOPE, &[("redirect_uri", &long)])).await;
    assert!(
        answer.body.contains("aaa…</code>") && !answer.body.contains(&"a".repeat(120)),
        "{}",
        answer.body
    );
}

/// Only the port of a loopback address may differ. Developers expect the same of `localhost`.
#[tokio::test]
async fn p7_localhost_with_another_port_is_told_what_to_register() {
    let (server, client, mut browser) = start(Backend::Sqlite).await;
    for (uri, told) in [
        ("http://localhost:3000/callback", true),
        ("http://localhost.evil.example/callback", false),
        ("https://localhost/callback", false),
    ] {
        let answer = browser.visit(&server.authorize_path(&client, SCOPE, &[("redirect_uri", uri)])).await;
        assert_eq!((answer.status, answer.body.contains("id=\"localhost\"")), (400, told), "{}", answer.body);
    }
}
