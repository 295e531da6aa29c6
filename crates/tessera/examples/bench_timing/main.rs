//! Whether the time that a refusal takes tells why, measured at a real server over loopback: one JSON object a
//! line for `cargo xtask bench timing`. `bench_timing [GUESSES] [LOGINS]` takes so many guesses at a client's secret, and so many
//! failed logins of each kind.
//!
//! A target is missed by chance too: a p of 0.01 by one pair in a hundred.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench stops at the first thing that goes wrong"
)]

mod guesses;
mod logins;

use std::net::Ipv4Addr;
use std::time::Duration;

use serde_json::json;
use tessera_app::ports::Entropy as _;
use tessera_testkit::clock::SeededEntropy;
use tessera_testkit::demo::Demo;
use tessera_testkit::mann_whitney;
use tessera_testkit::wire::{Connection, Reply};
use tokio::time::Instant;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse().unwrap());
    let (guesses, logins) = (numbers.next().unwrap_or(100_000), numbers.next().unwrap_or(5_000));
    let demo = Demo::start();
    let mut strangers = Strangers { demo: &demo, met: 0, chance: SeededEntropy::new(1) };
    guesses::measure(&mut strangers, guesses).await;
    logins::measure(&mut strangers, logins).await;
}

/// People at addresses that the server has not seen before, who come in no order.
struct Strangers<'a> {
    demo: &'a Demo,
    met: u32,
    chance: SeededEntropy,
}

impl Strangers<'_> {
    /// A connection from the next address of 127.0.0.0/8.
    async fn connection(&mut self) -> Connection {
        self.met += 1;
        let source = Ipv4Addr::from_bits(Ipv4Addr::LOCALHOST.to_bits() + self.met);
        Connection::open_from(source, self.demo.address).await
    }

    fn shuffle<T>(&self, things: &mut [T]) {
        things.sort_by_cached_key(|_| {
            let mut key = [0; 8];
            self.chance.fill(&mut key);
            key
        });
    }
}

/// How long an answer took.
async fn timed(connection: &mut Connection, request: &[u8]) -> (Duration, Reply) {
    let begun = Instant::now();
    let reply = connection.ask(request).await;
    (begun.elapsed(), reply)
}

/// Samples of one kind.
struct Samples {
    name: &'static str,
    took: Vec<Duration>,
}

impl Samples {
    const fn of(name: &'static str) -> Self {
        Self { name, took: Vec::new() }
    }

    fn median(&self) -> Duration {
        let mut sorted = self.took.clone();
        sorted.sort_unstable();
        sorted[sorted.len() / 2]
    }
}

/// Reports whether nothing tells two kinds apart; answers how far apart their medians are.
fn compare(one: &Samples, other: &Samples) -> Duration {
    let p = mann_whitney::p(&one.took, &other.took);
    let apart = one.median().abs_diff(other.median());
    println!(
        "{} ({} samples, median {:?}), {} ({}, {:?}): medians {apart:?} apart",
        one.name,
        one.took.len(),
        one.median(),
        other.name,
        other.took.len(),
        other.median()
    );
    report(&format!("{} / {}", one.name, other.name), p, "p", "> 0.01", p > 0.01);
    apart
}

fn report(name: &str, value: f64, unit: &str, target: &str, holds: bool) {
    println!("{}", json!({ "name": name, "value": value, "unit": unit, "target": target, "holds": holds }));
}
