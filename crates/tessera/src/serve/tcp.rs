//! Options of each TCP connection.

use std::future::{Ready, ready};
use std::io;

use axum_server::accept::Accept;
use tokio::net::TcpStream;

/// The kernel closes a connection whose peer acknowledges nothing of an answer for so long, in milliseconds.
#[cfg(target_os = "linux")]
const USER_TIMEOUT: u32 = 20_000;

/// Accepts connections that send answers without delay and cannot be held open by a peer that reads nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct TcpAcceptor;

impl<S> Accept<TcpStream, S> for TcpAcceptor {
    type Stream = TcpStream;
    type Service = S;
    type Future = Ready<io::Result<(TcpStream, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        ready(set_options(&stream).map(|()| (stream, service)))
    }
}

fn set_options(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    // This also ends a connection whose receive window stays closed.
    #[cfg(target_os = "linux")]
    rustix::net::sockopt::set_tcp_user_timeout(stream, USER_TIMEOUT)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn t03_nobody_may_leave_an_answer_unread_for_ever() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let _peer = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, ()) = TcpAcceptor.accept(listener.accept().await.unwrap().0, ()).await.unwrap();
        assert!(stream.nodelay().unwrap());
        #[cfg(target_os = "linux")]
        assert_eq!(rustix::net::sockopt::tcp_user_timeout(&stream).unwrap(), USER_TIMEOUT);
    }
}
