//! Logout: the person confirms, everything that came from the session ends, and the browser only goes to registered addresses
//! (OpenID Connect RP-Initiated Logout 1.0).

use rstest::rstest;
use tessera_app::users;
use tessera_model::ClientKind;
use tessera_testkit::browser::{Answer, Browser, query};
use tessera_testkit::evidence::Tokens;
use tessera_testkit::server::{Backend, TestClient, TestServer};

use crate::{SCOPE, location};

const BYE: &str = "https://rp.example/bye?x=1";

async fn start(backend: Backend) -> (TestServer, TestClient, Browser, Tokens) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let client = server
        .add_client_with(ClientKind::Web, |new| new.post_logout_redirect_uris = vec![BYE.parse().unwrap()])
        .await;
    let mut browser = server.browser();
    let tokens = server.sign_in(&mut browser, &client, SCOPE, "alice").await;
    (server, client, browser, tokens)
}

fn path(fields: &[(&str, &str)]) -> String {
    tessera_oauth::response::with_query("/logout", fields.iter().copied())
}

/// Sends the form of a logout page with all its fields.
async fn confirm(browser: &mut Browser, page: &Answer) -> Answer {
    let names = ["csrf", "id_token_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales"];
    let carried = names.iter().filter(|name| page.body.contains(&format!("name=\"{name}\"")));
    let fields: Vec<(&str, String)> = carried.map(|name| (*name, unescaped(&page.hidden(name)))).collect();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.submit("/logout", &fields).await
}

fn unescaped(html: &str) -> String {
    html.replace("&#x2f;", "/")
        .replace("&quot;", "\"")
        .replace("&#x27;", "'")
        .replace("&lt;", "<")
        .replace("&amp;", "&")
}

async fn is_signed_in(browser: &mut Browser) -> bool {
    browser.visit("/").await.body.contains("You are signed in")
}

#[rstest]
#[tokio::test]
async fn o65_only_the_persons_own_confirmation_ends_the_session(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let (server, client, mut browser, tokens) = start(backend).await;
    for hint in ["", tokens.id.as_str()] {
        let page = browser.visit(&path(&[("id_token_hint", hint)])).await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains("Sign out?") && page.body.contains("alice"));
    }
    // An image or a form on another site: the browser sends no session cookie.
    let http = server.http.get(format!("{}/logout", server.issuer)).header("sec-fetch-site", "cross-site");
    assert_eq!(http.send().await.unwrap().status(), 200);
    assert!(is_signed_in(&mut browser).await);
    assert_eq!(server.userinfo(&tokens.access).await.status, 200);

    let page = browser.visit("/logout").await;
    let out = confirm(&mut browser, &page).await;
    assert_eq!(out.status, 200);
    assert!(out.body.contains("You are signed out"), "{}", out.body);
    assert!(!browser.cookies().contains_key("tessera_session"), "the cookie is cleared");
    assert_eq!(server.refresh_with(&client, &tokens.refresh).await.error(), "invalid_grant");
    assert_eq!(server.userinfo(&tokens.access).await.status, 401);
    assert!(server.has_revocation_rule("session", &tokens.session()).await);
    assert_eq!(server.count("session.ended").await, 1, "i09");
    assert!(!is_signed_in(&mut browser).await);
}

#[rstest]
#[tokio::test]
async fn the_cookie_of_an_ended_session_opens_nothing(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let (server, client, mut browser, _) = start(backend).await;
    let cookie = browser.cookies()["tessera_session"].clone();
    let page = browser.visit("/logout").await;
    confirm(&mut browser, &page).await;
    browser.cookies().insert("tessera_session".to_owned(), cookie);
    assert!(!is_signed_in(&mut browser).await);
    let answer = browser.visit(&server.authorize_path(&client, SCOPE, &[("prompt", "none")])).await;
    assert_eq!(query(&location(&answer), "error").as_deref(), Some("login_required"));
    let again = confirm(&mut browser, &page).await;
    assert_eq!(again.status, 200, "twice is once");
    assert_eq!(server.count("session.ended").await, 1);
}

