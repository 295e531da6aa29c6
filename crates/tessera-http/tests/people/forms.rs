//! CSRF: forms are only accepted from our own pages, in the browser that they were shown in. Clickjacking: no page can be framed.

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use rstest::rstest;
use tessera_http::headers::Transport;
use tessera_http::pages::{Pages, Site};
use tessera_http::routes::endpoints;
use tessera_http::state::Server;
use tessera_model::{ClientKind, Grant};
use tessera_testkit::browser::{Answer, Browser, query};
use tessera_testkit::evidence::Tokens;
use tessera_testkit::inspect::grant_of_code;
use tessera_testkit::server::{Backend, PASSWORD, TestClient, TestServer};
use tower::ServiceExt as _;

use crate::{SCOPE, location, login_page, submit_login};

/// A request that another site can make a browser send in place of our form.
#[derive(Clone, Copy, Debug)]
enum Forgery {
    NoToken,
    TokenOfAnotherBrowser,
    NonsenseToken,
    OriginNull,
    OriginOther,
    SiteCross,
    SiteSame,
    NoBrowserCookie,
}

const FORGERIES: [Forgery; 8] = [
    Forgery::NoToken,
    Forgery::TokenOfAnotherBrowser,
    Forgery::NonsenseToken,
    Forgery::OriginNull,
    Forgery::OriginOther,
    Forgery::SiteCross,
    Forgery::SiteSame,
    Forgery::NoBrowserCookie,
];

/// Sends `fields` to `path` in this way, with the cookies of `victim`.
async fn forge(
    server: &TestServer,
    victim: &mut Browser,
    forgery: Forgery,
    (path, fields): (&str, &[(&str, &str)]),
) -> Answer {
    let foreign = server.browser().visit("/login").await.hidden("csrf");
    let mut fields = fields.to_vec();
    let token = match forgery {
        Forgery::NoToken => Some(None),
        Forgery::NonsenseToken => Some(Some("AAAA")),
        Forgery::TokenOfAnotherBrowser => Some(Some(foreign.as_str())),
        _ => None,
    };
    if let Some(token) = token {
        fields.retain(|(name, _)| *name != "csrf");
        fields.extend(token.map(|token| ("csrf", token)));
    }
    let mut cookies = victim.cookies().clone();
    if matches!(forgery, Forgery::NoBrowserCookie) {
        cookies.remove("tessera_browser");
    }
    let cookies: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let request = server.http.post(format!("{}{path}", server.issuer)).header("cookie", cookies.join("; "));
    let request = match forgery {
        Forgery::OriginNull => request.header("origin", "null"),
        Forgery::OriginOther => request.header("origin", "https://evil.example"),
        Forgery::SiteCross => request.header("sec-fetch-site", "cross-site"),
        Forgery::SiteSame => request.header("sec-fetch-site", "same-site"),
        _ => request.header("origin", &server.issuer).header("sec-fetch-site", "same-origin"),
    };
    Answer::read(request.form(&fields).send().await.unwrap()).await
}

impl Forgery {
    /// Whether the browser says that another site sent it. The others could come from a page of ours that was shown before
    /// the browser got a new cookie.
    const fn is_foreign(self) -> bool {
        match self {
            Self::OriginNull | Self::OriginOther | Self::SiteCross | Self::SiteSame => true,
            Self::NoToken | Self::TokenOfAnotherBrowser | Self::NonsenseToken | Self::NoBrowserCookie => {
                false
            }
        }
    }

    /// The page may be shown again, which sets the browser cookie, but no session cookie.
    fn may_set(self, answer: &Answer) -> bool {
        let set = answer.header("set-cookie");
        set.is_empty() || (matches!(self, Self::NoBrowserCookie) && set.starts_with("tessera_browser="))
    }
}

/// Seconds between two denials, so that each gets an audit event.
const PAUSE: u64 = 7;

/// The state that a forged form must not change.
async fn state(server: &TestServer) -> String {
    let mut codes = server.audit_codes().await;
    codes.retain(|code| *code != "csrf.rejected");
    codes.sort_unstable();
    codes.join(" ")
}

