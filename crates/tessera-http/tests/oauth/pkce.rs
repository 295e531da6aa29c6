//! When an authorization request needs a PKCE challenge (policy P2, RFC 9700 sections 2.1.1 and 4.8).

use rstest::rstest;
use tessera_app::clients::{self, ClientChanges, NewClient};
use tessera_model::{ClientKind, EventCode, PkcePolicy};
use tessera_testkit::browser::{Answer, query};
use tessera_testkit::server::{Backend, REDIRECT_URI, TestClient, TestServer, VERIFIER};

use crate::{ask, error_in, is_login};

const STATE: Option<&str> = Some("s t&te");
const NO_CHALLENGE: [(&str, &str); 2] = [("code_challenge", ""), ("code_challenge_method", "")];
const PRIVATE_USE: &str = "com.example.app:/callback";

async fn with_policy(server: &TestServer, pkce: PkcePolicy) -> TestClient {
    server.add_client_with(ClientKind::Web, |new| new.pkce = pkce).await
}

/// Logs alice in and exchanges the code, with or without PKCE.
async fn log_in(server: &TestServer, client: &TestClient, pkce: bool) -> Answer {
    let code = code(server, client, pkce).await;
    exchange(server, client, &code, pkce).await
}

async fn code(server: &TestServer, client: &TestClient, pkce: bool) -> String {
    let path = server.authorize_path(client, "openid", if pkce { &[] } else { &NO_CHALLENGE });
    let end = server.authorize(&mut server.browser(), &path, "alice").await;
    query(&end, "code").unwrap_or_else(|| panic!("no code in {end}"))
}

async fn exchange(server: &TestServer, client: &TestClient, code: &str, pkce: bool) -> Answer {
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", VERIFIER),
    ];
    server.post("/token", client, if pkce { &form } else { &form[..3] }).await
}

/// The error of a request without a challenge. `None` if it is accepted.
async fn refusal(server: &TestServer, client: &TestClient) -> Option<String> {
    let answer = ask(server, client, &NO_CHALLENGE).await;
    if is_login(&answer) {
        return None;
    }
    assert_eq!(error_in(server, &answer, STATE), "invalid_request");
    query(answer.location().unwrap(), "error_description")
}

async fn proven(server: &TestServer, client: &TestClient) -> bool {
    let found = clients::find(&server.cli(), &client.id.parse().unwrap()).await.unwrap().unwrap();
    found.pkce_proven_at.is_some()
}

#[rstest]
#[tokio::test]
async fn o05_a_client_that_has_proven_a_challenge_cannot_leave_it_out(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let client = with_policy(&server, PkcePolicy::Auto).await;
    assert_eq!(log_in(&server, &client, false).await.status, 200, "a client that never sends one works");
    assert!(is_login(&ask(&server, &client, &[]).await), "a request alone");
    server.refresh().await;
    assert_eq!(
        (refusal(&server, &client).await, proven(&server, &client).await),
        (None, false),
        "teaches nothing"
    );
    let issued_before = code(&server, &client, false).await;
    let failed = {
        let code = code(&server, &client, true).await;
        let wrong = TestClient { secret: "tsr_cs_wrong".to_owned(), ..client.clone() };
        exchange(&server, &wrong, &code, true).await
    };
    assert_eq!(
        (failed.status, proven(&server, &client).await),
        (401, false),
        "nor does who lacks the secret"
    );
    for _ in 0..2 {
        assert_eq!(log_in(&server, &client, true).await.status, 200);
    }
    server.refresh().await;
    let told = refusal(&server, &client).await.expect("a refusal");
    assert!(told.contains("switch PKCE"), "{told}");
    assert_eq!(
        exchange(&server, &client, &issued_before, false).await.status,
        200,
        "a code issued before is good"
    );
    let noted = server.events(EventCode::ClientPkceProven).await;
    let about: Vec<_> = noted.iter().map(|event| event.client_id.as_ref().map(ToString::to_string)).collect();
    assert_eq!(about, [Some(client.id.clone())], "once");
}

#[tokio::test]
async fn o05_what_one_instance_has_learnt_the_other_knows_at_its_next_look() {
    let server = TestServer::start(Backend::Postgres).await;
    server.add_user("alice").await;
    let client = with_policy(&server, PkcePolicy::Auto).await;
    let other = server.second_instance().await;
    assert_eq!(refusal(&other, &client).await, None);
    assert_eq!(log_in(&server, &client, true).await.status, 200);
    other.refresh().await;
    let path = server.authorize_path(&client, "openid", &NO_CHALLENGE);
    let answer = other.get(&path).await;
    assert_eq!(error_in(&server, &answer, STATE), "invalid_request");
}

