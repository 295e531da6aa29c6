//! The life of a code: one use, sixty seconds, and the consequences of a second use (RFC 6749 section 4.1.2, policy P2).

use std::net::{IpAddr, Ipv4Addr};

use rstest::rstest;
use tessera_app::network::Peers;
use tessera_jose::base64url;
use tessera_jose::digest::sha256;
use tessera_model::{ClientKind, EventCode};
use tessera_testkit::browser::Answer;
use tessera_testkit::inspect::grant_of_code;
use tessera_testkit::relying_party::text;
use tessera_testkit::server::{Backend, REDIRECT_URI, TestServer, VERIFIER};

use crate::family::{OFFLINE, ONLINE};

#[rstest]
#[case::at_once(0)]
#[case::after_one_second(1)]
#[case::after_thirty_seconds(30)]
#[case::after_its_life(61)]
#[tokio::test]
async fn o09_a_code_that_comes_back_takes_everything_with_it(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[case] later: u64,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let code = server.code(&client, "openid orders.read", "alice").await;
    let first = server.redeem(&client, &code).await.json();
    assert_eq!(server.userinfo(text(&first, "access_token")).await.status, 200);
    server.advance(later);
    let second = server.redeem(&client, &code).await;
    assert_eq!((second.status, second.body.as_str()), (400, crate::INVALID_GRANT));
    assert_eq!(second.header("cache-control"), "no-store");
    assert_eq!(
        server.userinfo(text(&first, "access_token")).await.status,
        401,
        "the first access token is dead"
    );
    let refreshed = server.refresh_with(&client, text(&first, "refresh_token")).await;
    assert_eq!(
        (refreshed.status, refreshed.error().as_str()),
        (400, "invalid_grant"),
        "the refresh token too"
    );
    let grant = grant_of_code(&code);
    let rules = server.rules(0).await;
    assert_eq!(rules["rules"].as_array().unwrap().len(), 1, "{rules}");
    let rule = &rules["rules"][0];
    assert_eq!(rule["kind"], "grant");
    assert_eq!(rule["id"], base64url::encode(sha256(grant.to_string().as_bytes())));
    let iat = server.verified(text(&first, "access_token"), "at+jwt").await.1["iat"].as_i64();
    assert!(rule["before"].as_i64() >= iat, "the rule hits the token: {rule}");
    assert_eq!(server.events(EventCode::CodeReuse).await.len(), 1);
    // A third use changes nothing.
    assert_eq!(server.redeem(&client, &code).await.error(), "invalid_grant");
    assert_eq!(server.rules(0).await["rules"].as_array().unwrap().len(), 1);
    assert_eq!(server.events(EventCode::CodeReuse).await.len(), 1, "the grant is over already");
}

#[rstest]
#[tokio::test]
async fn o09_a_used_code_without_what_it_was_bound_to_takes_nothing_with_it(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let code = server.code(&client, "openid", "alice").await;
    let first = server.redeem(&client, &code).await.json();
    let other_verifier = VERIFIER.replace('d', "e");
    let cases = [
        (REDIRECT_URI, "", "code_verifier_missing"),
        (REDIRECT_URI, other_verifier.as_str(), "code_verifier_wrong"),
        ("", "", "code_verifier_missing"),
        ("https://rp.example/other", VERIFIER, "redirect_uri_differs"),
    ];
    for (redirect_uri, code_verifier, _) in cases.into_iter().chain(cases) {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", code_verifier),
        ];
        let answer = server.post("/token", &client, &form).await;
        assert_eq!((answer.status, &*answer.error()), (400, "invalid_grant"), "{}", answer.body);
    }
    assert_eq!(server.userinfo(text(&first, "access_token")).await.status, 200);
    assert_eq!(server.rules(0).await["rules"].as_array().unwrap().len(), 0);
    assert!(server.events(EventCode::CodeReuse).await.is_empty());
    let refused = server.events(EventCode::IssuanceRefused).await;
    let why: Vec<_> = refused.iter().rev().filter_map(|event| event.detail.as_deref()).collect();
    let twice: Vec<_> = cases.into_iter().chain(cases).map(|(_, _, why)| why).collect();
    assert_eq!(why, twice);
    assert_eq!(server.redeem(&client, &code).await.error(), "invalid_grant");
    assert_eq!(server.events(EventCode::CodeReuse).await.len(), 1, "and with it, everything");
    let refreshed = server.refresh_with(&client, text(&first, "refresh_token")).await;
    assert_eq!(refreshed.error(), "invalid_grant");
}

