//! Many requests at once: a code is spent once (invariant I1), a refresh family has one live leaf (invariant I10), and nobody gets
//! an internal error. If the database has too little CPU time the answer may be "unavailable", which loses nothing.
#![expect(clippy::print_stdout, reason = "what a race came to is worth knowing")]

use std::collections::BTreeSet;
use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use rstest::rstest;
use serde_json::Value;
use tessera_app::Fault;
use tessera_model::{ClientKind, EventCode, GrantStage, RefreshUse, RevokeReason};
use tessera_testkit::browser::Answer;
use tessera_testkit::inspect::{grant_of_code, refresh_number};
use tessera_testkit::relying_party::text;
use tessera_testkit::server::{Backend, TestClient, TestServer};
use tokio::sync::Barrier;

const AT_ONCE: usize = 64;

async fn public(backend: Backend) -> (TestServer, TestClient) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Spa).await;
    (server, client)
}

/// The outcomes of concurrent requests.
#[derive(Debug, Default)]
struct Raced {
    good: Vec<Value>,
    /// `invalid_grant`.
    refused: usize,
    /// "Unavailable": PostgreSQL had too little CPU time and cancelled a statement.
    starved: usize,
}

impl Raced {
    /// Any other outcome is an error.
    fn of(what: &str, answers: &[Answer]) -> Self {
        let mut raced = Self::default();
        for answer in answers {
            match answer.status {
                200 => raced.good.push(answer.json()),
                400 if answer.error() == "invalid_grant" => raced.refused += 1,
                503 if answer.error() == "temporarily_unavailable" => {
                    let seconds: u32 = answer.header("retry-after").parse().unwrap();
                    assert!((1..=60).contains(&seconds), "{what}: come back after {seconds} s");
                    raced.starved += 1;
                }
                other => panic!("{what}: {other} {}", answer.body),
            }
        }
        let Self { good, refused, starved } = &raced;
        println!("{what}: {} good, {refused} refused, {starved} starved", good.len());
        raced
    }

    /// The refresh token, which is the same in every success.
    fn successor(&self) -> Option<&str> {
        let tokens: BTreeSet<&str> = self.good.iter().map(|json| text(json, "refresh_token")).collect();
        assert!(tokens.len() <= 1, "{} successors: {self:?}", tokens.len());
        let accesses: BTreeSet<&str> = self.good.iter().map(|json| text(json, "access_token")).collect();
        assert_eq!(accesses.len(), self.good.len(), "each with an access token of its own");
        tokens.first().copied()
    }
}

/// Repeats the request until the database has time to answer.
async fn patiently(mut ask: impl AsyncFnMut() -> Answer) -> Answer {
    for _ in 0..20 {
        let answer = ask().await;
        if answer.status != 503 {
            return answer;
        }
    }
    panic!("the database never has time")
}

/// Exchanges one code many times, spread over these instances. One exchange succeeds.
async fn race_for_a_code(what: &str, instances: &[&TestServer], client: &TestClient) {
    let server = instances[0];
    let code = server.code(client, "openid orders.read", "alice").await;
    let all = instances.iter().cycle().take(AT_ONCE);
    let raced = Raced::of(what, &join_all(all.map(|instance| instance.redeem(client, &code))).await);
    assert!(raced.good.len() <= 1, "{what}: {raced:?}");
    if raced.good.is_empty() {
        // Every request was starved, so the code is unspent.
        assert_eq!(raced.refused, 0, "{what}: {raced:?}");
        assert_eq!(patiently(async || server.redeem(client, &code).await).await.status, 200, "{what}");
    }
    // The others knew everything that the code is bound to, so the first of them, or one now, ends the grant.
    let again = patiently(async || server.redeem(client, &code).await).await;
    assert_eq!(again.error(), "invalid_grant", "{what}: {}", again.body);
    let grant = server.grant(grant_of_code(&code)).await.unwrap();
    assert!(
        matches!(grant.stage, GrantStage::Revoked { reason: RevokeReason::Replay, .. }),
        "{what}: {:?}",
        grant.stage
    );
}

/// Uses one refresh token many times, spread over these instances. All get the same successor, which is returned.
async fn race_for_a_refresh(
    what: &str,
    instances: &[&TestServer],
    client: &TestClient,
    token: &str,
) -> String {
    let server = instances[0];
    let all = instances.iter().cycle().take(AT_ONCE);
    let raced = Raced::of(what, &join_all(all.map(|instance| instance.refresh_with(client, token))).await);
    assert_eq!(raced.refused, 0, "{what}: within the window nobody is refused: {raced:?}");
    // A starved request changed nothing, and may be repeated.
    let again = patiently(async || server.refresh_with(client, token).await).await;
    assert_eq!(again.status, 200, "{what}: {}", again.body);
    let again = again.json();
    let leaf = text(&again, "refresh_token");
    assert!(raced.successor().is_none_or(|successor| successor == leaf), "{what}: one successor");
    let (id, number) = refresh_number(token);
    let grant = server.grant(id).await.unwrap();
    let GrantStage::Active(Some(now)) = grant.stage else { panic!("{what}: the family is dead: {grant:?}") };
    assert_eq!((now.parent, now.leaf), (Some(number), refresh_number(leaf).1), "{what}: one live leaf");
    leaf.to_owned()
}

