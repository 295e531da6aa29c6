//! One HTTP/1.1 connection that sends raw requests and reads answers, and room for many.

use std::net::{Ipv4Addr, SocketAddr};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

/// An answer.
#[derive(Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

/// A connection that is kept alive.
pub struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Connection {
    /// Connects to `address`.
    ///
    /// # Panics
    /// If nobody listens there.
    pub async fn open(address: SocketAddr) -> Self {
        Self::open_from(Ipv4Addr::UNSPECIFIED, address).await
    }

    /// Connects from another loopback address, which begins with 127.
    ///
    /// # Panics
    /// If nobody listens there.
    pub async fn open_from(source: Ipv4Addr, address: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_nodelay(true).expect("a socket");
        socket.bind((source, 0).into()).expect("an address of this machine");
        let stream = socket.connect(address).await.expect("a listener");
        Self { stream, received: Vec::with_capacity(4096) }
    }

    /// Sends a request and returns its answer.
    ///
    /// # Panics
    /// If the server closes the connection, or sends no `Content-Length`.
    pub async fn ask(&mut self, request: &[u8]) -> Reply {
        self.stream.write_all(request).await.expect("a connection");
        loop {
            if let Some(Head { status, own, body }) = Head::read(&self.received)
                && self.received.len() >= own + body
            {
                let reply = Reply { status, body: self.received[own..own + body].to_vec() };
                self.received.drain(..own + body);
                return reply;
            }
            let read = self.stream.read_buf(&mut self.received).await.expect("a connection");
            assert!(read > 0, "the server hung up");
        }
    }
}

/// Lets this process have as many connections as the system allows.
///
/// # Panics
/// If the system refuses what it says that it allows.
pub fn allow_open_files() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).expect("the limit of the system");
}

/// Status of an answer, its own length and that of the body.
struct Head {
    status: u16,
    own: usize,
    body: usize,
}

impl Head {
    /// `None` if it is not complete.
    fn read(received: &[u8]) -> Option<Self> {
        let own = received.windows(4).position(|w| w == b"\r\n\r\n")? + 4;
        let text = std::str::from_utf8(&received[..own]).expect("ASCII");
        let status = text.get(9..12).and_then(|digits| digits.parse().ok()).expect("a status line");
        let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
        let body = length.and_then(|digits| digits.parse().ok()).expect("a length");
        Some(Self { status, own, body })
    }
}
