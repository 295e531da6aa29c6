//! `bench_http overload`: three times the load that the server can do, which does not wait for answers (an open loop) as long as it has
//! a connection that is free. Server and load have a core each.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use rustix::thread::{CpuSet, sched_setaffinity};
use tessera_testkit::demo::Demo;
use tessera_testkit::wire::{Connection, allow_open_files};
use tokio::sync::Semaphore;

use crate::load::{Load, now};
use crate::process::Server;
use crate::{Chain, Steady, median, person, promise, report};

const SERVER_CORE: usize = 0;
const LOAD_CORE: usize = 1;
/// As many requests at once as have a turn: they keep the server busy and do not wait for it.
const AT_ONCE: usize = 256;
/// Connections to compare with.
const FEW: usize = 64;
/// Connections of the open loop.
const CONNECTIONS: usize = 1_000;
/// Connections of the crowd that asks as fast as it is answered, and comes back when it is told to.
const CROWD: usize = 2_000;
const WARM_UP: Duration = Duration::from_secs(1);
const SPAN: Duration = Duration::from_secs(3);
/// Peak and overload take turns, because a virtual machine is faster in one minute than in the next. The median of the rounds counts.
/// They have the same connections, because a request costs more when its connection is one of many.
const ROUNDS: usize = 7;

/// Measures and prints.
pub(crate) async fn measure() {
    allow_open_files();
    pin(SERVER_CORE);
    let mut demo = Demo::start();
    let tokens = person::refresh_tokens(&demo, &demo.web, "orders.read", CONNECTIONS).await;
    demo.stop();
    let server = Server::start(demo.folder());
    pin(LOAD_CORE);
    // The load never sleeps. Otherwise each answer would wake it up, which costs a virtual server core more than the answer.
    tokio::spawn(async {
        loop {
            tokio::task::yield_now().await;
        }
    });
    let form = "grant_type=client_credentials&scope=orders.read";
    let request = demo.form("/token", &demo.service, form);
    let machine = |_: usize| Steady(request.clone());
    one_traffic("client credentials", &server, CONNECTIONS, machine).await;
    crowd(&server, machine).await;
    let tokens = RefCell::new(tokens);
    let mut chains = Vec::new();
    while let Some(token) = tokens.borrow_mut().pop() {
        chains.push(RefCell::new(Chain { demo: &demo, client: &demo.web, token }));
    }
    one_traffic("refresh rotation", &server, CONNECTIONS, |n| &chains[n]).await;
}

async fn one_traffic<L: Load>(name: &str, server: &Server, connections: usize, load: impl Fn(usize) -> L) {
    closed_loop(server.address, connections, AT_ONCE, WARM_UP, &load).await;
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let few = closed_loop(server.address, FEW, FEW, SPAN, &load).await.good_per_second(SPAN);
        let peak = closed_loop(server.address, connections, AT_ONCE, SPAN, &load).await.good_per_second(SPAN);
        let busy = open_loop(server, connections, peak * 0.8, &load).await;
        let over = open_loop(server, connections, peak * 3.0, &load).await;
        rounds.push(Round { few, peak, busy, over });
    }
    let of_rounds = |figure: &dyn Fn(&Round) -> f64| median(rounds.iter().map(figure).collect());
    let say = |what: &str, figure: &dyn Fn(&Round) -> f64, unit: &str| {
        report(&format!("overload, {name}: {what}"), of_rounds(figure), unit);
    };
    say("peak of 64 connections", &|round| round.few, "1/s");
    say("peak of the connections", &|round| round.peak, "1/s");
    say("p99 at 0.8 x", &|round| millis(round.busy.p99(200)), "ms");
    say("answered at 3 x", &|round| round.over.answered() / SPAN.as_secs_f64(), "1/s");
    let whole = WARM_UP + SPAN;
    say("not sent at 3 x", &|round| f64::from(round.over.unsent) / whole.as_secs_f64(), "1/s");
    say("goodput at 3 x", &|round| round.over.good_per_second(SPAN), "1/s");
    say("p99 of what is admitted at 3 x", &|round| millis(round.over.p99(200)), "ms");
    say("goodput at 3 x over the peak of 64 connections", &|round| round.goodput_over(round.few), "x");
    let ratio = of_rounds(&|round| round.goodput_over(round.peak));
    promise(&format!("overload, {name}: goodput at 3 x over the peak"), ratio, "x", ">= 0.9", ratio >= 0.9);
    let told = of_rounds(&|round| millis(round.over.p99(503)));
    promise(&format!("overload, {name}: p99 of refusals at 3 x"), told, "ms", "<= 600", told <= 600.0);
    let unready: u32 = rounds.iter().map(|round| round.over.unready).sum();
    promise(
        &format!("overload, {name}: /readyz was not 200"),
        f64::from(unready),
        "times",
        "0",
        unready == 0,
    );
}

/// What one round saw.
struct Round {
    /// The peak of [`FEW`] connections.
    few: f64,
    /// The peak of all connections.
    peak: f64,
    /// At 0.8 times the peak.
    busy: Seen,
    /// At three times the peak.
    over: Seen,
}