/// Asserts that the audit trail has as many rotations as tokens were spent, and no alarm.
async fn assert_no_alarm(server: &TestServer, rotations: usize) {
    assert_eq!(server.events(EventCode::RefreshRotated).await.len(), rotations);
    for alarm in [EventCode::RefreshReuse, EventCode::RefreshShadowed] {
        let raised = server.events(alarm).await;
        assert!(raised.is_empty(), "{raised:?}");
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn o10_of_64_exchanges_of_one_code_exactly_one_succeeds(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let (server, client) = public(backend).await;
    for round in 0..4 {
        race_for_a_code(&format!("{backend:?} code, round {round}"), &[&server], &client).await;
    }
    assert_eq!(server.events(EventCode::CodeRedeemed).await.len(), 4);
    assert_eq!(server.events(EventCode::CodeReuse).await.len(), 4, "one a grant");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn o10_o24_two_instances_are_one_issuer() {
    let (server, client) = public(Backend::Postgres).await;
    let other = server.second_instance().await;
    let both = [&server, &other];
    for round in 0..20 {
        race_for_a_code(&format!("code, round {round}"), &both, &client).await;
        let code = server.code(&client, "openid", "alice").await;
        let tokens = patiently(async || other.redeem(&client, &code).await).await.json();
        let token = text(&tokens, "refresh_token");
        let leaf = race_for_a_refresh(&format!("refresh, round {round}"), &both, &client, token).await;
        let next = patiently(async || other.refresh_with(&client, &leaf).await).await;
        assert_eq!(next.status, 200, "{}", next.body);
    }
    assert_no_alarm(&server, 40).await;
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
    let raced = Raced::of(&format!("{backend:?} guesses"), &answers);
    assert!(raced.good.is_empty(), "{raced:?}");
    for _ in 0..raced.starved.min(3) {
        let guess = patiently(async || server.post("/token", &client, &form).await).await;
        assert_eq!(guess.error(), "invalid_grant");
    }
    assert_eq!(server.events(EventCode::CodeBruteforce).await.len(), 1);
    assert_eq!(server.redeem(&client, &code).await.error(), "invalid_grant");
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn o24_of_64_refreshes_at_once_all_get_one_and_the_same_successor(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let (server, client) = public(backend).await;
    let tokens = server.tokens(&client, "openid orders.read", "alice").await;
    let mut token = text(&tokens, "refresh_token").to_owned();
    for round in 0..6 {
        let what = format!("{backend:?} refresh, round {round}");
        token = race_for_a_refresh(&what, &[&server], &client, &token).await;
    }
    assert_no_alarm(&server, 6).await;
    assert_eq!(
        server.events(EventCode::RefreshRetried).await.iter().filter(|event| event.detail.is_none()).count(),
        0
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn o24_in_the_strict_profile_of_64_refreshes_at_most_one_succeeds(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let strict = |config: &mut tessera_app::Config| config.lifetimes.refresh_retry = Duration::ZERO;
    let server = TestServer::start_with(backend, strict).await;
    server.add_user("alice").await;
    let client = server.add_client(ClientKind::Spa).await;
    let tokens = server.tokens(&client, "openid", "alice").await;
    let token = text(&tokens, "refresh_token");
    let answers = join_all((0..AT_ONCE).map(|_| server.refresh_with(&client, token))).await;
    let raced = Raced::of(&format!("{backend:?} strict"), &answers);
    assert!(raced.good.len() <= 1, "{raced:?}");
    let spent_before = raced.good.len() == 1;
    for turn in usize::from(spent_before)..2 {
        let answer = patiently(async || server.refresh_with(&client, token).await).await;
        assert_eq!(answer.status, if turn == 0 { 200 } else { 400 }, "{}", answer.body);
    }
    assert_eq!(server.events(EventCode::RefreshReuse).await.len(), 1, "one family, one reuse");
    assert_eq!(server.rules(0).await["rules"].as_array().unwrap().len(), 1);
}

/// Holding the row for longer than PostgreSQL waits starves the others, like a machine without CPU time.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn o24_a_starved_database_asks_to_come_back_and_loses_nothing() {
    let (server, client) = public(Backend::Postgres).await;
    let tokens = server.tokens(&client, "openid", "alice").await;
    let token = text(&tokens, "refresh_token");
    let (id, number) = refresh_number(token);
    let (held, release) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let holder = tokio::spawn({
        let (store, now) = (server.store().await, server.cli().now);
        let (held, release) = (Arc::clone(&held), Arc::clone(&release));
        async move {
            let (held, release) = (&held, &release);
            let used = &RefreshUse {
                number,
                now,
                from: None,
                ip: None,
                retry: Duration::from_secs(60),
                idle_expires_at: now.after(Duration::from_secs(60)),
            };
            store
                .write(|tx| async move {
                    tx.grants().rotate_refresh(id, used).await?;
                    held.wait().await;
                    release.wait().await;
                    Err::<(), _>(Fault::Conflict) // takes it back
                })
                .await
        }
    });
    held.wait().await;
    let starved = join_all((0..6).map(|_| server.refresh_with(&client, token))).await;
    let starved = Raced::of("starved", &starved);
    assert!(starved.starved > 0 && starved.refused == 0, "{starved:?}");
    release.wait().await;
    assert!(holder.await.unwrap().is_err());
    race_for_a_refresh("afterwards", &[&server], &client, token).await;
    assert_no_alarm(&server, 1).await;
}

/// Sends a refresh and closes the connection without reading the answer.
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
    let (id, number) = refresh_number(r1);
    let stream = send_and_hang_up(&server, &client, r1);
    // Wait until the rotation is in the database. The answer is lost then.
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
    let again = patiently(async || server.refresh_with(&client, r1).await).await;
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
    // The abandoned request may still be running when its token is used again.
    for _ in 0..10 {
        let tokens = server.tokens(&client, "openid", "alice").await;
        let token = text(&tokens, "refresh_token");
        drop(send_and_hang_up(&server, &client, token));
        let again = patiently(async || server.refresh_with(&client, token).await).await;
        assert_eq!(again.status, 200, "{}", again.body);
    }
    assert!(server.events(EventCode::RefreshReuse).await.is_empty());
}
