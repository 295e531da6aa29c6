//! A redirect URI that other programs on the device may claim gets no code without an action of the person (RFC 8252 section 8.6).

use tessera_model::ClientKind;
use tessera_testkit::browser::query;
use tessera_testkit::server::{Backend, REDIRECT_URI, TestServer};

use crate::{decide, error_in, has_code, is_consent};

const PRIVATE_USE: &str = "com.example.app:/callback";
const LOOPBACK: &str = "http://127.0.0.1/callback";

#[tokio::test]
async fn a_code_for_a_loopback_or_private_use_redirect_always_needs_the_person() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    for kind in [ClientKind::Native, ClientKind::Web] {
        let client = server
            .add_client_with(kind, |new| {
                new.redirect_uris.extend([PRIVATE_USE, LOOPBACK].map(|uri| uri.parse().unwrap()));
            })
            .await;
        let mut browser = server.browser();
        let first = server.authorize_path(&client, "openid", &[("redirect_uri", PRIVATE_USE)]);
        let end = server.authorize(&mut browser, &first, "alice").await;
        assert!(query(&end, "code").is_some(), "{kind:?}: a login for the request is enough: {end}");
        for (uri, needed) in [
            (PRIVATE_USE, true),
            (LOOPBACK, kind == ClientKind::Native),
            ("http://127.0.0.1:4711/callback", kind == ClientKind::Native),
            (REDIRECT_URI, false),
        ] {
            let path = |more: &[(&str, &str)]| {
                server.authorize_path(&client, "openid", &[&[("redirect_uri", uri)][..], more].concat())
            };
            let silent = browser.visit(&path(&[("prompt", "none")])).await;
            let again = browser.visit(&path(&[])).await;
            if needed {
                assert_eq!(
                    error_in(&server, &silent, Some("s t&te")),
                    "interaction_required",
                    "{kind:?} {uri}"
                );
                assert!(is_consent(&again), "{kind:?} {uri} {:?}", again.location());
                let allowed = decide(&mut browser, &again, "allow").await;
                let end = allowed.location().unwrap_or_default().to_owned();
                assert!(query(&end, "code").is_some(), "{kind:?} {uri} {end}");
            } else {
                let code = |answer: &tessera_testkit::browser::Answer| {
                    has_code(answer) || answer.location().is_some_and(|to| query(to, "code").is_some())
                };
                assert!(code(&silent) && code(&again), "{kind:?} {uri} {:?}", again.location());
            }
        }
    }
}