#[rstest]
#[tokio::test]
async fn o65_a_session_that_ran_out_is_still_ended_by_its_logout(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let (server, client, mut browser, tokens) = start(backend).await;
    server.advance(13 * 3_600);
    assert!(!is_signed_in(&mut browser).await, "not used for half a day");
    let page = browser.visit("/logout").await;
    assert!(page.body.contains("Sign out?"), "its grants live on: {}", page.body);
    let out = confirm(&mut browser, &page).await;
    assert!(out.body.contains("You are signed out"), "{}", out.body);
    assert!(!browser.cookies().contains_key("tessera_session"));
    assert_eq!(server.refresh_with(&client, &tokens.refresh).await.error(), "invalid_grant");
    assert!(server.has_revocation_rule("session", &tokens.session()).await);
    assert_eq!(server.count("session.ended").await, 1, "i09");
}

#[rstest]
#[tokio::test]
async fn o65_the_logout_of_a_locked_person_outlasts_the_unlock(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let (server, client, mut browser, tokens) = start(backend).await;
    let alice = users::find(&server.cli(), "alice").await.unwrap().id;
    let cookie = browser.cookies()["tessera_session"].clone();
    users::lock(&server.cli(), alice).await.unwrap();
    let page = browser.visit("/logout").await;
    assert!(page.body.contains("Sign out?"), "{}", page.body);
    confirm(&mut browser, &page).await;
    users::unlock(&server.cli(), alice).await.unwrap();
    browser.cookies().insert("tessera_session".to_owned(), cookie);
    assert!(!is_signed_in(&mut browser).await);
    assert_eq!(server.refresh_with(&client, &tokens.refresh).await.error(), "invalid_grant");
    assert_eq!(server.count("session.ended").await, 1, "i09");
}

#[tokio::test]
async fn p51_p52_the_browser_goes_back_to_a_registered_address_with_exactly_the_state() {
    for state in [None, Some("a&b=c #?é")] {
        let (_server, client, mut browser, tokens) = start(Backend::Sqlite).await;
        let mut fields = vec![("id_token_hint", tokens.id.as_str()), ("post_logout_redirect_uri", BYE)];
        fields.extend(state.map(|state| ("state", state)));
        fields.push(("client_id", &client.id));
        let page = browser.visit(&path(&fields)).await;
        let policy = page.header("content-security-policy");
        assert!(
            !policy.contains("form-action"),
            "what lies behind the application's address is not ours to hold: {policy}"
        );
        let end = location(&confirm(&mut browser, &page).await);
        assert!(end.starts_with(BYE), "{end}");
        assert_eq!(query(&end, "state").as_deref(), state);
        let names: Vec<String> =
            url::Url::parse(&end).unwrap().query_pairs().map(|(name, _)| name.into_owned()).collect();
        assert_eq!(names.len(), 1 + usize::from(state.is_some()), "nothing else: {end}");
        assert!(!is_signed_in(&mut browser).await);
    }
}

#[tokio::test]
async fn p51_an_expired_hint_still_says_who_asks() {
    let (server, _, mut browser, tokens) = start(Backend::Sqlite).await;
    server.advance(3_600);
    let page =
        browser.visit(&path(&[("id_token_hint", &tokens.id), ("post_logout_redirect_uri", BYE)])).await;
    assert_eq!(location(&confirm(&mut browser, &page).await), BYE);
}

