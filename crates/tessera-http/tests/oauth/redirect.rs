//! An authorization response only goes to a redirect URI that equals a registered one byte for byte (policy P7).

use rstest::rstest;
use tessera_model::{ClientKind, EventCode};
use tessera_testkit::browser::query;
use tessera_testkit::server::{Backend, REDIRECT_URI, TestServer};

use crate::corpus::bad_redirect_uris;
use crate::{ask, assert_page, error_in, is_login};

#[tokio::test]
async fn o01_no_variant_of_a_redirect_uri_is_redirected_to() {
    let server = TestServer::start(Backend::Sqlite).await;
    let client = server.add_client(ClientKind::Web).await;
    let corpus = bad_redirect_uris();
    for uri in &corpus {
        // Slow enough that each denial gets an audit event of its own.
        server.advance(7);
        // `response_type` is wrong too, but that error must not be sent to the redirect URI either.
        let answer = ask(&server, &client, &[("redirect_uri", uri), ("response_type", "token")]).await;
        assert_page(&answer);
        // The page shows the address as text, for the application's developer, and has it nowhere else.
        let (before, rest) = answer.body.split_once("<code id=\"address\">").unwrap_or((&answer.body, ""));
        let (shown, after) = rest.split_once("</code>").unwrap_or_default();
        assert!(!shown.contains(['<', '>', '"', '\'']), "{uri:?}: {shown}");
        assert!(!before.contains("evil") && !after.contains("evil"), "{uri:?}: {}", answer.body);
        assert!(!format!("{:?}", answer.headers).contains("evil"), "{uri:?}: {:?}", answer.headers);
    }
    let events = server.events(EventCode::BadRedirect).await;
    assert_eq!(events.len(), corpus.len(), "one event each");
    assert!(events.iter().all(|event| event.client_id.as_ref().is_some_and(|id| id.as_str() == client.id)));
    assert!(events.iter().all(|event| event.ip.as_deref() == Some("127.0.0.1")));
}

#[tokio::test]
async fn o01_a_nul_in_the_request_is_a_page() {
    let server = TestServer::start(Backend::Sqlite).await;
    let client = server.add_client(ClientKind::Web).await;
    assert_page(&ask(&server, &client, &[("redirect_uri", "https://rp.example/callback\0")]).await);
}

#[tokio::test]
async fn o01_only_the_port_of_a_loopback_address_may_differ() {
    let server = TestServer::start(Backend::Sqlite).await;
    let client = server
        .add_client_with(ClientKind::Native, |new| {
            let uris =
                ["http://127.0.0.1/cb", "http://[::1]/cb", "http://localhost/cb", "com.example.app:/cb"];
            new.redirect_uris = uris.iter().map(|uri| uri.parse().unwrap()).collect();
        })
        .await;
    for good in [
        "http://127.0.0.1/cb",
        "http://127.0.0.1:1/cb",
        "http://127.0.0.1:65535/cb",
        "http://[::1]:4711/cb",
        "http://localhost/cb",
        "com.example.app:/cb",
    ] {
        assert!(is_login(&ask(&server, &client, &[("redirect_uri", good)]).await), "{good}");
    }
    for bad in [
        "http://127.0.0.1:0/cb",
        "http://127.0.0.1:65536/cb",
        "http://127.0.0.1:08080/cb",
        "http://127.0.0.1:/cb",
        "http://127.0.0.1:80@evil.example/cb",
        "http://127.0.0.1:80/CB",
        "http://127.0.0.1:80/cb/",
        "http://127.0.0.1:80/cb?x",
        "http://127.0.0.1.evil.example/cb",
        "http://127.1/cb",
        "http://127.0.0.2/cb",
        "http://2130706433/cb",
        "http://0x7f000001/cb",
        "http://[::ffff:127.0.0.1]/cb",
        "http://[0:0:0:0:0:0:0:1]/cb",
        "http://[::1%25lo]/cb",
        "http://localhost:4711/cb",
        "https://127.0.0.1/cb",
        "com.example.app://cb",
        "com.example.app:/cb2",
        "com.example.evil:/cb",
    ] {
        assert_page(&ask(&server, &client, &[("redirect_uri", bad)]).await);
    }
}

#[rstest]
#[case::one_registered(1)]
#[case::two_registered(2)]
#[tokio::test]
async fn o04_a_missing_or_repeated_redirect_uri_is_a_page(#[case] registered: usize) {
    let server = TestServer::start(Backend::Sqlite).await;
    let client = server
        .add_client_with(ClientKind::Web, |new| {
            let uris = [REDIRECT_URI, "https://rp.example/second"];
            new.redirect_uris = uris[..registered].iter().map(|uri| uri.parse().unwrap()).collect();
        })
        .await;
    assert_page(&ask(&server, &client, &[("redirect_uri", "")]).await);
    let twice = format!(
        "{}&redirect_uri=https%3A%2F%2Frp.example%2Fcallback",
        server.authorize_path(&client, "openid", &[])
    );
    assert_page(&server.get(&twice).await);
}

#[tokio::test]
async fn o20_another_clients_redirect_uri_is_a_page() {
    let server = TestServer::start(Backend::Sqlite).await;
    let client = server.add_client(ClientKind::Web).await;
    server
        .add_client_with(ClientKind::Web, |new| {
            new.redirect_uris = vec!["https://other.example/callback".parse().unwrap()];
        })
        .await;
    assert_page(&ask(&server, &client, &[("redirect_uri", "https://other.example/callback")]).await);
}

#[tokio::test]
async fn o20_login_takes_no_address_to_go_on_to() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let mut browser = server.browser();
    for evil in ["//evil.example", "\\/evil.example", "/%09/evil.example", "https:evil.example"] {
        let path =
            tessera_oauth::response::with_query("/login", [("next", evil), ("return_to", evil)].into_iter());
        let page = browser.visit(&path).await;
        assert_eq!((page.status, page.location()), (200, None));
        assert!(!page.body.contains("evil"), "{}", page.body);
        let csrf = page.hidden("csrf");
        let fields = [("csrf", &*csrf), ("username", "alice"), ("password", "wrong"), ("next", evil)];
        assert_eq!(browser.submit(&path, &fields).await.location(), None);
        server.advance(10);
    }
}

#[tokio::test]
async fn protocol_10_the_query_of_a_redirect_uri_is_kept() {
    let server = TestServer::start(Backend::Sqlite).await;
    let user = server.add_user("alice").await;
    let uri = "https://rp.example/cb?foo=b%20r&x";
    let client =
        server.add_client_with(ClientKind::Web, |new| new.redirect_uris = vec![uri.parse().unwrap()]).await;
    let path = server.authorize_path(&client, "openid", &[("redirect_uri", uri)]);
    let end = server.authorize(&mut server.browser(), &path, user.username.as_str()).await;
    assert!(end.starts_with("https://rp.example/cb?foo=b%20r&x&code="), "{end}");
    assert_eq!(query(&end, "state").as_deref(), Some("s t&te"));
    let refused = ask(&server, &client, &[("redirect_uri", uri), ("prompt", "none")]).await;
    assert_eq!(error_in(&server, &refused, Some("s t&te")), "login_required");
    for mismatch in
        ["https://rp.example/cb?foo=b%20r", "https://rp.example/cb", "https://rp.example/cb?x&foo=b%20r"]
    {
        assert_page(&ask(&server, &client, &[("redirect_uri", mismatch)]).await);
    }
}
