//! At most so many connections at the same time; one more is closed at once (invariant I8).

use std::future::{Ready, ready};
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Request;
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tower_service::Service;

/// From one line in the log about too many connections to the next.
const QUIET: Duration = Duration::from_secs(60);

/// Makes the service of each connection.
pub(super) struct Connections {
    router: Router,
    places: Arc<Semaphore>,
    most: usize,
    quiet_until: Mutex<Instant>,
}

/// Every place is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many connections")]
pub(super) struct Full;

impl Connections {
    pub(super) fn new(router: Router, most: usize) -> Self {
        let places = Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS)));
        Self { router, places, most, quiet_until: Mutex::new(Instant::now()) }
    }

    fn full(&self) -> Full {
        let (now, mut quiet_until) = (Instant::now(), self.quiet_until.lock());
        if now >= *quiet_until {
            *quiet_until = now + QUIET;
            tracing::warn!(most = self.most, "too many connections: new ones are closed at once");
        }
        Full
    }
}

impl Service<SocketAddr> for Connections {
    type Response = Connection;
    type Error = Full;
    type Future = Ready<Result<Connection, Full>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Full>> {
        // Waiting here would leave the accept loop deaf to a stop.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, peer: SocketAddr) -> Self::Future {
        let place = Arc::clone(&self.places).try_acquire_owned();
        ready(place.map_err(|_| self.full()).map(|place| Connection {
            router: self.router.clone(),
            peer,
            _place: Arc::new(place),
        }))
    }
}

/// The service of one connection; gives its place back when the last copy is dropped.
#[derive(Clone)]
pub(super) struct Connection {
    router: Router,
    peer: SocketAddr,
    _place: Arc<OwnedSemaphorePermit>,
}

impl<B> Service<Request<B>> for Connection
where
    Router: Service<Request<B>>,
{
    type Response = <Router as Service<Request<B>>>::Response;
    type Error = <Router as Service<Request<B>>>::Error;
    type Future = <Router as Service<Request<B>>>::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Service::<Request<B>>::poll_ready(&mut self.router, cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        request.extensions_mut().insert(ConnectInfo(self.peer));
        self.router.call(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn i08_a_place_comes_back_with_the_last_copy_of_its_connection() {
        let mut connections = Connections::new(Router::new(), 2);
        let mut connect = async || connections.call(SocketAddr::from(([127, 0, 0, 1], 1))).await;
        let (first, second) = (connect().await.unwrap(), connect().await.unwrap());
        assert_eq!(connect().await.err(), Some(Full));
        let request = first.clone();
        drop(first);
        assert_eq!(connect().await.err(), Some(Full), "a request of it is under way");
        drop(request);
        assert!(connect().await.is_ok());
        drop(second);
    }
}