#[tokio::test]
async fn o20_p53_p54_the_browser_is_sent_nowhere_else() {
    let (server, client, _, tokens) = start(Backend::Sqlite).await;
    let other = server.add_client(ClientKind::Web).await;
    let part = |n: usize| tokens.id.split('.').nth(n).unwrap();
    let none = tessera_jose::base64url::encode(br#"{"alg":"none"}"#);
    let unsigned = format!("{none}.{}.", part(1));
    let resigned = format!("{}.{}.{}", part(0), part(1), part(2).chars().rev().collect::<String>());
    let hint = tokens.id.as_str();
    let cases: [&[(&str, &str)]; 16] = [
        &[("post_logout_redirect_uri", BYE)],
        &[("post_logout_redirect_uri", BYE), ("client_id", &other.id)],
        &[("post_logout_redirect_uri", "https://evil.example/"), ("client_id", &client.id)],
        &[("post_logout_redirect_uri", BYE), ("client_id", &client.id), ("id_token_hint", "nonsense")],
        &[("post_logout_redirect_uri", BYE), ("id_token_hint", "nonsense")],
        &[("post_logout_redirect_uri", BYE), ("id_token_hint", &unsigned)],
        &[("post_logout_redirect_uri", BYE), ("id_token_hint", &resigned)],
        &[("post_logout_redirect_uri", BYE), ("id_token_hint", &tokens.access)],
        &[("post_logout_redirect_uri", BYE), ("id_token_hint", hint), ("client_id", &other.id)],
        &[("post_logout_redirect_uri", "https://rp.example/bye"), ("id_token_hint", hint)],
        &[("post_logout_redirect_uri", "https://rp.example/bye?x=1&foo=bar"), ("id_token_hint", hint)],
        &[("post_logout_redirect_uri", "https://rp.example/callback"), ("id_token_hint", hint)],
        &[("post_logout_redirect_uri", "https://evil.example/"), ("id_token_hint", hint)],
        &[("post_logout_redirect_uri", "//evil.example/"), ("id_token_hint", hint)],
        &[("post_logout_redirect_uri", "javascript:alert(1)"), ("id_token_hint", hint)],
        &[("state", "x")],
    ];
    for case in cases {
        let mut browser = server.browser();
        server.sign_in(&mut browser, &client, SCOPE, "alice").await;
        let page = browser.visit(&path(case)).await;
        assert_eq!((page.status, page.location()), (200, None), "{case:?}");
        let told = format!("{:?}", page.headers);
        assert!(!told.contains("evil.example") && !told.contains("rp.example"), "{case:?}: {told}");
        assert!(page.header("content-security-policy").contains("form-action 'self'"), "{case:?}: {told}");
        let out = confirm(&mut browser, &page).await;
        assert_eq!((out.status, out.location()), (200, None), "{case:?}");
        assert!(!is_signed_in(&mut browser).await, "p55: logged out all the same");
        let nobody = server.browser().visit(&path(case)).await;
        assert_eq!((nobody.status, nobody.location()), (200, None), "nobody logged in: {case:?}");
        assert!(nobody.body.contains("You are not signed in here"), "{case:?}: {}", nobody.body);
        assert!(!nobody.body.contains("id=\"back\""), "{case:?}: {}", nobody.body);
    }
}

#[tokio::test]
async fn what_an_application_posts_goes_on_as_a_get_and_no_token_stands_in_its_address() {
    let (server, client, mut browser, tokens) = start(Backend::Sqlite).await;
    let form = [("id_token_hint", tokens.id.as_str()), ("post_logout_redirect_uri", BYE), ("state", "a&b")];
    let answer = browser.submit_from("https://rp.example", "/logout", &form).await;
    assert_eq!((answer.status, answer.header("set-cookie")), (303, ""));
    let again = location(&answer);
    let sealed = again.strip_prefix("/logout?posted=").unwrap();
    let readable = String::from_utf8_lossy(&tessera_jose::base64url::decode(sealed).unwrap()).into_owned();
    for part in tokens.id.split('.').chain(["rp.example", "id_token_hint"]) {
        assert!(!again.contains(part) && !readable.contains(part), "{again}");
    }

    // Another endpoint does not accept it, and nobody can change it.
    assert_eq!(browser.visit(&format!("/authorize?posted={sealed}")).await.status, 400);
    let changed =
        format!("/logout?posted={}{}", if sealed.starts_with('A') { 'B' } else { 'A' }, &sealed[1..]);
    let page = browser.visit(&changed).await;
    assert!(page.body.contains("Sign out?") && !page.body.contains("rp.example"), "{}", page.body);

    let page = browser.visit(&again).await;
    assert!(page.body.contains("Sign out?"), "{}", page.body);
    let end = location(&confirm(&mut browser, &page).await);
    assert_eq!((end.starts_with(BYE), query(&end, "state").as_deref()), (true, Some("a&b")));
    assert!(!is_signed_in(&mut browser).await);
    assert_eq!(location(&browser.visit(&again).await), end, "nobody is logged in any more");
    server.sign_in(&mut browser, &client, SCOPE, "alice").await;
    assert!(browser.visit(&again).await.body.contains("Sign out?"), "o65: it still only asks");
}

#[tokio::test]
async fn what_is_too_long_for_an_address_is_not_taken_for_a_logout() {
    let (_server, _, mut browser, _) = start(Backend::Sqlite).await;
    let form = [("state", "x".repeat(12 * 1024))];
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = browser.submit_from("https://rp.example", "/logout", &form).await;
    assert_eq!((answer.status, answer.location()), (400, None));
    assert!(is_signed_in(&mut browser).await);
}

#[tokio::test]
async fn a_client_that_is_turned_off_gets_nobody_back() {
    let (server, client, mut browser, tokens) = start(Backend::Sqlite).await;
    tessera_app::clients::disable(&server.cli(), &client.id.parse().unwrap()).await.unwrap();
    server.refresh().await;
    let page =
        browser.visit(&path(&[("id_token_hint", &tokens.id), ("post_logout_redirect_uri", BYE)])).await;
    assert_eq!(confirm(&mut browser, &page).await.location(), None);
}

#[tokio::test]
async fn the_pages_speak_the_language_that_the_application_asks_for() {
    let (_server, _, mut browser, _) = start(Backend::Sqlite).await;
    let path = path(&[("ui_locales", "sv de")]);
    let page = browser.visit(&path).await;
    assert!(page.body.contains("<html lang=\"de\"") && page.body.contains("Abmelden?"), "{}", page.body);
    assert!(confirm(&mut browser, &page).await.body.contains("Sie sind abgemeldet"));
    assert!(browser.visit(&path).await.body.contains("Sie sind hier nicht angemeldet"), "nobody logged in");
}

#[rstest]
#[tokio::test]
async fn p54_without_a_hint_the_named_client_gets_the_browser_back_once_the_person_has_confirmed(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let (server, client, mut browser, _) = start(backend).await;
    let asked = path(&[("client_id", &client.id), ("post_logout_redirect_uri", BYE), ("state", "a&b")]);
    let page = browser.visit(&asked).await;
    assert!(page.status == 200 && page.body.contains("Sign out?"), "{}", page.body);
    let end = location(&confirm(&mut browser, &page).await);
    assert_eq!((end.starts_with(BYE), query(&end, "state").as_deref()), (true, Some("a&b")), "{end}");
    assert!(!is_signed_in(&mut browser).await);

    // Nobody has confirmed anything here, so the page only shows a link.
    let nobody = server.browser().visit(&asked).await;
    assert_eq!((nobody.status, nobody.location()), (200, None));
    assert!(nobody.body.contains("Go back to \u{2068}Example shop"), "{}", nobody.body);
    assert!(
        nobody.body.contains("id=\"back\" href=\"https:&#x2f;&#x2f;rp.example&#x2f;bye"),
        "{}",
        nobody.body
    );
}

#[tokio::test]
async fn o20_the_port_of_a_loopback_address_does_not_matter_and_all_else_does() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let registered = "http://127.0.0.1:4711/bye".parse().unwrap();
    let change = |new: &mut tessera_app::clients::NewClient| new.post_logout_redirect_uris = vec![registered];
    let client = server.add_client_with(ClientKind::Native, change).await;
    for (uri, led_on) in [
        ("http://127.0.0.1:4711/bye", true),
        ("http://127.0.0.1:50123/bye", true),
        ("http://127.0.0.1/bye", true),
        ("http://127.0.0.1:50123/other", false),
        ("http://localhost:4711/bye", false),
        ("http://127.0.0.1:50123@evil.example/bye", false),
    ] {
        let mut browser = server.browser();
        let tokens = server.sign_in(&mut browser, &client, SCOPE, "alice").await;
        let page =
            browser.visit(&path(&[("id_token_hint", &tokens.id), ("post_logout_redirect_uri", uri)])).await;
        let out = confirm(&mut browser, &page).await;
        assert_eq!(out.location(), led_on.then_some(uri), "{uri}");
    }
}

