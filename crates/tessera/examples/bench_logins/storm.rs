//! Token traffic beside a storm of logins. Both come by the clock and do not wait for answers, so a slow server shows.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use tessera_testkit::demo::Demo;
use tessera_testkit::wire::Connection;
use tokio::task::{JoinSet, LocalSet};
use tokio::time::{Instant, sleep_until};

use crate::people::People;
use crate::{promise, report};

const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(8);
/// Token requests a second, over so many connections.
const TOKENS: u32 = 200;
const CONNECTIONS: u32 = 20;
/// Logins a second for each core.
const LOGINS_PER_CORE: usize = 16;
/// How far an overload goes beyond that.
const OVERLOAD: usize = 10;

pub(crate) async fn measure(demo: &Demo, people: &People) {
    LocalSet::new().run_until(rounds(demo, people)).await;
}

async fn rounds(demo: &Demo, people: &People) {
    let cores = std::thread::available_parallelism().unwrap().get();
    let per_second = cores * LOGINS_PER_CORE;
    round(demo, people, 0).await;
    let (mut alone, mut beside, mut overloaded) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        alone.push(round(demo, people, 0).await);
        beside.push(round(demo, people, per_second).await);
        overloaded.push(round(demo, people, OVERLOAD * per_second).await);
    }
    let p99 = |rounds: &[Round]| median(rounds.iter().map(|round| round.token_p99).collect());
    let millis = |span: Duration| span.as_secs_f64() * 1_000.0;
    let (quiet, storm, flood) = (p99(&alone), p99(&beside), p99(&overloaded));
    report("tokens alone, p99", millis(quiet), "ms");
    report("tokens beside 16 logins a second per core, p99", millis(storm), "ms");
    let ratio = storm.as_secs_f64() / quiet.as_secs_f64();
    promise("p99 of tokens beside logins over alone", ratio, "x", ("<= 2", ratio <= 2.0));
    report("tokens beside ten times as many logins, p99", millis(flood), "ms");
    let served = |rounds: &[Round]| median(rounds.iter().map(Round::served_per_second).collect());
    let (normal, overload) = (served(&beside), served(&overloaded));
    report("logins a second", normal, "1/s");
    report("logins a second at ten times as many", overload, "1/s");
    let turned_away: Vec<_> = overloaded.iter().map(|round| round.turned_away_p99).collect();
    report("until a login too many is told so, p99", millis(median(turned_away)), "ms");
    let admitted: Vec<_> = overloaded.iter().map(|round| round.login_p99).collect();
    report("until one that is admitted has its answer, p99", millis(median(admitted)), "ms");
}

struct Round {
    token_p99: Duration,
    logins: usize,
    login_p99: Duration,
    turned_away_p99: Duration,
}

impl Round {
    fn served_per_second(&self) -> f64 {
        f64::from(u32::try_from(self.logins).unwrap()) / ROUND.as_secs_f64()
    }
}

async fn round(demo: &Demo, people: &People, logins_per_second: usize) -> Round {
    let begun = Instant::now();
    let logins = tokio::task::spawn_local(logins(people.clone(), begun, logins_per_second));
    let tokens = Rc::new(RefCell::new(Vec::new()));
    let mut connections = JoinSet::new();
    for number in 0..CONNECTIONS {
        let form = "grant_type=client_credentials&scope=orders.read";
        let request = demo.form("/token", &demo.service, form);
        let connection = Connection::open(demo.address).await;
        let first = begun + ROUND / TOKENS / 8 * number;
        connections.spawn_local(ask(connection, request, first, Rc::clone(&tokens)));
    }
    while connections.join_next().await.transpose().unwrap().is_some() {}
    let mut answered = logins.await.unwrap();
    let away = answered.extract_if(.., |(status, _)| *status != 303).map(|(_, took)| took).collect();
    let logins = answered.len();
    let admitted = answered.into_iter().map(|(_, took)| took).collect();
    let token_p99 = p99(std::mem::take(&mut *tokens.borrow_mut()));
    Round { token_p99, logins, login_p99: p99(admitted), turned_away_p99: p99(away) }
}

/// Token requests of one connection. The time of an answer counts from when its request was due.
async fn ask(
    mut connection: Connection,
    request: Vec<u8>,
    first: Instant,
    answered: Rc<RefCell<Vec<Duration>>>,
) {
    let every = Duration::from_secs(1) / TOKENS * CONNECTIONS;
    let mut due = first;
    while due < first + ROUND {
        sleep_until(due).await;
        assert_eq!(connection.ask(&request).await.status, 200, "a token was refused");
        answered.borrow_mut().push(due.elapsed());
        due += every;
    }
}

/// Logins by the clock, with the status of each and the time until its answer.
async fn logins(people: People, begun: Instant, per_second: usize) -> Vec<(u16, Duration)> {
    let mut waiting = JoinSet::new();
    let count = u32::try_from(per_second * usize::try_from(ROUND.as_secs()).unwrap()).unwrap();
    for number in 0..count {
        let due = begun + ROUND / count * number;
        sleep_until(due).await;
        let people = people.clone();
        waiting.spawn_local(
            async move { (people.log_in(usize::try_from(number).unwrap()).await, due.elapsed()) },
        );
    }
    let mut answered = Vec::new();
    while let Some(login) = waiting.join_next().await {
        answered.push(login.unwrap());
    }
    answered
}

fn p99(mut spans: Vec<Duration>) -> Duration {
    spans.sort_unstable();
    spans.get(spans.len().saturating_sub(1) * 99 / 100).copied().unwrap_or_default()
}

fn median<T: PartialOrd + Copy>(mut values: Vec<T>) -> T {
    values.sort_unstable_by(|a, b| a.partial_cmp(b).unwrap());
    values[values.len() / 2]
}