#[rstest]
#[case::direct(Peers::Direct)]
#[case::shared(Peers::Shared)]
#[tokio::test]
async fn o09_the_event_names_the_address_of_the_last_use(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[case] peers: Peers,
) {
    let server = TestServer::start_with(backend, |config| config.peers = peers).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let redeem_from = async |last: u8, code: &str| {
        let http = server.http_from(IpAddr::V4(Ipv4Addr::new(127, 0, 0, last)));
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", VERIFIER),
        ];
        let request = http.post(server.url("/token")).basic_auth(&client.id, Some(&client.secret));
        Answer::read(request.form(&form).send().await.unwrap()).await
    };
    for refreshed in [false, true] {
        let code = server.code(&client, "openid orders.read", "alice").await;
        let tokens = redeem_from(2, &code).await;
        assert_eq!(tokens.status, 200, "{}", tokens.body);
        if refreshed {
            let rotated = server.refresh_with(&client, text(&tokens.json(), "refresh_token")).await;
            assert_eq!(rotated.status, 200, "{}", rotated.body);
        }
        assert_eq!(redeem_from(3, &code).await.error(), "invalid_grant");
        let reuse = server.events(EventCode::CodeReuse).await.remove(0);
        let last_use = if refreshed { "last used from 127.0.0.1" } else { "last used from 127.0.0.2" };
        assert_eq!((reuse.ip.as_deref(), reuse.detail.as_deref()), (Some("127.0.0.3"), Some(last_use)));
    }
}

/// The clock is read when a request arrives. So a replay may be processed after the exchange although its time is earlier, also
/// because the clock of another issuer is behind.
#[tokio::test]
async fn o09_the_rule_hits_tokens_that_were_issued_by_a_later_clock() {
    let server = TestServer::start(Backend::Sqlite).await;
    let alice = server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let code = server.code(&client, "openid", "alice").await;
    let mut behind = server.cli();
    server.advance(9);
    let tokens = server.redeem(&client, &code).await.json();
    let iat = server.verified(text(&tokens, "access_token"), "at+jwt").await.1["iat"].as_i64();
    behind.actor = tessera_app::Actor::Client(client.id.parse().unwrap());
    let form = format!(
        "grant_type=authorization_code&code={code}&redirect_uri=https%3A%2F%2Frp.example%2Fcallback&code_verifier={VERIFIER}"
    );
    let params = tessera_oauth::params::Params::parse(form.as_bytes()).unwrap();
    let request = tessera_oauth::token::TokenRequest::parse(&params).unwrap();
    let registered = server.app.catalog().client(&client.id.parse().unwrap()).unwrap().clone();
    assert!(tessera_app::oauth::token::exchange(&behind, &registered, request).await.is_err());
    behind.actor = tessera_app::Actor::Cli;
    tessera_app::users::lock(&behind, alice.id).await.unwrap();
    tessera_app::clients::disable(&behind, &client.id.parse().unwrap()).await.unwrap();
    let rules = server.rules(0).await;
    for (rule, kind) in rules["rules"].as_array().unwrap().iter().zip(["grant", "subject", "client"]) {
        assert_eq!(rule["kind"], kind);
        assert!(rule["before"].as_i64() >= iat && rule["exp"].as_i64() > iat, "{rule}");
    }
    assert_eq!(rules["seq"], 3);
}

#[rstest]
#[tokio::test]
async fn o13_a_code_lives_sixty_seconds(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    for (age, good) in [(59, true), (60, false), (61, false), (86_400, false)] {
        let code = server.code(&client, "openid", "alice").await;
        server.advance(age);
        let answer = server.redeem(&client, &code).await;
        assert_eq!(answer.status == 200, good, "{age} s: {}", answer.body);
        if !good {
            assert_eq!(answer.error(), "invalid_grant");
        }
    }
    let refused = server.events(EventCode::IssuanceRefused).await;
    assert_eq!(refused.len(), 3);
    assert!(refused.iter().all(|event| event.detail.as_deref() == Some("grant_over")), "{refused:?}");
    assert!(server.events(EventCode::CodeReuse).await.is_empty(), "a late code is not a stolen one");
}