#[tokio::test]
async fn o05_forgetting_and_the_other_policies() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let client = with_policy(&server, PkcePolicy::Auto).await;
    assert_eq!(log_in(&server, &client, true).await.status, 200);
    let id = client.id.parse().unwrap();
    for (pkce, held) in [(PkcePolicy::Auto, false), (PkcePolicy::Required, true), (PkcePolicy::Off, false)] {
        let changes = ClientChanges { pkce: Some(pkce), ..ClientChanges::default() };
        clients::update(&server.cli(), &id, &changes).await.unwrap();
        server.refresh().await;
        assert_eq!(refusal(&server, &client).await.is_some(), held, "{pkce:?}");
    }
    let told: Vec<_> =
        server.events(EventCode::ClientUpdated).await.into_iter().rev().filter_map(|it| it.detail).collect();
    assert_eq!(told, ["pkce_forgotten", "pkce", "pkce"]);
    assert_eq!(log_in(&server, &client, true).await.status, 200);
    server.refresh().await;
    assert_eq!(refusal(&server, &client).await, None, "off stays off");
    let code = code(&server, &client, true).await;
    let answer = exchange(&server, &client, &code, false).await;
    assert_eq!(
        (answer.status, &*answer.error()),
        (400, "invalid_grant"),
        "a challenge that was sent is verified"
    );
}

#[tokio::test]
async fn o05_a_strict_issuer_wants_it_of_every_client_and_says_so() {
    let server = TestServer::start_with(Backend::Sqlite, |config| config.require_pkce = true).await;
    for pkce in [PkcePolicy::Auto, PkcePolicy::Off] {
        let client = with_policy(&server, pkce).await;
        let told = refusal(&server, &client).await.expect("a refusal");
        assert!(told.contains("this issuer requires PKCE") && told.contains("S256"), "{told}");
    }
}

#[tokio::test]
async fn o05_a_scheme_of_its_own_always_needs_it_and_teaches_nothing_about_https() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let both = |new: &mut NewClient| new.redirect_uris.push(PRIVATE_USE.parse().unwrap());
    let client = server
        .add_client_with(ClientKind::Web, |new| {
            both(new);
            new.pkce = PkcePolicy::Off;
        })
        .await;
    let private_use = ("redirect_uri", PRIVATE_USE);
    let answer = ask(&server, &client, &[private_use, NO_CHALLENGE[0], NO_CHALLENGE[1]]).await;
    assert_eq!(error_in(&server, &answer, STATE), "invalid_request");
    let client = server.add_client_with(ClientKind::Web, both).await;
    let path = server.authorize_path(&client, "openid", &[private_use]);
    let end = server.authorize(&mut server.browser(), &path, "alice").await;
    let code = query(&end, "code").unwrap_or_else(|| panic!("{end}"));
    let form =
        [("grant_type", "authorization_code"), ("code", &*code), private_use, ("code_verifier", VERIFIER)];
    assert_eq!(server.post("/token", &client, &form).await.status, 200);
    assert!(!proven(&server, &client).await);
    server.refresh().await;
    assert_eq!(refusal(&server, &client).await, None);
}

/// Without PKCE the redirect URI binds the exchange; with it, the verifier does (OAuth 2.1 section 4.1.3).
#[tokio::test]
async fn o04_the_redirect_uri_may_be_left_out_where_a_verifier_binds_better() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let client = with_policy(&server, PkcePolicy::Auto).await;
    for (pkce, redirect_uri, told) in [
        (true, None, None),
        (true, Some(REDIRECT_URI), None),
        (
            true,
            Some("https://rp.example/other"),
            Some("redirect_uri is not that of the authorization request"),
        ),
        (false, Some(REDIRECT_URI), None),
        (false, None, Some("redirect_uri is missing: send that of the authorization request")),
        (
            false,
            Some("https://rp.example/other"),
            Some("redirect_uri is not that of the authorization request"),
        ),
    ] {
        let changes = ClientChanges { pkce: Some(PkcePolicy::Auto), ..ClientChanges::default() };
        clients::update(&server.cli(), &client.id.parse().unwrap(), &changes).await.unwrap();
        server.refresh().await;
        let code = code(&server, &client, pkce).await;
        let mut form = vec![("grant_type", "authorization_code"), ("code", &*code)];
        form.extend(redirect_uri.map(|uri| ("redirect_uri", uri)));
        form.extend(pkce.then_some(("code_verifier", VERIFIER)));
        let answer = server.post("/token", &client, &form).await;
        let description = answer.json()["error_description"].as_str().map(str::to_owned);
        assert_eq!(description.as_deref(), told, "{pkce} {redirect_uri:?} {}", answer.body);
        assert_eq!(answer.status, if told.is_some() { 400 } else { 200 });
    }
}
