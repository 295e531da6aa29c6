//! Many at once: a code is spent once (invariant I1), a refresh family has one live leaf (invariant I10), and nobody is
//! answered with a server error.

use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};

use futures_util::future::join_all;
use rstest::rstest;
use tessera_model::{ClientKind, EventCode, GrantStage, RevokeReason};
use tessera_testkit::browser::Answer;
use tessera_testkit::inspect::{grant_of_code, refresh_ticket};
use tessera_testkit::relying_party::text;
use tessera_testkit::server::{Backend, TestClient, TestServer};

const AT_ONCE: usize = 64;

async fn public(backend: Backend) -> (TestServer, TestClient) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Spa).await;
    (server, client)
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn o10_of_64_exchanges_of_one_code_exactly_one_succeeds(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let (server, client) = public(backend).await;
    for round in 0..4 {
        let code = server.code(&client, "openid orders.read", "alice").await;
        let answers = join_all((0..AT_ONCE).map(|_| server.redeem(&client, &code))).await;
        let won = answers.iter().filter(|answer| answer.status == 200).count();
        let lost = answers.iter().filter(|a| a.status == 400 && a.body == crate::INVALID_GRANT).count();
        let seen: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!((won, lost), (1, AT_ONCE - 1), "round {round}: {seen:?}");
        let grant = server.grant(grant_of_code(&code)).await.unwrap();
        assert!(
            matches!(grant.stage, GrantStage::Revoked { reason: RevokeReason::Replay, .. }),
            "{:?}",
            grant.stage
        );
    }
    assert_eq!(server.events(EventCode::CodeRedeemed).await.len(), 4);
    assert_eq!(server.events(EventCode::CodeReuse).await.len(), 4, "one a grant");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn o10_o24_two_instances_are_one_issuer() {
    let (server, client) = public(Backend::Postgres).await;
    let other = server.second_instance().await;
    for _ in 0..20 {
        let code = server.code(&client, "openid", "alice").await;
        let both = (0..AT_ONCE).map(|n| if n % 2 == 0 { &server } else { &other });
        let answers = join_all(both.clone().map(|instance| instance.redeem(&client, &code))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
        assert!(answers.iter().all(|answer| answer.status == 200 || answer.error() == "invalid_grant"));
        let tokens = other.redeem(&client, &server.code(&client, "openid", "alice").await).await.json();
        let token = text(&tokens, "refresh_token");
        let answers = join_all(both.map(|instance| instance.refresh_with(&client, token))).await;
        assert!(answers.iter().all(|answer| answer.status == 200 || answer.error() == "invalid_grant"));
        let GrantStage::Active(Some(state)) = server.grant(refresh_ticket(token).0).await.unwrap().stage
        else {
            panic!("the family is dead")
        };
        let got = answers.iter().filter(|answer| answer.status == 200).map(Answer::json);
        let live: Vec<_> =
            got.filter(|json| refresh_ticket(text(json, "refresh_token")).1 == state.leaf).collect();
        assert_eq!(live.len(), 1, "one live leaf over both instances");
        assert_eq!(other.refresh_with(&client, text(&live[0], "refresh_token")).await.status, 200);
    }
    assert!(server.events(EventCode::RefreshReuse).await.is_empty());
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn o10_wrong_guesses_at_once_count_one_by_one(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let (server, client) = public(backend).await;
    let code = server.code(&client, "openid", "alice").await;
    let verifier = "a".repeat(43);
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &*code),
        ("redirect_uri", tessera_testkit::server::REDIRECT_URI),
        ("code_verifier", &*verifier),
    ];
    let answers = join_all((0..16).map(|_| server.post("/token", &client, &form))).await;
    assert!(answers.iter().all(|answer| answer.error() == "invalid_grant"));
    assert_eq!(server.events(EventCode::CodeBruteforce).await.len(), 1);
    assert_eq!(server.redeem(&client, &code).await.error(), "invalid_grant");
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn o24_of_64_refreshes_at_once_one_leaf_lives_and_so_does_the_family(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let (server, client) = public(backend).await;
    let tokens = server.tokens(&client, "openid orders.read", "alice").await;
    let mut token = text(&tokens, "refresh_token").to_owned();
    for round in 0..3 {
        let answers = join_all((0..AT_ONCE).map(|_| server.refresh_with(&client, &token))).await;
        let seen: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        assert!(
            answers.iter().all(|a| a.status == 200 || a.error() == "invalid_grant"),
            "round {round}: {seen:?}"
        );
        let got: Vec<String> = answers
            .iter()
            .filter(|answer| answer.status == 200)
            .map(|answer| text(&answer.json(), "refresh_token").to_owned())
            .collect();
        assert_eq!(got.len(), 2, "the first, and one that may have lost its answer: {seen:?}");
        let (id, _) = refresh_ticket(&token);
        let GrantStage::Active(Some(state)) = server.grant(id).await.unwrap().stage else {
            panic!("the family is dead after round {round}")
        };
        let live: Vec<&String> = got.iter().filter(|token| refresh_ticket(token).1 == state.leaf).collect();
        let [live] = live[..] else { panic!("{} live leaves of {}", live.len(), got.len()) };
        token.clone_from(live);
        let next = server.refresh_with(&client, &token).await;
        assert_eq!(next.status, 200, "{}", next.body);
        token = text(&next.json(), "refresh_token").to_owned();
    }
    assert!(server.events(EventCode::RefreshReuse).await.is_empty());
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn o24_in_the_strict_profile_of_64_refreshes_at_most_one_succeeds(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let strict =
        |config: &mut tessera_app::Config| config.lifetimes.refresh_retry = std::time::Duration::ZERO;
    let server = TestServer::start_with(backend, strict).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Spa).await;
    let tokens = server.tokens(&client, "openid", "alice").await;
    let token = text(&tokens, "refresh_token");
    let answers = join_all((0..AT_ONCE).map(|_| server.refresh_with(&client, token))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert!(answers.iter().all(|answer| answer.status == 200 || answer.error() == "invalid_grant"));
    assert_eq!(server.events(EventCode::RefreshReuse).await.len(), 1, "one family, one reuse");
    assert_eq!(server.rules(0).await["rules"].as_array().unwrap().len(), 1);
}

/// Sends a refresh and hangs up without reading the answer.
fn send_and_hang_up(server: &TestServer, client: &TestClient, token: &str) -> TcpStream {
    let port: u16 = server.issuer.rsplit_once(':').unwrap().1.parse().unwrap();
    let mut stream = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))).unwrap();
    let body = format!("grant_type=refresh_token&refresh_token={token}&client_id={}", client.id);
    let head = format!(
        "POST /token HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
    stream
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn o22_a_response_lost_after_the_commit_is_fetched_again(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let (server, client) = public(backend).await;
    let tokens = server.tokens(&client, "openid", "alice").await;
    let r1 = text(&tokens, "refresh_token");
    let (id, number) = refresh_ticket(r1);
    let stream = send_and_hang_up(&server, &client, r1);
    // Until the rotation is in the database; then the answer is lost.
    loop {
        let GrantStage::Active(Some(state)) = server.grant(id).await.unwrap().stage else {
            panic!("revoked")
        };
        if state.leaf > number {
            break;
        }
        tokio::task::yield_now().await;
    }
    drop(stream);
    server.advance(59);
    let again = server.refresh_with(&client, r1).await;
    assert_eq!(again.status, 200, "{}", again.body);
    let next = server.refresh_with(&client, text(&again.json(), "refresh_token")).await;
    assert_eq!(next.status, 200, "{}", next.body);
    assert!(server.events(EventCode::RefreshReuse).await.is_empty());
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn o22_a_client_that_hangs_up_at_any_moment_keeps_its_family(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let (server, client) = public(backend).await;
    // What was given up may still be running when its token comes again.
    for _ in 0..10 {
        let tokens = server.tokens(&client, "openid", "alice").await;
        let token = text(&tokens, "refresh_token");
        drop(send_and_hang_up(&server, &client, token));
        let again = server.refresh_with(&client, token).await;
        assert_eq!(again.status, 200, "{}", again.body);
    }
    assert!(server.events(EventCode::RefreshReuse).await.is_empty());
}