#[rstest]
#[tokio::test]
async fn o13_a_code_dies_with_the_session_it_came_from(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let alice = server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let code = server.code(&client, "openid", "alice").await;
    server.log_out_everywhere(alice.id).await;
    assert_eq!(server.redeem(&client, &code).await.error(), "invalid_grant");
    let refused = server.events(EventCode::IssuanceRefused).await;
    assert_eq!(refused[0].detail.as_deref(), Some("session_ended"), "{refused:?}");
    server.run_jobs().await;
    assert_eq!(server.grant(grant_of_code(&code)).await, None, "a job removes it");
    assert_eq!(server.redeem(&client, &code).await.error(), "invalid_grant");
    assert!(server.events(EventCode::CodeReuse).await.is_empty(), "nobody used it twice");
}

#[tokio::test]
async fn o13_a_locked_person_gets_no_tokens_and_the_code_is_not_spent() {
    let server = TestServer::start(Backend::Sqlite).await;
    let alice = server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let code = server.code(&client, "openid", "alice").await;
    tessera_app::users::lock(&server.cli(), alice.id).await.unwrap();
    assert_eq!(server.redeem(&client, &code).await.error(), "invalid_grant");
    let refused = server.events(EventCode::IssuanceRefused).await;
    assert_eq!(refused[0].detail.as_deref(), Some("user_inactive"));
    assert_eq!(refused[0].grant_id, Some(grant_of_code(&code)));
    tessera_app::users::unlock(&server.cli(), alice.id).await.unwrap();
    assert_eq!(server.redeem(&client, &code).await.status, 200, "a refusal rolls the spending back");
}

#[tokio::test]
async fn o13_a_server_that_has_not_heard_of_a_disabled_client_refuses_its_code_too() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let code = server.code(&client, "openid", "alice").await;
    let tokens = server.tokens(&client, "openid", "alice").await;
    tessera_app::clients::disable(&server.cli(), &client.id.parse().unwrap()).await.unwrap();
    assert_eq!(server.redeem(&client, &code).await.error(), "invalid_grant");
    let refreshed = server.refresh_with(&client, text(&tokens, "refresh_token")).await;
    assert_eq!(refreshed.error(), "invalid_grant");
    assert_eq!(server.userinfo(text(&tokens, "access_token")).await.status, 401);
    server.refresh().await;
    assert_eq!(server.redeem(&client, &code).await.error(), "invalid_client");
}

/// An idle session does not end its codes and grants. The end of a session does not end grants with `offline_access`.
#[rstest]
#[case::not_used(ONLINE, 7 * 86_400, true)]
#[case::over(ONLINE, 30, false)]
#[case::offline(OFFLINE, 30, true)]
#[tokio::test]
async fn o13_what_a_session_that_only_ran_out_leaves_alone(
    #[case] scope: &str,
    #[case] session: u64,
    #[case] alive: bool,
) {
    let server = TestServer::start_with(Backend::Sqlite, |config| {
        config.lifetimes.session_idle = std::time::Duration::from_secs(20);
        config.lifetimes.session = std::time::Duration::from_secs(session);
    })
    .await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let code = server.code(&client, scope, "alice").await;
    server.advance(40);
    server.run_jobs().await;
    let tokens = server.redeem(&client, &code).await;
    if !alive {
        assert_eq!((tokens.status, &*tokens.error()), (400, "invalid_grant"), "{}", tokens.body);
        let refused = server.events(EventCode::IssuanceRefused).await;
        return assert_eq!(refused[0].detail.as_deref(), Some("session_ended"), "{refused:?}");
    }
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    server.advance(86_400);
    server.run_jobs().await;
    let refreshed = server.refresh_with(&client, text(&tokens.json(), "refresh_token")).await;
    assert_eq!(refreshed.status, 200, "the grant has limits of its own: {}", refreshed.body);
}

#[tokio::test]
async fn garbage_is_no_code_and_costs_no_event() {
    let server = TestServer::start(Backend::Sqlite).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Web).await;
    let code = server.code(&client, "openid", "alice").await;
    let tokens = server.tokens(&client, "openid", "alice").await;
    let flipped = code.replace("tsr_ac_", "tsr_ac_A");
    let refresh_token = text(&tokens, "refresh_token").to_owned();
    for garbage in
        ["x", "tsr_ac_", &flipped, &code[1..], &format!("{code}x"), &format!(" {code}"), &refresh_token]
    {
        assert_eq!(server.redeem(&client, garbage).await.error(), "invalid_grant", "{garbage}");
    }
    let huge = "c".repeat(60_000);
    assert_eq!(server.redeem(&client, &huge).await.error(), "invalid_grant");
    assert!(server.events(EventCode::IssuanceRefused).await.is_empty());
    assert_eq!(server.redeem(&client, &code).await.status, 200);
}