#[rstest]
#[tokio::test]
async fn l15_o17_a_form_of_another_site_changes_nothing(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let client = server.add_client_with(ClientKind::Web, |new| new.require_consent = true).await;
    let mut browser = server.browser();
    let page = login_page(&server, &mut browser, &client).await;
    let login = browser.visit(&page).await;
    let (csrf, flow) = (login.hidden("csrf"), login.hidden("flow"));
    let login = [("csrf", &*csrf), ("flow", &*flow), ("username", "alice"), ("password", PASSWORD)];
    let before = state(&server).await;
    for forgery in FORGERIES {
        server.advance(PAUSE);
        let answer = forge(&server, &mut browser, forgery, ("/login", &login)).await;
        assert_eq!((answer.status, answer.location()), (403, None), "login {forgery:?}");
        assert!(forgery.may_set(&answer), "login {forgery:?}: {:?}", answer.headers);
        let asked_again = answer.body.contains("id=\"login\"") && answer.body.contains("out of date");
        assert_eq!(asked_again, !forgery.is_foreign(), "login {forgery:?}: {}", answer.body);
    }
    assert_eq!(server.count("csrf.rejected").await, 8, "i09: one event each");
    assert_eq!(state(&server).await, before);

    let asked = location(&browser.submit("/login", &login).await);
    let consent = browser.visit(&asked).await;
    let (csrf, flow) = (consent.hidden("csrf"), consent.hidden("flow"));
    let before = state(&server).await;
    for decision in ["allow", "deny"] {
        let consent = [("csrf", &*csrf), ("flow", &*flow), ("decision", decision)];
        for forgery in FORGERIES {
            server.advance(PAUSE);
            let answer = forge(&server, &mut browser, forgery, ("/consent", &consent)).await;
            assert_eq!((answer.status, answer.location()), (403, None), "consent {forgery:?}");
            assert!(forgery.may_set(&answer), "consent {forgery:?}: {:?}", answer.headers);
            let asked_again = answer.body.contains("Nothing has been decided yet");
            assert_eq!(asked_again, !forgery.is_foreign(), "consent {forgery:?}: {}", answer.body);
        }
    }
    assert_eq!(state(&server).await, before);

    let csrf = browser.visit("/logout").await.hidden("csrf");
    for forgery in FORGERIES {
        server.advance(PAUSE);
        let answer = forge(&server, &mut browser, forgery, ("/logout", &[("csrf", &csrf)])).await;
        let expected = if matches!(forgery, Forgery::NoToken) { 303 } else { 403 };
        assert_eq!(answer.status, expected, "logout {forgery:?}");
        assert!(forgery.may_set(&answer), "logout {forgery:?}: {:?}", answer.headers);
        let asked_again = answer.body.contains("You are still signed in");
        assert_eq!(
            asked_again,
            expected == 403 && !forgery.is_foreign(),
            "logout {forgery:?}: {}",
            answer.body
        );
    }
    assert_eq!(state(&server).await, before);
    assert!(browser.visit("/").await.body.contains("You are signed in"));
    assert_eq!(server.count("csrf.rejected").await, 8 + 16 + 7, "i09: one event each");
}

/// An attacker sends their flow to a victim. It is worth no more than a link to `/authorize`: the request begins again in the
/// victim's browser, and its progress elsewhere does not count.
#[tokio::test]
async fn l48_l12_o17_nothing_of_a_login_under_way_goes_to_another_browser() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    server.add_user("mallory").await;
    let client = server.add_client_with(ClientKind::Web, |new| new.require_consent = true).await;
    let mut attacker = server.browser();
    let path = server.authorize_path(&client, SCOPE, &[("prompt", "login")]);
    let page = location(&attacker.visit(&path).await);
    let asked = location(&submit_login(&mut attacker, &page, "mallory", PASSWORD).await);
    let answered = attacker.visit(&asked).await.hidden("flow");

    // The victim has to log in. Mallory's login does not count here.
    let mut victim = server.browser();
    for flow in [page.split_once("flow=").unwrap().1, &answered] {
        let form = victim.visit(&format!("/login?flow={flow}")).await;
        assert!(form.body.contains("id=\"login\"") && !form.body.contains("mallory"), "{}", form.body);
        assert_ne!(form.hidden("flow"), flow, "it is the victim's own now");
        let form = victim.visit(&format!("/consent?flow={flow}")).await;
        assert!(location(&form).starts_with("/login?flow="), "{form:?}");
    }
    submit_login(&mut victim, "/login", "alice", PASSWORD).await;

    // After the login the victim still has to log in again, as the request demands. No form skips that.
    let csrf = victim.visit("/logout").await.hidden("csrf");
    for decision in ["allow", "deny"] {
        let fields = [("csrf", &*csrf), ("flow", &*answered), ("decision", decision)];
        let answer = victim.submit("/consent", &fields).await;
        assert!(location(&answer).starts_with("/login?flow="), "{decision}: {answer:?}");
    }
    assert_eq!((server.count("code.issued").await, server.count("consent.denied").await), (0, 0));

    // An answer to a question that the victim has not seen does not count either.
    let page = login_page(&server, &mut attacker, &client).await;
    let unasked = attacker.visit(&page).await.hidden("flow");
    let fields = [("csrf", &*csrf), ("flow", &*unasked), ("decision", "allow")];
    let answer = victim.submit("/consent", &fields).await;
    assert!(location(&answer).starts_with("/consent?flow="), "{answer:?}");
    assert_eq!(server.count("code.issued").await, 0);
}

