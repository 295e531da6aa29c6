//! The time of a failed login does not tell why it failed.

use std::time::Duration;

use tessera_app::hasher::Hashing;
use tessera_app::users::{self, NewUser};
use tessera_app::{Actor, Cx};
use tessera_model::PlainPassword;
use tessera_testkit::server::{Backend, PASSWORD, TestServer};
use tokio::time::Instant;

/// The hash is most of the time of a login, so a missing hash would show.
const COST: Hashing = Hashing {
    memory_kib: 12_288,
    passes: 3,
    workers: 2,
    queue: 64,
    queue_timeout: Duration::from_secs(60),
    outdated_until: None,
};
const ROUNDS: usize = 30;

/// The samples of one round are taken right after each other, so that other load on the machine slows all of them alike. Each
/// kind comes first in some rounds.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l02_every_failed_login_takes_the_same_time_within_two_fifths() {
    let server = TestServer::start_with(Backend::Sqlite, |config| config.hashing = COST).await;
    server.add_user("alice").await;
    let locked = server.add_user("locked").await;
    users::lock(&server.cli(), locked.id).await.unwrap();
    let closed = server.add_user("closed").await;
    users::disable(&server.cli(), closed.id).await.unwrap();
    let cheaper = Hashing { memory_kib: 1_024, passes: 1, ..COST };
    let older = server.second_process(|config| config.hashing = cheaper).await;
    for (username, password) in [("older", Some(PASSWORD)), ("without", None)] {
        let new = NewUser {
            password: password.map(|text| PlainPassword::to_set(text.to_owned()).unwrap()),
            ..NewUser::new(username.parse().unwrap())
        };
        users::add(&Cx::new(&older, Actor::Cli), new).await.unwrap();
    }
    let kinds = [
        ("nobody", "wrong password"),
        ("alice", "wrong password"),
        ("older", "wrong password"),
        ("without", "wrong password"),
        ("locked", PASSWORD),
        ("closed", PASSWORD),
    ];
    let mut browser = server.browser();
    let csrf = browser.visit("/login").await.hidden("csrf");
    let mut took = kinds.map(|_| Vec::with_capacity(ROUNDS));
    for round in 0..ROUNDS {
        for turn in 0..kinds.len() {
            let kind = (round + turn) % kinds.len();
            let (username, password) = kinds[kind];
            let fields = [("csrf", &*csrf), ("username", username), ("password", password)];
            let start = Instant::now();
            let answer = browser.submit("/login", &fields).await;
            took[kind].push(start.elapsed());
            assert!(answer.body.contains("do not match"), "{username}: {}", answer.body);
        }
        // So that no attempt is delayed.
        server.advance(60);
    }
    let medians = took.map(|mut samples| {
        samples.sort_unstable();
        samples[ROUNDS / 2]
    });
    for ((username, _), median) in kinds.iter().zip(medians) {
        let ratio = median.as_secs_f64() / medians[0].as_secs_f64();
        assert!((0.7..1.4).contains(&ratio), "{username}: {ratio:.2} of what nobody takes, {medians:?}");
    }
}
