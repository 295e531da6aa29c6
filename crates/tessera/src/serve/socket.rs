//! What the operating system is told about each connection.

use std::future::{Ready, ready};
use std::io;

use axum_server::accept::Accept;
use tokio::net::TcpStream;

/// A peer that takes nothing of an answer for so long is gone, or wants to hold the connection (attack T03). Milliseconds.
#[cfg(target_os = "linux")]
const TAKES_NOTHING: u32 = 20_000;

/// Accepts connections whose answers leave at once and do not wait for ever.
#[derive(Clone, Copy, Debug)]
pub(super) struct Socket;

impl<S> Accept<TcpStream, S> for Socket {
    type Stream = TcpStream;
    type Service = S;
    type Future = Ready<io::Result<(TcpStream, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        ready(prepare(&stream).map(|()| (stream, service)))
    }
}

fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    // Also ends a connection whose receive window stays shut.
    #[cfg(target_os = "linux")]
    rustix::net::sockopt::set_tcp_user_timeout(stream, TAKES_NOTHING)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn t03_nobody_may_leave_an_answer_unread_for_ever() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let _peer = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, ()) = Socket.accept(listener.accept().await.unwrap().0, ()).await.unwrap();
        assert!(stream.nodelay().unwrap());
        #[cfg(target_os = "linux")]
        assert_eq!(rustix::net::sockopt::tcp_user_timeout(&stream).unwrap(), TAKES_NOTHING);
    }
}