#[rstest]
#[tokio::test]
async fn who_confirms_may_cancel_and_stays(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let (_server, client, mut browser, tokens) = start(backend).await;
    let fields =
        [("client_id", &*client.id), ("id_token_hint", &*tokens.id), ("post_logout_redirect_uri", BYE)];
    let page = browser.visit(&path(&fields)).await;
    assert!(page.body.contains("<a id=\"cancel\" href=\"/\">Cancel</a>"), "{}", page.body);
    assert!(is_signed_in(&mut browser).await);
}

/// The cookies of a browser in which other applications or attackers have set cookies too.
async fn with_cookies(server: &TestServer, path: &str, cookies: &[u8]) -> Answer {
    let value = http::HeaderValue::from_bytes(cookies).unwrap();
    let request = server.http.get(format!("{}{path}", server.issuer)).header("cookie", value);
    Answer::read(request.send().await.unwrap()).await
}

#[tokio::test]
async fn a_cookie_of_somebody_else_hides_nobodys_session() {
    let (server, _, mut browser, _) = start(Backend::Sqlite).await;
    let session = browser.cookies()["tessera_session"].clone();
    for foreign in [&b"n=J\xfcrgen"[..], b"n=J\xc3\xbcrgen", b"\xff\xfe=\x80", b"a=\"b c\"", b"=;;a"] {
        for cookies in [
            [foreign, b"; tessera_session=", session.as_bytes()].concat(),
            [b"tessera_session=", session.as_bytes(), b"; ", foreign].concat(),
        ] {
            let page = with_cookies(&server, "/", &cookies).await;
            assert!(page.body.contains("You are signed in as"), "{:?}", String::from_utf8_lossy(&cookies));
            let page = with_cookies(&server, "/logout", &cookies).await;
            assert!(page.body.contains("Sign out?"), "{:?}", String::from_utf8_lossy(&cookies));
        }
    }
}