#[tokio::test]
async fn o17_a_flow_that_was_changed_or_invented_is_refused() {
    let server = TestServer::start(Backend::Sqlite).await;
    let client = server.add_client(ClientKind::Web).await;
    let mut browser = server.browser();
    let page = login_page(&server, &mut browser, &client).await;
    let changed = format!("{}{}", &page[..page.len() - 1], if page.ends_with('A') { 'Q' } else { 'A' });
    for bad in [changed.as_str(), "/login?flow=AAAA", "/login?flow=%00", "/login?flow=..%2F..%2Fetc"] {
        let answer = browser.visit(bad).await;
        assert_eq!((answer.status, answer.location()), (400, None), "{bad}");
    }
    assert_eq!(browser.visit(&page).await.status, 200);
}

/// A flow is not stored (docs/adr/0004), so a form may be sent twice within its time. Each time it is checked in full, and gives a
/// grant of its own to the same client by the same person.
#[rstest]
#[tokio::test]
async fn o17_a_consent_form_that_is_sent_twice_gives_two_grants_of_the_same(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let client = server.add_client_with(ClientKind::Web, |new| new.require_consent = true).await;
    let mut browser = server.browser();
    let page = login_page(&server, &mut browser, &client).await;
    let asked = location(&submit_login(&mut browser, &page, "alice", PASSWORD).await);
    let page = browser.visit(&asked).await;
    let (csrf, flow) = (page.hidden("csrf"), page.hidden("flow"));
    let form = [("csrf", &*csrf), ("flow", &*flow), ("decision", "allow")];
    let mut codes = Vec::new();
    let mut grants = Vec::new();
    for _ in 0..2 {
        let code = query(&location(&browser.submit("/consent", &form).await), "code").unwrap();
        grants.push(server.grant(grant_of_code(&code)).await.unwrap());
        codes.push(code);
    }
    let [first, second] = &grants[..] else { unreachable!() };
    assert_ne!(first.id, second.id);
    assert_eq!(
        first,
        &Grant { id: first.id, ..second.clone() },
        "client, person, session, PKCE: all the same"
    );
    assert_eq!((first.client_id.as_str(), server.count("code.issued").await), (&*client.id, 2), "i09");

    let tokens = [
        Tokens::of(&server.redeem(&client, &codes[0]).await),
        Tokens::of(&server.redeem(&client, &codes[1]).await),
    ];
    for (code, tokens) in codes.iter().zip(&tokens) {
        assert_eq!(server.userinfo(&tokens.access).await.status, 200, "what the other lost is not lost here");
        assert_eq!(server.redeem(&client, code).await.error(), "invalid_grant", "each once");
        assert_eq!(server.userinfo(&tokens.access).await.status, 401, "o09");
    }
}

#[tokio::test]
async fn prompt_login_is_not_skipped_by_going_straight_to_consent() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let client = server.add_client_with(ClientKind::Web, |new| new.require_consent = true).await;
    let mut browser = server.browser();
    server.sign_in(&mut browser, &client, SCOPE, "alice").await;
    let before = server.count("code.issued").await;
    for again in [("prompt", "login"), ("max_age", "0"), ("prompt", "select_account")] {
        let path = server.authorize_path(&client, SCOPE, &[again]);
        let page = location(&browser.visit(&path).await);
        let straight = page.replace("/login", "/consent");
        let answer = browser.visit(&straight).await;
        assert!(location(&answer).starts_with("/login?flow="), "{again:?}");
        let (csrf, flow) = (browser.visit("/logout").await.hidden("csrf"), page.split_once('=').unwrap().1);
        let fields = [("csrf", &*csrf), ("flow", flow), ("decision", "allow")];
        let answer = browser.submit("/consent", &fields).await;
        assert!(location(&answer).starts_with("/login?flow="), "{again:?}");
    }
    assert_eq!(server.count("code.issued").await, before);
}