impl Round {
    fn goodput_over(&self, peak: f64) -> f64 {
        self.over.good_per_second(SPAN) / peak
    }
}

/// Many connections that wait for as long as `Retry-After` says.
async fn crowd<L: Load>(server: &Server, load: impl Fn(usize) -> L) {
    let seen = closed_loop(server.address, CROWD, CROWD, SPAN, &load).await;
    report("overload, 2,000 connections: goodput", seen.good_per_second(SPAN), "1/s");
    report("overload, 2,000 connections: p99 of what is admitted", millis(seen.p99(200)), "ms");
    let ready = f64::from(u8::from(server.is_ready()));
    promise("overload, 2,000 connections: ready afterwards", ready, "", "1", ready > 0.0);
}

/// What came back.
#[derive(Default)]
struct Seen {
    answers: Vec<(u16, Duration)>,
    unready: u32,
    /// Requests that were due while every connection was busy.
    unsent: u32,
}

impl Seen {
    fn count(&self, status: u16) -> f64 {
        let count = self.answers.iter().filter(|answer| answer.0 == status).count();
        f64::from(u32::try_from(count).unwrap())
    }

    fn answered(&self) -> f64 {
        f64::from(u32::try_from(self.answers.len()).unwrap())
    }

    fn good_per_second(&self, span: Duration) -> f64 {
        self.count(200) / span.as_secs_f64()
    }

    fn p99(&self, status: u16) -> Duration {
        let of_it = self.answers.iter().filter(|answer| answer.0 == status);
        let mut times: Vec<Duration> = of_it.map(|answer| answer.1).collect();
        times.sort_unstable();
        times.get(times.len() * 99 / 100).copied().unwrap_or_default()
    }
}

/// Connections that ask again when they are answered, or when they were told to come back; `at_once` of them at the same time, in
/// turn.
async fn closed_loop<L: Load>(
    address: SocketAddr,
    connections: usize,
    at_once: usize,
    span: Duration,
    load: &impl Fn(usize) -> L,
) -> Seen {
    let open = open(address, connections, load).await;
    let (seen, turns) = (RefCell::new(Seen::default()), Semaphore::new(at_once));
    let end = now() + span;
    join_all(open.into_iter().map(async |(mut connection, mut load)| {
        while now() < end {
            let turn = turns.acquire().await.unwrap();
            let begun = now();
            let reply = connection.ask(&load.next()).await;
            drop(turn);
            seen.borrow_mut().answers.push((reply.status, begun.elapsed()));
            if reply.status == 200 {
                load.answered(&reply.body);
            } else {
                tokio::time::sleep_until((begun + Duration::from_secs(1)).min(end).into()).await;
            }
        }
    }))
    .await;
    seen.into_inner()
}

/// So many requests a second, whether earlier ones are answered or not. The time of a request begins when it is due.
async fn open_loop<L: Load>(
    server: &Server,
    connections: usize,
    per_second: f64,
    load: &impl Fn(usize) -> L,
) -> Seen {
    let open = open(server.address, connections, load).await;
    let (due, go) = (RefCell::new(VecDeque::new()), Semaphore::new(0));
    let (seen, unready, unsent) = (RefCell::new(Seen::default()), Cell::new(0), Cell::new(0));
    let begun = now();
    let schedule = async {
        let mut sent = 0.0;
        let mut next_look = begun;
        while begun.elapsed() < WARM_UP + SPAN {
            tokio::time::sleep(Duration::from_millis(1)).await;
            while sent < begun.elapsed().as_secs_f64() * per_second {
                sent += 1.0;
                // A load that cannot keep up drops the oldest request.
                if due.borrow().len() > connections {
                    due.borrow_mut().pop_front();
                    unsent.set(unsent.get() + 1);
                } else {
                    go.add_permits(1);
                }
                due.borrow_mut().push_back(now());
            }
            if now() > next_look {
                next_look += Duration::from_secs(1);
                unready.set(unready.get() + u32::from(!server.is_ready()));
            }
        }
        go.close();
    };
    let asking = join_all(open.into_iter().map(async |(mut connection, mut load)| {
        while let Ok(turn) = go.acquire().await {
            turn.forget();
            let Some(due) = due.borrow_mut().pop_front() else { continue };
            let reply = connection.ask(&load.next()).await;
            if begun.elapsed() > WARM_UP {
                seen.borrow_mut().answers.push((reply.status, Instant::elapsed(&due)));
            }
            if reply.status == 200 {
                load.answered(&reply.body);
            }
        }
    }));
    tokio::join!(schedule, asking);
    Seen { unready: unready.get(), unsent: unsent.get(), ..seen.into_inner() }
}

async fn open<L: Load>(
    address: SocketAddr,
    connections: usize,
    load: impl Fn(usize) -> L,
) -> Vec<(Connection, L)> {
    let mut open = Vec::new();
    for n in 0..connections {
        open.push((Connection::open(address).await, load(n)));
    }
    open
}

/// This process, and those that it starts from now on.
fn pin(core: usize) {
    let mut cores = CpuSet::new();
    cores.set(core);
    sched_setaffinity(None, &cores).unwrap();
}

fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1_000.0
}
