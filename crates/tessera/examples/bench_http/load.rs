//! Keep-alive connections that ask as fast as they are answered.

use std::cell::Cell;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::process::Demo;

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
        open.push((Connection::open(&demo.address).await, load(n)));
    }
    let (before, begun) = (demo.cpu(), now());
    join_all(open.into_iter().map(async |(mut connection, mut load)| {
        while left.get() > 0 {
            left.set(left.get() - 1);
            let body = connection.ask(&load.next()).await;
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

/// One HTTP/1.1 connection.
pub(crate) struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, received: Vec::with_capacity(4096) }
    }

    /// Sends a request and returns the body of its answer.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> Vec<u8> {
        self.stream.write_all(request).await.unwrap();
        loop {
            if let Some((head, length)) = answer(&self.received)
                && self.received.len() >= head + length
            {
                let body = self.received[head..head + length].to_vec();
                self.received.drain(..head + length);
                return body;
            }
            let read = self.stream.read_buf(&mut self.received).await.unwrap();
            assert!(read > 0, "the server hung up");
        }
    }
}

/// Lengths of a head that is complete and of its body.
fn answer(received: &[u8]) -> Option<(usize, usize)> {
    let head = received.windows(4).position(|w| w == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&received[..head]).unwrap();
    assert!(text.starts_with("HTTP/1.1 200"), "{}", String::from_utf8_lossy(received));
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    Some((head, length.parse().unwrap()))
}
