//! Keep-alive connections that ask as fast as they are answered.

use std::cell::Cell;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tessera_testkit::demo::Demo;
use tessera_testkit::wire::{Connection, Reply};

/// What one connection asks.
pub(crate) trait Load {
    /// The next request, whole.
    fn next(&mut self) -> Vec<u8>;
    /// The body of its answer.
    fn answered(&mut self, body: &[u8]);
}

/// What a run came to.
pub(crate) struct Measured {
    requests: usize,
    elapsed: Duration,
    cpu: Duration,
}

impl Measured {
    pub(crate) fn per_second(&self) -> f64 {
        f64::from(u32::try_from(self.requests).unwrap()) / self.elapsed.as_secs_f64()
    }

    pub(crate) fn cpu_each(&self) -> Duration {
        self.cpu / u32::try_from(self.requests).unwrap()
    }
}

/// Sends `requests` requests over `connections` connections; every answer must be a 200.
pub(crate) async fn run<L: Load>(
    demo: &Demo,
    connections: usize,
    requests: usize,
    load: impl Fn(usize) -> L,
) -> Measured {
    let left = Cell::new(requests);
    let mut open = Vec::new();
    for n in 0..connections {
        open.push((Connection::open(demo.address).await, load(n)));
    }
    let (before, begun) = (demo.cpu(), now());
    join_all(open.into_iter().map(async |(mut connection, mut load)| {
        while left.get() > 0 {
            left.set(left.get() - 1);
            let body = good(connection.ask(&load.next()).await);
            load.answered(&body);
        }
    }))
    .await;
    Measured { requests, elapsed: begun.elapsed(), cpu: demo.cpu().checked_sub(before).unwrap() }
}

#[expect(clippy::disallowed_methods, reason = "a bench measures")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// The body of an answer that is a 200.
pub(crate) fn good(reply: Reply) -> Vec<u8> {
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    reply.body
}