#[rstest]
#[tokio::test]
async fn o65_nobody_is_told_to_be_signed_out_who_is_not(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let (server, client, mut browser, tokens) = start(backend).await;
    let session = browser.cookies()["tessera_session"].clone();
    for cookies in ["", "tessera_session=", "tessera_session=x", "tessera_session=\"a b\"; tessera_session=c"]
    {
        let page = with_cookies(&server, "/logout", cookies.as_bytes()).await;
        assert!(page.body.contains("You are not signed in here"), "{cookies}: {}", page.body);
        assert!(
            !page.body.contains("You are signed out") && !page.body.contains("has ended"),
            "{}",
            page.body
        );
    }
    // The same with the form: the page was open while the cookie was deleted.
    let page = browser.visit("/logout").await;
    browser.cookies().remove("tessera_session");
    let out = confirm(&mut browser, &page).await;
    assert!(out.body.contains("You are not signed in here"), "{}", out.body);
    assert_eq!(server.userinfo(&tokens.access).await.status, 200, "and that is so");

    // Two session cookies: both sessions end.
    let mut other = server.browser();
    let second = server.sign_in(&mut other, &client, SCOPE, "alice").await;
    let twice = format!("{session}; tessera_session={}", other.cookies()["tessera_session"]);
    browser.cookies().insert("tessera_session".to_owned(), twice);
    let page = browser.visit("/logout").await;
    assert!(page.body.contains("Sign out?"), "{}", page.body);
    let out = confirm(&mut browser, &page).await;
    assert!(out.body.contains("You are signed out"), "{}", out.body);
    for tokens in [&tokens, &second] {
        assert_eq!(server.userinfo(&tokens.access).await.status, 401, "it is true");
    }
    assert_eq!(server.count("session.ended").await, 2, "i09");
}

