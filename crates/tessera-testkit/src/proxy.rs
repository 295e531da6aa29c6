//! A wire that a test can cut: everything behind it is gone for whoever came through it.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// Passes TCP connections on to one address while it is whole.
pub struct Proxy {
    address: SocketAddr,
    upstream: SocketAddr,
    passing: Option<JoinHandle<()>>,
}

impl Proxy {
    /// A whole wire on a free loopback port.
    ///
    /// # Panics
    /// If there is no port.
    pub async fn start(upstream: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        Self { address, upstream, passing: Some(tokio::spawn(pass(listener, upstream))) }
    }

    /// Where to connect.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Breaks every connection and refuses new ones, as a stopped server does.
    pub async fn cut(&mut self) {
        if let Some(passing) = self.passing.take() {
            passing.abort();
            drop(passing.await);
        }
    }

    /// Lets new connections through again.
    ///
    /// # Panics
    /// If somebody has taken the port.
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

/// Connections are in a set, which breaks them when this ends.
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
