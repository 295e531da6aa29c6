//! `bench_http overload`: three times the load that the server can do, which does not wait for answers (an open loop). Server and
//! load have a core each.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::thread::{CpuSet, sched_setaffinity};
use tessera_testkit::demo::Demo;
use tessera_testkit::wire::Connection;
use tokio::sync::Semaphore;

use crate::load::{Load, now};
use crate::process::Server;
use crate::{Chain, Steady, median, person, promise, report};

const SERVER_CORE: usize = 0;
const LOAD_CORE: usize = 1;
/// Connections of the open loop.
const CONNECTIONS: usize = 1_000;
const REFRESHERS: usize = 600;
/// Connections of the crowd that asks as fast as it is answered, and comes back when it is told to.
const CROWD: usize = 2_000;
const WARM_UP: Duration = Duration::from_secs(1);
const SPAN: Duration = Duration::from_secs(3);
/// Peak and overload take turns, because a virtual machine is faster in one minute than in the next. The median of the rounds counts.
const ROUNDS: usize = 7;

/// Measures and prints.
pub(crate) async fn measure() {
    allow_open_files();
    pin(SERVER_CORE);
    let mut demo = Demo::start();
    let tokens = person::refresh_tokens(&demo, &demo.web, "orders.read", REFRESHERS).await;
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
    one_traffic("refresh rotation", &server, REFRESHERS, |n| &chains[n]).await;
}

async fn one_traffic<L: Load>(name: &str, server: &Server, connections: usize, load: impl Fn(usize) -> L) {
    closed_loop(server.address, 64, WARM_UP, &load).await;
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let peak = closed_loop(server.address, 64, SPAN, &load).await.good_per_second(SPAN);
        let busy = open_loop(server, connections, peak * 0.8, &load).await;
        let seen = open_loop(server, connections, peak * 3.0, &load).await;
        rounds.push((peak, busy, seen));
    }
    let of_rounds = |figure: &dyn Fn(&(f64, Seen, Seen)) -> f64| median(rounds.iter().map(figure).collect());
    let say = |what: &str, figure: &dyn Fn(&(f64, Seen, Seen)) -> f64, unit: &str| {
        report(&format!("overload, {name}: {what}"), of_rounds(figure), unit);
    };
    say("peak goodput", &|(peak, _, _)| *peak, "1/s");
    say("p99 at 0.8 x", &|(_, busy, _)| millis(busy.p99(200)), "ms");
    say("answered at 3 x", &|(_, _, seen)| seen.answered() / SPAN.as_secs_f64(), "1/s");
    say("goodput at 3 x", &|(_, _, seen)| seen.good_per_second(SPAN), "1/s");
    say("p99 of what is admitted at 3 x", &|(_, _, seen)| millis(seen.p99(200)), "ms");
    let ratio = of_rounds(&|(peak, _, seen)| seen.good_per_second(SPAN) / peak);
    promise(&format!("overload, {name}: goodput at 3 x over the peak"), ratio, "x", ">= 0.9", ratio >= 0.9);
    let refusal = of_rounds(&|(_, _, seen)| millis(seen.p99(503)));
    promise(&format!("overload, {name}: p99 of refusals at 3 x"), refusal, "ms", "< 10", refusal < 10.0);
    let unready: u32 = rounds.iter().map(|(_, _, seen)| seen.unready).sum();
    promise(
        &format!("overload, {name}: /readyz was not 200"),
        f64::from(unready),
        "times",
        "0",
        unready == 0,
    );
}

/// Many connections that wait for as long as `Retry-After` says.
async fn crowd<L: Load>(server: &Server, load: impl Fn(usize) -> L) {
    let seen = closed_loop(server.address, CROWD, SPAN, &load).await;
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

/// Connections that ask again when they are answered, or when they were told to come back.
async fn closed_loop<L: Load>(
    address: SocketAddr,
    connections: usize,
    span: Duration,
    load: &impl Fn(usize) -> L,
) -> Seen {
    let open = open(address, connections, load).await;
    let seen = RefCell::new(Seen::default());
    let end = now() + span;
    join_all(open.into_iter().map(async |(mut connection, mut load)| {
        while now() < end {
            let begun = now();
            let reply = connection.ask(&load.next()).await;
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
    let (seen, unready) = (RefCell::new(Seen::default()), Cell::new(0));
    let begun = now();
    let schedule = async {
        let mut sent = 0.0;
        let mut next_look = begun;
        while begun.elapsed() < WARM_UP + SPAN {
            tokio::time::sleep(Duration::from_millis(1)).await;
            while sent < begun.elapsed().as_secs_f64() * per_second {
                sent += 1.0;
                // A load that cannot keep up drops the oldest request, and does not count it.
                if due.borrow().len() > connections {
                    due.borrow_mut().pop_front();
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
    Seen { unready: unready.get(), ..seen.into_inner() }
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

fn allow_open_files() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).unwrap();
}

fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1_000.0
}
