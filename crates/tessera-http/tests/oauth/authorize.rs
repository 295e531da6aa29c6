//! The parameters of an authorization request, and where its answer goes (RFC 6749 section 4.1.1, OIDC core section 3.1.2.1).

use std::collections::BTreeSet;

use rstest::rstest;
use tessera_model::ClientKind;
use tessera_testkit::browser::query;
use tessera_testkit::server::{Backend, CHALLENGE, REDIRECT_URI, TestClient, TestServer};

use crate::{ask, assert_page, error_in, is_login};

const STATE: Option<&str> = Some("s t&te");

async fn web() -> (TestServer, TestClient) {
    let server = TestServer::start(Backend::Sqlite).await;
    let client = server.add_client(ClientKind::Web).await;
    (server, client)
}

/// Changes to a valid request, and the error that the client gets.
const REFUSED: &[(&[(&str, &str)], &str)] = &[
    (&[("response_type", "")], "invalid_request"),
    (&[("response_type", "token")], "unsupported_response_type"),
    (&[("response_type", "id_token")], "unsupported_response_type"),
    (&[("response_type", "code token")], "unsupported_response_type"),
    (&[("response_type", "code id_token")], "unsupported_response_type"),
    (&[("response_type", "id_token token")], "unsupported_response_type"),
    (&[("response_type", "none")], "unsupported_response_type"),
    (&[("response_type", "CODE")], "unsupported_response_type"),
    (&[("response_type", "code ")], "unsupported_response_type"),
    (&[("response_mode", "fragment")], "invalid_request"),
    (&[("response_mode", "query.jwt")], "invalid_request"),
    (&[("response_mode", "web_message")], "invalid_request"),
    (&[("scope", "unknown")], "invalid_scope"),
    (&[("scope", "offline_access")], "invalid_scope"),
    (&[("scope", "openid \"")], "invalid_scope"),
    (&[("code_challenge_method", "plain")], "invalid_request"),
    (&[("code_challenge_method", "")], "invalid_request"),
    (&[("code_challenge_method", "s256")], "invalid_request"),
    (&[("code_challenge_method", "S256 ")], "invalid_request"),
    (&[("code_challenge", "")], "invalid_request"),
    (&[("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c")], "invalid_request"),
    (&[("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM")], "invalid_request"),
    (&[("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM=")], "invalid_request"),
    (&[("request", "eyJhbGciOiJub25lIn0.e30.")], "request_not_supported"),
    (&[("request_uri", "https://169.254.169.254/latest")], "request_uri_not_supported"),
    (&[("request_uri", "urn:ietf:params:oauth:request_uri:x")], "request_uri_not_supported"),
    (&[("registration", "{}")], "registration_not_supported"),
    (&[("resource", "relative")], "invalid_target"),
    (&[("resource", "https://api.example#x")], "invalid_target"),
    (&[("resource", "https://unknown.example")], "invalid_target"),
    (&[("prompt", "none login")], "invalid_request"),
    (&[("prompt", "dance")], "invalid_request"),
    (&[("max_age", "-1")], "invalid_request"),
    (&[("max_age", "1e20")], "invalid_request"),
    (&[("max_age", "99999999999999999999999")], "invalid_request"),
    (&[("max_age", "abc")], "invalid_request"),
    (&[("max_age", " 1")], "invalid_request"),
];

