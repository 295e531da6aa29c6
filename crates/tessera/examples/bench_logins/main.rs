//! What logins cost a server that also answers token traffic: one JSON object a line for `cargo xtask bench logins`.
//!
//! The argument is the number of logins whose memory is measured. Memory is that of the server process as `/proc` tells it. The load comes from this process, on the same cores.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a bench stops at the first thing that goes wrong"
)]

mod memory;
mod people;
mod storm;

use serde_json::json;
use tessera_testkit::demo::Demo;

use people::People;

const LOGINS: usize = 10_000;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let logins = std::env::args().nth(1).map_or(LOGINS, |number| number.parse().unwrap());
    let demo = Demo::start();
    let people = People::of(&demo);
    memory::measure(&demo, &people, logins).await;
    drop(demo);
    let demo = Demo::start();
    let people = People::of(&demo);
    storm::measure(&demo, &people).await;
}

fn report(name: &str, value: f64, unit: &str) {
    print(name, value, unit, None);
}

fn promise(name: &str, value: f64, unit: &str, (target, holds): (&str, bool)) {
    print(name, value, unit, Some((target, holds)));
}

fn print(name: &str, value: f64, unit: &str, promised: Option<(&str, bool)>) {
    let value = (value * 100.0).round() / 100.0;
    let (target, holds) = promised.unzip();
    println!("{}", json!({ "name": name, "value": value, "unit": unit, "target": target, "holds": holds }));
}