#[tokio::test]
async fn prompt_login_as_one_person_is_no_fresh_login_of_another() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    server.add_user("mallory").await;
    let client = server.add_client_with(ClientKind::Web, |new| new.require_consent = true).await;
    let mut victim = server.browser();
    server.sign_in(&mut victim, &client, SCOPE, "alice").await;
    let stolen = victim.cookies()["tessera_session"].clone();
    server.advance(3_600);

    let mut thief = server.browser();
    let path = server.authorize_path(&client, SCOPE, &[("prompt", "login")]);
    let page = location(&thief.visit(&path).await);
    let asked = location(&submit_login(&mut thief, &page, "mallory", PASSWORD).await);
    assert!(asked.starts_with("/consent"));
    let page = thief.visit(&asked).await;
    let (csrf, flow) = (page.hidden("csrf"), page.hidden("flow"));
    thief.cookies().insert("tessera_session".to_owned(), stolen);
    let answer = thief.visit(&asked).await;
    assert!(location(&answer).starts_with("/login?flow="), "alice herself has not logged in again");
    let answer = thief.submit("/consent", &[("csrf", &csrf), ("flow", &flow), ("decision", "allow")]).await;
    assert!(location(&answer).starts_with("/login?flow="), "alice herself has not logged in again");
}

async fn pages(server: &TestServer, client: &TestClient) -> Vec<Answer> {
    let mut browser = server.browser();
    let login = login_page(server, &mut browser, client).await;
    let mut pages = vec![browser.visit(&login).await, browser.visit("/login").await];
    pages.push(submit_login(&mut browser, &login, "alice", "wrong password").await);
    server.advance(1);
    let asked = submit_login(&mut browser, &login, "alice", PASSWORD).await;
    pages.push(browser.visit(&location(&asked)).await);
    pages.push(asked);
    pages.push(browser.visit("/").await);
    pages.push(browser.visit("/login?account=other").await);
    pages.push(browser.visit("/logout").await);
    pages.push(server.browser().visit("/logout").await);
    pages.push(browser.visit("/nowhere").await);
    pages.push(browser.visit("/authorize").await);
    pages.push(browser.submit("/login", &[("username", "alice")]).await);
    pages
}

#[tokio::test]
async fn o58_o59_no_page_is_framed_stored_or_told_to_others() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let client = server.add_client_with(ClientKind::Web, |new| new.require_consent = true).await;
    for page in pages(&server, &client).await {
        let policy = page.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(page.header("x-frame-options"), "DENY");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert_eq!(page.header("cache-control"), "no-store");
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert_eq!(page.header("server"), "");
        let foreign =
            |attribute: &str| page.body.split(attribute).skip(1).any(|rest| rest.starts_with("http"));
        assert!(!foreign("src=\"") && !foreign("href=\""), "nothing is loaded from elsewhere: {}", page.body);
        for secret in ["tsr_", PASSWORD] {
            assert!(!page.location().unwrap_or_default().contains(secret), "no secret in an address");
            assert!(!page.body.contains(secret), "no secret in a page");
        }
    }
}

async fn over_https(server: &TestServer, request: Request) -> Response {
    let pages = Pages::load(None, Site::default()).unwrap();
    let server = Server::new(std::sync::Arc::clone(&server.app), pages, Transport::Https);
    endpoints(server).oneshot(request).await.unwrap()
}

#[tokio::test]
async fn l13_cookies_of_a_real_server_are_bound_to_it() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let get = Request::builder().uri("/login").header("host", "localhost").body(Body::empty()).unwrap();
    let form = over_https(&server, get).await;
    let browser = form.headers()["set-cookie"].to_str().unwrap().to_owned();
    let body = axum::body::to_bytes(form.into_body(), 1 << 16).await.unwrap();
    let page = Answer {
        status: 200,
        headers: http::HeaderMap::new(),
        body: String::from_utf8(body.to_vec()).unwrap(),
    };
    let fields =
        format!("csrf={}&username=alice&password={}", page.hidden("csrf"), PASSWORD.replace(' ', "+"));
    let post = Request::post("/login")
        .header("host", "localhost")
        .header("origin", &server.issuer)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("cookie", browser.split(';').next().unwrap())
        .body(Body::from(fields))
        .unwrap();
    let answer = over_https(&server, post).await;
    assert_eq!(answer.status(), 303);
    let session = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    for (cookie, name, kind) in
        [(&browser, "__Host-tessera_browser=", "tsr_br_"), (&session, "__Host-tessera_session=", "tsr_ss_")]
    {
        let (pair, attributes) = cookie.split_once("; ").unwrap();
        let value = pair.strip_prefix(name).unwrap_or_else(|| panic!("{cookie}"));
        assert!(value.starts_with(kind) && value.len() >= kind.len() + 43, "256 bits: {value}");
        assert_eq!(attributes, "Path=/; Secure; HttpOnly; SameSite=Lax");
    }
}