#[tokio::test]
async fn o05_o37_o62_o63_a_bad_request_is_an_error_at_the_client_and_nothing_else() {
    let (server, client) = web().await;
    for (more, error) in REFUSED {
        let answer = ask(&server, &client, more).await;
        assert_eq!(error_in(&server, &answer, STATE), *error, "{more:?}");
        let location = answer.location().unwrap();
        assert!(location.starts_with("https://rp.example/callback?error="), "{location}");
        let url = url::Url::parse(location).unwrap();
        let names: BTreeSet<_> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
        assert!(
            names.iter().all(|n| ["error", "error_description", "state", "iss"].contains(&&**n)),
            "{names:?}"
        );
        assert_eq!(url.fragment(), None);
        let description = query(location, "error_description").unwrap_or_default();
        let allowed = |c: u8| matches!(c, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        assert!(description.bytes().all(allowed), "{description}");
    }
}

/// This holds for every check that refuses (OpenID conformance, form-post plan).
#[tokio::test]
async fn protocol_28_a_refusal_keeps_the_response_mode_that_was_asked_for() {
    let (server, client) = web().await;
    let object = tessera_jose::base64url::encode(r#"{"state":"inner","response_mode":"form_post"}"#);
    let object = format!("eyJhbGciOiJub25lIn0.{object}.");
    let unread = [("request", &*object), ("state", "")];
    let with_mode = REFUSED
        .iter()
        .filter(|(more, _)| more.iter().all(|(name, _)| *name != "response_mode"))
        .map(|(more, error)| ([*more, &[("response_mode", "form_post")]].concat(), *error, "s t&amp;te"));
    for (more, error, state) in with_mode.chain([(unread.to_vec(), "request_not_supported", "inner")]) {
        let answer = ask(&server, &client, &more).await;
        assert_eq!((answer.status, answer.location()), (200, None), "{more:?} {}", answer.body);
        assert!(
            answer.body.contains("action=\"https:&#x2f;&#x2f;rp.example&#x2f;callback\""),
            "{}",
            answer.body
        );
        let told = (answer.hidden("error"), answer.hidden("state"));
        assert_eq!((told.0.as_str(), told.1.as_str()), (error, state), "{more:?}");
    }
}

#[tokio::test]
async fn o05_a_public_client_is_held_to_pkce_too() {
    let server = TestServer::start(Backend::Sqlite).await;
    for kind in [ClientKind::Spa, ClientKind::Native] {
        let client = server.add_client(kind).await;
        let answer = ask(&server, &client, &[("code_challenge", ""), ("code_challenge_method", "")]).await;
        assert_eq!(error_in(&server, &answer, STATE), "invalid_request", "{kind:?}");
    }
    let challenge = |length: usize| "a".repeat(length);
    let client = server.add_client(ClientKind::Web).await;
    for (length, good) in [(42, false), (43, true), (128, true), (129, false)] {
        let answer = ask(&server, &client, &[("code_challenge", &challenge(length))]).await;
        assert_eq!(is_login(&answer), good, "{length}");
    }
}

#[rstest]
#[case::plain("xyzABC123")]
#[case::reserved("a=b&c+d e/f?g#h%41;,")]
#[case::markup("\"><script>alert(1)</script>")]
#[case::header("x\r\nLocation: https://evil.example")]
#[case::unicode("ü ✓ 😀 \u{202e}")]
#[case::controls("\u{1}\t\u{7f}")]
#[case::longest(&"x".repeat(4096))]
#[case::padded("YWJjZA==")]
#[tokio::test]
async fn o19_state_comes_back_byte_for_byte(#[case] state: &str) {
    let (server, client) = web().await;
    server.add_user("alice").await;
    let path = server.authorize_path(&client, "openid", &[("state", state)]);
    let end = server.authorize(&mut server.browser(), &path, "alice").await;
    assert_eq!(query(&end, "state").as_deref(), Some(state));
    assert!(query(&end, "code").is_some(), "{end}");
    let error = ask(&server, &client, &[("state", state), ("prompt", "none")]).await;
    assert_eq!(error_in(&server, &error, Some(state)), "login_required");
}

#[tokio::test]
async fn o19_a_state_that_was_not_sent_is_not_returned_and_one_too_long_is_refused_whole() {
    let (server, client) = web().await;
    server.add_user("alice").await;
    let path = server.authorize_path(&client, "openid", &[("state", "")]);
    let end = server.authorize(&mut server.browser(), &path, "alice").await;
    assert_eq!(query(&end, "state"), None, "{end}");
    for length in [4097, 10 * 1024] {
        let answer = ask(&server, &client, &[("state", &"x".repeat(length))]).await;
        assert_eq!(error_in(&server, &answer, None), "invalid_request", "{length}");
    }
    let answer = ask(&server, &client, &[("nonce", &"x".repeat(1025))]).await;
    assert_eq!(error_in(&server, &answer, STATE), "invalid_request");
}

#[tokio::test]
async fn o19_what_does_not_fit_into_an_address_is_refused_before_the_login_page() {
    let (server, client) = web().await;
    let state = "\u{1}".repeat(4096);
    let answer = ask(&server, &client, &[("state", &state)]).await;
    assert_eq!(error_in(&server, &answer, Some(&state)), "invalid_request");
    let mut browser = server.browser();
    let longest = [("state", "s".repeat(4096)), ("nonce", "n".repeat(1024)), ("login_hint", "l".repeat(256))];
    let longest: Vec<(&str, &str)> = longest.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = browser.visit(&server.authorize_path(&client, "openid", &longest)).await;
    assert!(is_login(&answer) && answer.location().unwrap().len() < 13 * 1024);
    assert_eq!(browser.visit(answer.location().unwrap()).await.status, 200);
}

#[tokio::test]
async fn an_unknown_disabled_or_impossible_client_is_a_page() {
    let (server, client) = web().await;
    for id in ["unknown", "", "a b", "ü", &"x".repeat(129), "8f14e45f-ceea-467f-a1d3-6f1c2b0e9a77"] {
        assert_page(&ask(&server, &client, &[("client_id", id)]).await);
    }
    tessera_app::clients::disable(&server.cli(), &client.id.parse().unwrap()).await.unwrap();
    server.refresh().await;
    assert_page(&ask(&server, &client, &[]).await);
}

#[tokio::test]
async fn a_client_that_is_turned_off_during_the_login_gets_no_code() {
    let (server, client) = web().await;
    server.add_user("alice").await;
    let mut browser = server.browser();
    let answer = browser.visit(&server.authorize_path(&client, "openid", &[])).await;
    let page = browser.visit(answer.location().unwrap()).await;
    tessera_app::clients::disable(&server.cli(), &client.id.parse().unwrap()).await.unwrap();
    server.refresh().await;
    let (csrf, flow) = (page.hidden("csrf"), page.hidden("flow"));
    let fields = [
        ("csrf", &*csrf),
        ("flow", &*flow),
        ("username", "alice"),
        ("password", tessera_testkit::server::PASSWORD),
    ];
    assert_page(&browser.submit("/login", &fields).await);
}

#[tokio::test]
async fn protocol_89_repeated_parameters_are_a_page() {
    let (server, client) = web().await;
    let path = server.authorize_path(&client, "openid", &[]);
    for again in ["client_id=x", "state=y", "scope=openid", "nonce=", "unknown=1&unknown=2", "%73tate=z"] {
        assert_page(&server.get(&format!("{path}&{again}")).await);
    }
    assert_page(&server.get(&format!("{path}&x=%zz")).await);
    assert_page(&server.get(&format!("{path}&x=%ff")).await);
}

#[tokio::test]
async fn protocol_12_23_24_unknown_and_optional_parameters_change_nothing() {
    let (server, client) = web().await;
    server.add_user("alice").await;
    for more in [
        &[("extra", "foobar")][..],
        &[("login_hint", "bob@example.com\"><b>")],
        &[("login_hint", &*"x".repeat(5000))],
        &[("ui_locales", "de-DE se xx")],
        &[("claims_locales", "se")],
        &[("display", "popup")],
        &[("acr_values", "urn:x phr aal3")],
        &[("claims", r#"{"userinfo":{"name":{"essential":true}}}"#)],
        &[("nonce", "")],
        &[("nonce", &*"n".repeat(64))],
    ] {
        let path = server.authorize_path(&client, "profile openid", more);
        let end = server.authorize(&mut server.browser(), &path, "alice").await;
        assert!(query(&end, "code").is_some(), "{more:?} {end}");
    }
}

/// An authorization request as the fields of a form.
fn fields(client: &TestClient) -> [(&'static str, &str); 7] {
    [
        ("redirect_uri", REDIRECT_URI),
        ("scope", "openid"),
        ("code_challenge_method", "S256"),
        ("code_challenge", CHALLENGE),
        ("client_id", &client.id),
        ("response_type", "code"),
        ("state", "s t&te"),
    ]
}

#[tokio::test]
async fn protocol_25_the_request_may_be_posted_from_the_clients_own_page() {
    let (server, client) = web().await;
    server.add_user("alice").await;
    let mut browser = server.browser();
    let answer = browser.submit_from("https://rp.example", "/authorize", &fields(&client)).await;
    assert_eq!((answer.status, answer.header("set-cookie")), (303, ""), "a browser is known by what it has");
    let answer = browser.visit(answer.location().unwrap()).await;
    assert!(is_login(&answer));
    assert!(crate::has_code(&crate::log_in(&mut browser, &answer, "alice").await));

    // With a session: the browser leaves the cookies out of the POST, and sends them with the GET.
    let silent = [&fields(&client)[..], &[("prompt", "none")]].concat();
    let answer = browser.submit_from("https://rp.example", "/authorize", &silent).await;
    assert!(!answer.location().unwrap().contains("rp.example"), "{answer:?}");
    assert!(crate::has_code(&browser.visit(answer.location().unwrap()).await));
    assert!(
        crate::has_code(&browser.submit("/authorize", &silent).await),
        "from here it needs no second way"
    );

    let nobody = server.browser().visit(answer.location().unwrap()).await;
    assert_eq!(error_in(&server, &nobody, STATE), "login_required", "it is about no browser in particular");
    let bad = browser.submit_from("https://rp.example", "/authorize", &[("client_id", "unknown")]).await;
    assert_page(&browser.visit(bad.location().unwrap()).await);
}

#[tokio::test]
async fn protocol_25_what_is_posted_and_too_long_for_an_address_is_answered_without_the_cookies() {
    let (server, client) = web().await;
    server.add_user("alice").await;
    let mut browser = server.browser();
    server.authorize(&mut browser, &server.authorize_path(&client, "openid", &[]), "alice").await;
    let before = browser.cookies().clone();
    let long = "x".repeat(9 * 1024);
    let long = [&fields(&client)[..], &[("id_token_hint", long.as_str())]].concat();
    let answer = browser.submit_from("https://rp.example", "/authorize", &long).await;
    assert_page(&answer);
    assert_eq!((answer.status, answer.header("set-cookie")), (400, ""));
    assert_eq!(*browser.cookies(), before, "o17: another site does not change what binds this browser");
}

#[tokio::test]
async fn protocol_28_o61_form_post_carries_the_answer_in_a_form_and_nothing_in_an_address() {
    let (server, client) = web().await;
    server.add_user("alice").await;
    let hostile = "\"><script>alert(1)</script>";
    let mut browser = server.browser();
    server.authorize(&mut browser, &server.authorize_path(&client, "openid", &[]), "alice").await;
    let more = [("response_mode", "form_post"), ("state", hostile)];
    let page = browser.visit(&server.authorize_path(&client, "openid", &more)).await;
    assert_eq!((page.status, page.location()), (200, None));
    let unescaped = page.body.replace("&#x2f;", "/");
    assert!(unescaped.contains(r#"method="post" action="https://rp.example/callback""#), "{unescaped}");
    assert!(!page.body.contains("<script>alert"), "{}", page.body);
    assert_eq!(page.header("cache-control"), "no-store");
    let policy = page.header("content-security-policy");
    assert!(policy.contains("; script-src 'nonce-") && !policy.contains("form-action"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    let tokens = server.redeem(&client, &page.hidden("code")).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    let more = [("response_mode", "form_post"), ("state", hostile), ("scope", "unknown")];
    let page = browser.visit(&server.authorize_path(&client, "", &more)).await;
    assert_eq!((page.status, page.hidden("error").as_str()), (200, "invalid_scope"));
    assert!(!page.body.contains("name=\"code\"") && !page.body.contains("<script>alert"), "{}", page.body);
}

#[tokio::test]
async fn form_post_pages_speak_the_language_of_the_request() {
    let (server, client) = web().await;
    server.add_user("alice").await;
    let mut browser = server.browser();
    server.authorize(&mut browser, &server.authorize_path(&client, "openid", &[]), "alice").await;
    let german = [("response_mode", "form_post"), ("ui_locales", "xx de")];
    for more in [&[][..], &[("scope", "unknown")], &[("max_age", "abc")]] {
        let path = server.authorize_path(&client, "openid", &[&german[..], more].concat());
        let page = browser.visit(&path).await;
        assert_eq!(page.hidden("state"), "s t&amp;te", "{more:?}: {}", page.body);
        assert!(page.body.contains("<html lang=\"de\""), "{more:?}: {}", page.body);
    }
}

#[tokio::test]
async fn error_pages_speak_the_language_of_the_request() {
    let (server, client) = web().await;
    for more in [("client_id", "unknown"), ("redirect_uri", "https://rp.example/other")] {
        let page = ask(&server, &client, &[more, ("ui_locales", "xx de")]).await;
        assert_page(&page);
        assert!(page.body.contains("<html lang=\"de\""), "{more:?}: {}", page.body);
    }
}

#[tokio::test]
async fn protocol_11_o15_codes_are_long_and_unlike_each_other_and_every_answer_names_the_issuer() {
    let (server, client) = web().await;
    server.add_user("alice").await;
    let mut browser = server.browser();
    let mut codes = BTreeSet::new();
    for _ in 0..8 {
        let path = server.authorize_path(&client, "openid", &[]);
        let end = server.authorize(&mut browser, &path, "alice").await;
        assert_eq!(query(&end, "iss").as_deref(), Some(&*server.issuer));
        let code = query(&end, "code").unwrap();
        assert!(code.len() >= 43 && code.starts_with("tsr_ac_"), "{code}");
        codes.insert(code);
    }
    assert_eq!(codes.len(), 8);
}
