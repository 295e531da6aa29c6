//! What a code is bound to: client, redirect URI, PKCE challenge (RFC 6749 section 4.1.3, RFC 7636 section 4.6).

use rstest::rstest;
use tessera_model::{ClientKind, EventCode, GrantStage, PkcePolicy, RevokeReason};
use tessera_testkit::browser::{Answer, query};
use tessera_testkit::inspect::grant_of_code;
use tessera_testkit::server::{Backend, REDIRECT_URI, TestClient, TestServer, VERIFIER};

const WRONG: &str = "aBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// An exchange with some fields changed. An empty field is left out.
async fn exchange(server: &TestServer, client: &TestClient, code: &str, change: &[(&str, &str)]) -> Answer {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", VERIFIER),
    ];
    form.retain(|(name, _)| !change.iter().any(|(other, _)| other == name));
    form.extend(change.iter().filter(|(_, value)| !value.is_empty()));
    server.post("/token", client, &form).await
}

async fn web() -> (TestServer, TestClient) {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    (server, client)
}

#[tokio::test]
async fn o06_o04_what_was_bound_must_be_presented_and_a_failure_consumes_nothing() {
    let (server, client) = web().await;
    let code = server.code(&client, "openid", "alice").await;
    let (short, long) = ("a".repeat(42), "a".repeat(129));
    let illegal = format!("{VERIFIER}+");
    for (change, error) in [
        (&[("code_verifier", "")][..], "invalid_grant"),
        (&[("redirect_uri", "https://rp.example/callback/")], "invalid_grant"),
        (&[("redirect_uri", "https://evil.example/")], "invalid_grant"),
        (&[("code_verifier", &*short)], "invalid_request"),
        (&[("code_verifier", &*long)], "invalid_request"),
        (&[("code_verifier", &*illegal)], "invalid_request"),
        (&[("code", "")], "invalid_request"),
        (&[("resource", "https://api.example")], "invalid_target"),
        (&[("resource", "relative")], "invalid_target"),
    ] {
        let answer = exchange(&server, &client, &code, change).await;
        assert_eq!((answer.status, &*answer.error()), (400, error), "{change:?}");
    }
    let refused = server.events(EventCode::IssuanceRefused).await;
    let why: Vec<_> = refused.iter().rev().filter_map(|event| event.detail.as_deref()).collect();
    assert_eq!(why, ["code_verifier_missing", "redirect_uri_differs", "redirect_uri_differs"]);
    assert_eq!(exchange(&server, &client, &code, &[]).await.status, 200);
}

#[rstest]
#[tokio::test]
async fn o08_the_third_wrong_verifier_burns_the_code(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let wrong = [("code_verifier", WRONG)];
    let twice = server.code(&client, "openid", "alice").await;
    for _ in 0..2 {
        assert_eq!(exchange(&server, &client, &twice, &wrong).await.error(), "invalid_grant");
    }
    assert_eq!(exchange(&server, &client, &twice, &[]).await.status, 200, "two failures are forgiven");
    let code = server.code(&client, "openid", "alice").await;
    for _ in 0..3 {
        assert_eq!(exchange(&server, &client, &code, &wrong).await.error(), "invalid_grant");
    }
    let right = exchange(&server, &client, &code, &[]).await;
    assert_eq!((right.status, &*right.error()), (400, "invalid_grant"));
    let burnt = server.events(EventCode::CodeBruteforce).await;
    assert_eq!(burnt.len(), 1);
    assert_eq!(burnt[0].grant_id, Some(grant_of_code(&code)));
    assert!(server.events(EventCode::CodeReuse).await.is_empty(), "it was never used");
    let grant = server.grant(grant_of_code(&code)).await.unwrap();
    assert!(matches!(grant.stage, GrantStage::Revoked { reason: RevokeReason::CodeBurnt, .. }));
}

#[tokio::test]
async fn o12_a_code_injected_into_another_persons_login_fails_at_the_verifier() {
    let (server, client) = web().await;
    server.add_user("mallory").await;
    let other = "9MCmsUVOGFSTUcgFRhxnBxdm2nDZWKlXfZ1Ij-DlFMQ";
    let path = server.authorize_path(&client, "openid", &[("code_challenge", other)]);
    let end = server.authorize(&mut server.browser(), &path, "mallory").await;
    let answer = exchange(&server, &client, &query(&end, "code").unwrap(), &[]).await;
    assert_eq!((answer.status, &*answer.error()), (400, "invalid_grant"));
}

#[tokio::test]
async fn protocol_67_68_a_code_is_good_for_its_client_only() {
    let (server, client) = web().await;
    let twin = server.add_client(ClientKind::Web).await;
    let public = server.add_client(ClientKind::Spa).await;
    let code = server.code(&client, "openid", "alice").await;
    for thief in [&twin, &public] {
        assert_eq!(exchange(&server, thief, &code, &[]).await.error(), "invalid_grant");
    }
    let mixed = TestClient { id: client.id.clone(), secret: twin.secret };
    let answer = exchange(&server, &mixed, &code, &[]).await;
    assert_eq!((answer.status, &*answer.error()), (401, "invalid_client"));
    assert_eq!(exchange(&server, &client, &code, &[]).await.status, 200, "nothing was consumed");
}

#[tokio::test]
async fn protocol_13_86_without_pkce_where_registered_and_no_verifier_is_taken_then() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let client = server.add_client_with(ClientKind::Web, |new| new.pkce = PkcePolicy::Off).await;
    let path =
        server.authorize_path(&client, "openid", &[("code_challenge", ""), ("code_challenge_method", "")]);
    let mut browser = server.browser();
    let code = query(&server.authorize(&mut browser, &path, "alice").await, "code").unwrap();
    assert_eq!(
        exchange(&server, &client, &code, &[]).await.error(),
        "invalid_grant",
        "a downgrade (RFC 9700)"
    );
    assert_eq!(exchange(&server, &client, &code, &[("code_verifier", "")]).await.status, 200);
    let code = server.code(&client, "openid", "alice").await;
    let without = exchange(&server, &client, &code, &[("code_verifier", "")]).await;
    assert_eq!(without.error(), "invalid_grant", "a challenge that was sent must be answered");
    let wrong = exchange(&server, &client, &code, &[("code_verifier", WRONG)]).await;
    assert_eq!(wrong.error(), "invalid_grant");
    let method_only = server.authorize_path(&client, "openid", &[("code_challenge", "")]);
    assert_eq!(crate::error_in(&server, &server.get(&method_only).await, Some("s t&te")), "invalid_request");
}

#[tokio::test]
async fn protocol_89_repeated_parameters_are_refused_whole() {
    let (server, client) = web().await;
    let code = server.code(&client, "openid", "alice").await;
    for twice in ["code", "grant_type", "redirect_uri", "code_verifier", "x"] {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", VERIFIER),
            ("x", "1"),
            (twice, VERIFIER),
        ];
        let answer = server.post("/token", &client, &form).await;
        assert_eq!((answer.status, &*answer.error()), (400, "invalid_request"), "{twice}");
    }
    assert_eq!(exchange(&server, &client, &code, &[]).await.status, 200);
}
