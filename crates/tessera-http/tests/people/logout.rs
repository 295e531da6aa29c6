//! Logout: the person confirms, everything that came from the session ends, and the browser goes only where it may
//! (OpenID Connect RP-Initiated Logout 1.0; attacks O65, O20).

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

/// Sends the form of a logout page with everything it carries.
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
    browser.visit("/login").await.body.contains("You are signed in")
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
    // What an image on another site fetches, and what a form there sends: the browser brings no session cookie along.
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
    assert!(server.takes_back("grant", &tokens.grant()).await);
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
    assert!(server.takes_back("grant", &tokens.grant()).await);
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
        assert!(policy.contains("form-action 'self' https://rp.example"), "{policy}");
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
    let cases: [&[(&str, &str)]; 14] = [
        &[("post_logout_redirect_uri", BYE)],
        &[("post_logout_redirect_uri", BYE), ("client_id", &client.id)],
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
        let out = confirm(&mut browser, &page).await;
        assert_eq!((out.status, out.location()), (200, None), "{case:?}");
        assert!(!is_signed_in(&mut browser).await, "p55: logged out all the same");
        let nobody = server.browser().visit(&path(case)).await;
        assert_eq!((nobody.status, nobody.location()), (200, None), "nobody logged in: {case:?}");
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

    // Another endpoint does not take it, and nobody can change it.
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
    let path = path(&[("ui_locales", "fr de")]);
    let page = browser.visit(&path).await;
    assert!(page.body.contains("<html lang=\"de\"") && page.body.contains("Abmelden?"), "{}", page.body);
    assert!(confirm(&mut browser, &page).await.body.contains("Sie sind abgemeldet"));
    assert!(browser.visit(&path).await.body.contains("Sie sind abgemeldet"), "nobody logged in");
}
