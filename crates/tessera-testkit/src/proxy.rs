//! A TCP proxy that a test can cut, so that the server behind it seems to be gone.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// Forwards TCP connections to one address until it is cut.
pub struct Proxy {
    address: SocketAddr,
    upstream: SocketAddr,
    passing: Option<JoinHandle<()>>,
}

impl Proxy {
    /// Starts a proxy on a free loopback port.
    ///
    /// # Panics
    /// If there is no port.
    pub async fn start(upstream: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        Self { address, upstream, passing: Some(tokio::spawn(pass(listener, upstream))) }
    }

    /// The address to connect to.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Breaks every connection and refuses new ones, like a stopped server.
    pub async fn cut(&mut self) {
        if let Some(passing) = self.passing.take() {
            passing.abort();
            drop(passing.await);
        }
    }

    /// Accepts new connections again.
    ///
    /// # Panics
    /// If the port is taken.
    pub async fn mend(&mut self) {
        let listener = TcpListener::bind(self.address).await.expect("the same port");
        self.passing = Some(tokio::spawn(pass(listener, self.upstream)));
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(passing) = self.passing.take() {
            passing.abort();
        }
    }
}

/// The connections are tasks of a set, which aborts them when this future ends.
async fn pass(listener: TcpListener, upstream: SocketAddr) {
    let mut connections = JoinSet::new();
    while let Ok((mut near, _)) = listener.accept().await {
        connections.spawn(async move {
            if let Ok(mut far) = TcpStream::connect(upstream).await {
                drop(copy_bidirectional(&mut near, &mut far).await);
            }
        });
    }
}
