//! The memory that logins take: at most one buffer for each hashing worker, and a little for the requests.

use std::cell::Cell;
use std::time::Duration;

use futures_util::future::join_all;
use tessera_testkit::demo::Demo;

use crate::people::{PEOPLE, People};
use crate::{promise, report};

/// The defaults of `hashing.workers` and `hashing.memory_kib`.
const HASHING_MIB: f64 = 2.0 * 19_456.0 / 1_024.0;
const FOR_REQUESTS_MIB: f64 = 16.0;
/// When the pool has given its buffers back.
const QUIET: Duration = Duration::from_secs(62);

pub(crate) async fn measure(demo: &Demo, people: &People, logins: usize) {
    // The demo has hashed the password of its own person.
    tokio::time::sleep(QUIET).await;
    let idle = demo.memory_mib("VmRSS");
    let left = Cell::new(logins);
    join_all((0..PEOPLE).map(async |number| {
        while left.get() > 0 {
            match people.log_in(number).await {
                303 => left.set(left.get().saturating_sub(1)),
                503 => {}
                other => panic!("a login was answered {other}"),
            }
        }
    }))
    .await;
    let (peak, bound) = (demo.memory_mib("VmHWM") - idle, HASHING_MIB + FOR_REQUESTS_MIB);
    report("idle memory before the logins", idle, "MiB");
    report(&format!("peak of {logins} logins at 64 connections, over idle"), peak, "MiB");
    let ratio = peak / bound;
    let name = "peak of the logins over workers x memory + 16 MiB";
    promise(name, ratio, "x", ("<= 1", ratio <= 1.0));
    tokio::time::sleep(QUIET).await;
    report("memory a quiet minute later, over idle", demo.memory_mib("VmRSS") - idle, "MiB");
}
