//! What the server costs over real HTTP, measured from outside: one JSON object a line for `cargo xtask bench`.
//!
//! CPU time is the server process's user and system time from `/proc`, divided by the requests it answered; the load comes
//! from this process. The yardsticks, a raw ES256 signature and SQLite's own loop of durable commits, run here in the same run.
//! With the argument `overload` it measures [`overload`] instead.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench stops at the first thing that goes wrong"
)]

mod load;
mod overload;
mod person;
mod process;
mod yardstick;

use std::time::Duration;

use serde_json::json;
use tessera_testkit::demo::{Client, Demo};

use load::{Load, Measured};

const CLIENTS: usize = 64;
const WARM_UP: usize = 500;
const ROUNDS: usize = 15;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    if std::env::args().nth(1).as_deref() == Some("overload") {
        return overload::measure().await;
    }
    let demo = Demo::start();
    client_credentials(&demo).await;
    refresh(&demo).await;
    for alg in ["RS256", "ES256"] {
        refresh_with_id_token(&demo, alg).await;
    }
    drop(demo);
    let idle = process::idle();
    promise("idle memory of `serve`", idle.resident_mib, "MiB", "<= 25", idle.resident_mib <= 25.0);
    let ready = idle.ready.as_secs_f64() * 1_000.0;
    promise("start to ready on an initialised directory", ready, "ms", "<= 100", ready <= 100.0);
}

async fn client_credentials(demo: &Demo) {
    let form = "grant_type=client_credentials&scope=orders.read";
    let request = demo.form("/token", &demo.service, form);
    load::run(demo, CLIENTS, WARM_UP, |_| Steady(request.clone())).await;
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let before = yardstick::es256_signature();
        let load = load::run(demo, CLIENTS, 5_000, |_| Steady(request.clone())).await;
        rounds.push((load, signature_since(before)));
    }
    let median = |of: fn(&(Measured, Duration)) -> f64| median(rounds.iter().map(of).collect());
    let ratio = median(|(load, signature)| load.cpu_each().as_secs_f64() / signature.as_secs_f64());
    report("raw ES256 signature, around client credentials", median(|round| micros(round.1)), "us");
    report("client credentials, throughput at 64 connections", median(|round| round.0.per_second()), "1/s");
    report("client credentials, server CPU a request", median(|round| micros(round.0.cpu_each())), "us");
    promise("client credentials, CPU over a raw ES256 signature", ratio, "x", "<= 2.5", ratio <= 2.5);
}

/// A shared machine slows down and speeds up from second to second: of many short rounds the one in the middle counts.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

async fn refresh(demo: &Demo) {
    let tokens = person::refresh_tokens(demo, &demo.web, "orders.read", CLIENTS).await;
    let before = yardstick::es256_signature();
    let load = chains(demo, &demo.web, tokens, 10_000).await;
    let signature = signature_since(before);
    let cost = load.cpu_each().as_secs_f64() / signature.as_secs_f64();
    let engine = yardstick::durable_commits(demo.folder());
    report("raw ES256 signature, around refresh rotation", micros(signature), "us");
    report("refresh rotation, throughput at 64 clients", load.per_second(), "1/s");
    report("SQLite's own loop, one durable commit each", engine, "1/s");
    let ratio = load.per_second() / engine;
    promise("refresh rotation over SQLite's own loop", ratio, "x", "> 1", ratio > 1.0);
    report("refresh rotation, server CPU each", micros(load.cpu_each()), "us");
    promise("refresh rotation, CPU over a raw ES256 signature", cost, "x", "<= 8", cost <= 8.0);
}

/// The same with `openid` granted. The ID token's signature, by the client's algorithm, is most of what that costs more.
async fn refresh_with_id_token(demo: &Demo, alg: &str) {
    let client = person::client(demo, alg);
    let tokens = person::refresh_tokens(demo, &client, "openid%20orders.read", CLIENTS).await;
    let load = chains(demo, &client, tokens, 2_000).await;
    report(&format!("refresh with an ID token ({alg}), throughput at 64 clients"), load.per_second(), "1/s");
    report(&format!("refresh with an ID token ({alg}), server CPU each"), micros(load.cpu_each()), "us");
}

/// A connection for each of these grants of a client, which are refreshed over and over.
async fn chains(demo: &Demo, client: &Client, tokens: Vec<String>, requests: usize) -> Measured {
    let tokens = std::sync::Mutex::new(tokens);
    let chain = |_: usize| Chain { demo, client, token: tokens.lock().unwrap().pop().unwrap() };
    load::run(demo, CLIENTS, requests, chain).await
}

/// The mean of what a signature cost `before` the load and what it costs after it.
fn signature_since(before: Duration) -> Duration {
    (before + yardstick::es256_signature()) / 2
}

/// The same request over and over.
struct Steady(Vec<u8>);

impl Load for Steady {
    fn next(&mut self) -> Vec<u8> {
        self.0.clone()
    }

    fn answered(&mut self, _: &[u8]) {}
}

impl<L: Load> Load for &std::cell::RefCell<L> {
    fn next(&mut self) -> Vec<u8> {
        self.borrow_mut().next()
    }

    fn answered(&mut self, body: &[u8]) {
        self.borrow_mut().answered(body);
    }
}

/// Each answer's refresh token is the next request's.
struct Chain<'a> {
    demo: &'a Demo,
    client: &'a Client,
    token: String,
}

impl Load for Chain<'_> {
    fn next(&mut self) -> Vec<u8> {
        let form = format!("grant_type=refresh_token&refresh_token={}", self.token);
        self.demo.form("/token", self.client, &form)
    }

    fn answered(&mut self, body: &[u8]) {
        let answer: serde_json::Value = serde_json::from_slice(body).unwrap();
        answer["refresh_token"].as_str().unwrap().clone_into(&mut self.token);
    }
}

fn micros(span: Duration) -> f64 {
    span.as_secs_f64() * 1e6
}

fn report(name: &str, value: f64, unit: &str) {
    print(name, value, unit, None);
}

fn promise(name: &str, value: f64, unit: &str, target: &str, holds: bool) {
    print(name, value, unit, Some((target, holds)));
}

fn print(name: &str, value: f64, unit: &str, promised: Option<(&str, bool)>) {
    let value = (value * 100.0).round() / 100.0;
    let (target, holds) = promised.unzip();
    println!("{}", json!({ "name": name, "value": value, "unit": unit, "target": target, "holds": holds }));
}