/// A client that asks the person itself before a logout.
async fn start_without_question(backend: Backend) -> (TestServer, TestClient, Browser, Tokens) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let change = |new: &mut tessera_app::clients::NewClient| {
        new.post_logout_redirect_uris = vec![BYE.parse().unwrap()];
        new.confirm_logout = false;
    };
    let client = server.add_client_with(ClientKind::Web, change).await;
    let mut browser = server.browser();
    let tokens = server.sign_in(&mut browser, &client, SCOPE, "alice").await;
    (server, client, browser, tokens)
}

#[rstest]
#[tokio::test]
async fn o65_a_good_hint_of_this_session_needs_no_question_and_the_get_changes_nothing(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let (server, client, mut browser, tokens) = start_without_question(backend).await;
    let fields = [("id_token_hint", tokens.id.as_str()), ("post_logout_redirect_uri", BYE), ("state", "s")];
    let page = browser.visit(&path(&fields)).await;
    assert!(page.body.contains("data-at-once") && page.body.contains("id=\"submit\""), "{}", page.body);
    assert!(is_signed_in(&mut browser).await, "p10: a GET changes nothing");
    assert_eq!(location(&confirm(&mut browser, &page).await), format!("{BYE}&state=s"));
    assert!(!is_signed_in(&mut browser).await);
    assert_eq!(server.userinfo(&tokens.access).await.status, 401);

    // With no hint, or the hint of another session or client, the person is asked.
    let other = server.add_client(ClientKind::Web).await;
    let of_other = server.sign_in(&mut browser, &other, SCOPE, "alice").await;
    for fields in [
        &[("id_token_hint", tokens.id.as_str())][..],
        &[("id_token_hint", of_other.id.as_str())],
        &[("id_token_hint", of_other.id.as_str()), ("client_id", &client.id)],
        &[("client_id", &client.id)],
        &[],
    ] {
        let page = browser.visit(&path(fields)).await;
        assert!(
            page.body.contains("Sign out?") && !page.body.contains("data-at-once"),
            "{fields:?}: {}",
            page.body
        );
    }
    assert!(is_signed_in(&mut browser).await);
}

#[rstest]
#[tokio::test]
async fn an_applications_server_ends_the_session_of_a_good_hint_without_a_browser(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let (server, client, mut browser, tokens) = start_without_question(backend).await;
    let signature = tokens.id.rsplit_once('.').unwrap();
    let forged = format!("{}.{}", signature.0, signature.1.chars().rev().collect::<String>());
    for bad in ["", "nonsense", &forged, &tokens.access] {
        let answer = server.browser().visit(&path(&[("id_token_hint", bad)])).await;
        assert!(answer.body.contains("You are not signed in here"), "{bad}: {}", answer.body);
    }
    let asking = server.add_client(ClientKind::Web).await;
    let of_asking = server.sign_in(&mut browser, &asking, SCOPE, "alice").await;
    server.browser().visit(&path(&[("id_token_hint", &of_asking.id)])).await;
    assert!(is_signed_in(&mut browser).await, "only where an administrator has said so");

    let answer = server.browser().visit(&path(&[("id_token_hint", &tokens.id)])).await;
    assert!(answer.status == 200 && answer.body.contains("You are signed out"), "{}", answer.body);
    assert!(!is_signed_in(&mut browser).await);
    assert_eq!(server.userinfo(&tokens.access).await.status, 401);
    assert!(server.has_revocation_rule("session", &tokens.session()).await);
    let trail = server.audit_trail().await;
    let ended: Vec<_> = trail.iter().filter(|event| event.code.as_str() == "session.ended").collect();
    let [event] = &ended[..] else { panic!("{ended:?}") };
    assert_eq!(event.actor, format!("client:{}", client.id), "i09: it says who did it");
    let again = server.browser().visit(&path(&[("id_token_hint", &tokens.id)])).await;
    assert!(again.body.contains("You are signed out"), "and that stays true: {}", again.body);
    assert_eq!(server.count("session.ended").await, 1);
}
