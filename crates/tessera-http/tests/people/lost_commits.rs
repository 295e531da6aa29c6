//! PostgreSQL commits and the connection dies before its answer, or the COMMIT never arrives. Clients and people notice nothing: what
//! may be used once is used once (I1), what was confirmed is kept (I3), and every family has one live token (I10).

use futures_util::future::join_all;
use rstest::rstest;
use tessera_model::{ClientKind, GrantStage};
use tessera_testkit::browser::{Answer, query};
use tessera_testkit::evidence::Tokens;
use tessera_testkit::inspect::refresh_number;
use tessera_testkit::proxy::CommitLoss;
use tessera_testkit::server::{TestClient, TestServer};

use crate::SCOPE;
use crate::outage::behind_a_proxy;

const PEOPLE: usize = 6;
const LOGINS_EACH: usize = 3;
const REFRESHES_EACH: usize = 6;

/// What one client was told.
struct Told {
    /// The newest refresh token of each family.
    live: Vec<String>,
    /// Requests that were answered 503. They were repeated.
    unavailable: usize,
}

/// Repeats a request while the answer is 503, as clients do.
async fn patiently(unavailable: &mut usize, mut ask: impl AsyncFnMut() -> Answer) -> Answer {
    loop {
        let answer = ask().await;
        if answer.status != 503 {
            return answer;
        }
        *unavailable += 1;
        assert!(*unavailable < 100, "{}", answer.body);
    }
}

/// A person logs in again and again, consents, and the client lives on refresh tokens.
async fn live(server: &TestServer, client: &TestClient, username: &str) -> Told {
    let mut told = Told { live: Vec::new(), unavailable: 0 };
    for _ in 0..LOGINS_EACH {
        let path = server.authorize_path(client, SCOPE, &[]);
        let end = server.authorize(&mut server.browser(), &path, username).await;
        let code = query(&end, "code").unwrap_or_else(|| panic!("no code in {end}"));
        let answer = patiently(&mut told.unavailable, async || server.redeem(client, &code).await).await;
        assert_eq!(answer.status, 200, "{username}: the code was spent without tokens: {}", answer.body);
        let mut token = Tokens::of(&answer).refresh;
        for number in 1..=REFRESHES_EACH {
            let ask = async || server.refresh_with(client, &token).await;
            let answer = patiently(&mut told.unavailable, ask).await;
            assert_eq!(answer.status, 200, "{username}: the family died at {number}: {}", answer.body);
            token = Tokens::of(&answer).refresh;
        }
        told.live.push(token);
    }
    told
}

#[rstest]
#[case::answers(CommitLoss::Answer)]
#[case::requests(CommitLoss::Request)]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i01_i03_i10_f23_one_commit_in_ten_is_lost_and_nobody_notices(
    #[case] loss: CommitLoss,
    #[values(1, 2)] seed: u64,
) {
    let (server, proxy, _database) = behind_a_proxy().await;
    let client = server.add_client_with(ClientKind::Web, |new| new.require_consent = true).await;
    proxy.lose_commits(loss, 10, seed);
    let names: Vec<String> = (0..PEOPLE).map(|number| format!("person-{number}")).collect();
    for name in &names {
        // A repeated insert would be a conflict.
        server.add_user(name).await;
    }
    let told = join_all(names.iter().map(|name| live(&server, &client, name))).await;
    let lost = proxy.keep_commits();
    println!("{loss:?}, seed {seed}: {lost} COMMITs were lost");
    assert!(lost >= 10, "{lost}");

    let unavailable: usize = told.iter().map(|told| told.unavailable).sum();
    assert_eq!(unavailable, 0, "everybody hears the truth the first time");
    let trail = server.audit_codes().await;
    let count = |code: &str| trail.iter().filter(|event| *event == code).count();
    for alarm in
        ["code.reuse", "refresh.reuse_detected", "refresh.shadowed", "refresh.retried", "token.revoked"]
    {
        assert_eq!(count(alarm), 0, "{alarm}");
    }
    let logins = PEOPLE * LOGINS_EACH;
    let each_once = [
        ("user.created", PEOPLE),
        ("login.succeeded", logins),
        ("code.issued", logins),
        ("code.redeemed", logins),
        ("refresh.rotated", logins * REFRESHES_EACH),
    ];
    for (code, expected) in each_once {
        assert_eq!(count(code), expected, "{code}");
    }
    for token in told.iter().flat_map(|told| &told.live) {
        let (id, number) = refresh_number(token);
        let grant = server.grant(id).await.unwrap();
        let GrantStage::Active(Some(refresh)) = grant.stage else { panic!("a dead family: {grant:?}") };
        assert_eq!(refresh.leaf, number, "the token that the client holds is the live one");
        assert_eq!(server.refresh_with(&client, token).await.status, 200);
    }
}
