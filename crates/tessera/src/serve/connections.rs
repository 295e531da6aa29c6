//! Limits the connections at the same time: the server closes one more at once (invariant I8). When a server that stops has
//! waited long enough, the requests that are left get a 503.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::http::header::RETRY_AFTER;
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum_server::tls::TlsInfo;
use parking_lot::Mutex;
use tessera_app::network::{self, TrustedProxies};
use tessera_http::request::PeerCertificate;
use tokio::sync::watch;
use tokio::time::Instant;
use tower_service::Service;

/// The log has at most one line about too many connections in this time.
const WARN_INTERVAL: Duration = Duration::from_secs(60);

/// Most connections at the same time.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// Of all addresses together.
    pub(crate) all: usize,
    /// Of one address; `None` if clients share addresses. Addresses of this machine and of trusted proxies have no such limit.
    pub(crate) per_address: Option<usize>,
    /// They carry the requests of many clients.
    pub(crate) proxies: TrustedProxies,
}

impl Limits {
    /// Only a limit of all addresses together.
    pub(crate) fn all(all: usize) -> Self {
        Self { all, per_address: None, proxies: TrustedProxies::default() }
    }
}

/// Why the server closes a connection at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum TooMany {
    #[error("too many connections")]
    All,
    #[error("too many connections from one address")]
    Address,
}

/// Makes the service of each connection, up to the limits.
pub(super) struct Connections<S> {
    endpoints: S,
    expired: watch::Receiver<bool>,
    slots: Arc<ConnectionSlots>,
    next_warning: Instant,
}

impl<S> Connections<S> {
    /// `expired` turns true, or its sender is dropped, when the requests under way have had their time.
    pub(super) fn new(endpoints: S, limits: Limits, expired: watch::Receiver<bool>) -> Self {
        let slots = Arc::new(ConnectionSlots { limits, open: Mutex::default() });
        Self { endpoints, expired, slots, next_warning: Instant::now() }
    }

    fn warn(&mut self, problem: TooMany, peer: SocketAddr) {
        let now = Instant::now();
        if now >= self.next_warning {
            self.next_warning = now + WARN_INTERVAL;
            let Limits { all, per_address, .. } = &self.slots.limits;
            tracing::warn!(peer = %peer.ip(), all, per_address, "{problem}: the server closes one more at once");
        }
    }
}

impl<S: Clone> Service<SocketAddr> for Connections<S> {
    type Response = Connection<S>;
    type Error = TooMany;
    type Future = Ready<Result<Connection<S>, TooMany>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TooMany>> {
        // An accept loop that waits here would not notice a stop.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, peer: SocketAddr) -> Self::Future {
        let slot =
            ConnectionSlot::take(&self.slots, peer.ip()).inspect_err(|problem| self.warn(*problem, peer));
        ready(slot.map(|slot| Connection {
            endpoints: self.endpoints.clone(),
            expired: self.expired.clone(),
            peer,
            _slot: Arc::new(slot),
        }))
    }
}

struct ConnectionSlots {
    limits: Limits,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// The right to one connection. Dropping it gives the right back.
struct ConnectionSlot {
    slots: Arc<ConnectionSlots>,
    address: Option<IpAddr>,
}

impl ConnectionSlot {
    fn take(slots: &Arc<ConnectionSlots>, ip: IpAddr) -> Result<Self, TooMany> {
        let Limits { all, per_address, proxies } = &slots.limits;
        let limit = per_address.filter(|_| !ip.to_canonical().is_loopback() && !proxies.contains(ip));
        let address = limit.map(|_| network::of(ip));
        let mut open = slots.open.lock();
        if open.all >= *all {
            return Err(TooMany::All);
        }
        if let (Some(limit), Some(address)) = (limit, address) {
            let count = open.by_address.entry(address).or_default();
            if *count >= limit {
                return Err(TooMany::Address);
            }
            *count += 1;
        }
        open.all += 1;
        drop(open);
        Ok(Self { slots: Arc::clone(slots), address })
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        let mut open = self.slots.open.lock();
        open.all -= 1;
        if let Some(address) = self.address
            && let Some(count) = open.by_address.get_mut(&address)
        {
            *count -= 1;
            if *count == 0 {
                open.by_address.remove(&address);
            }
        }
    }
}

/// The service of one connection. Dropping its last copy gives the slot back.
#[derive(Clone)]
pub(super) struct Connection<S> {
    endpoints: S,
    expired: watch::Receiver<bool>,
    peer: SocketAddr,
    _slot: Arc<ConnectionSlot>,
}

impl<B, S> Service<Request<B>> for Connection<S>
where
    S: Service<Request<B>, Response = Response, Error = Infallible, Future: Send + 'static>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.endpoints.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let tls = request.extensions().get::<Arc<TlsInfo>>();
        if let Some(certificate) = tls.and_then(|tls| tls.peer_certificates.first()) {
            let certificate = PeerCertificate(certificate.as_slice().into());
            request.extensions_mut().insert(certificate);
        }
        request.extensions_mut().insert(ConnectInfo(self.peer));
        let (answer, mut expired) = (self.endpoints.call(request), self.expired.clone());
        Box::pin(async move {
            tokio::select! {
                biased;
                answer = answer => answer,
                _ = expired.wait_for(|expired| *expired) => {
                    Ok((StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")]).into_response())
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use tessera_app::network::AddressHeader;

    use super::*;

    fn connections(all: usize, per_address: Option<usize>) -> Connections<()> {
        Connections::new((), Limits { all, per_address, ..Limits::all(0) }, watch::channel(false).1)
    }

    fn connect(connections: &mut Connections<()>, ip: &str) -> Result<Connection<()>, TooMany> {
        connections.call(SocketAddr::new(ip.parse().unwrap(), 1)).into_inner()
    }

    #[tokio::test]
    async fn i08_a_slot_comes_back_with_the_last_copy_of_its_connection() {
        let mut connections = connections(2, None);
        let mut connect = || connect(&mut connections, "192.0.2.1");
        let (first, second) = (connect().unwrap(), connect().unwrap());
        assert_eq!(connect().err(), Some(TooMany::All));
        let request = first.clone();
        drop(first);
        assert_eq!(connect().err(), Some(TooMany::All), "a request of it is under way");
        drop(request);
        assert!(connect().is_ok());
        drop(second);
    }

    #[tokio::test]
    async fn t03_one_address_cannot_take_every_slot() {
        let mut connections = connections(5, Some(2));
        let mut connect = |ip: &str| connect(&mut connections, ip);
        let mut held = vec![connect("2001:db8::1").unwrap(), connect("2001:db8::2").unwrap()];
        assert_eq!(connect("2001:db8::3").err(), Some(TooMany::Address), "a /64 is one address");
        held.extend(["192.0.2.1", "::ffff:192.0.2.1"].map(|ip| connect(ip).unwrap()));
        assert_eq!(connect("192.0.2.1").err(), Some(TooMany::Address));
        held.remove(0);
        held.push(connect("2001:db8::3").unwrap());
        held.push(connect("127.0.0.1").unwrap());
        assert_eq!(connect("192.0.2.2").err(), Some(TooMany::All));
        drop(held);
        assert!(connections.slots.open.lock().by_address.is_empty());
    }

    #[tokio::test]
    async fn this_machine_and_a_proxy_have_no_limit_of_their_own() {
        for (per_address, ip) in [(Some(1), "127.0.0.1"), (Some(1), "::1"), (None, "192.0.2.1")] {
            let mut connections = connections(3, per_address);
            let held = [(); 3].map(|()| connect(&mut connections, ip));
            assert!(held.iter().all(Result::is_ok), "{ip}");
        }
    }

    #[tokio::test]
    async fn t03_a_trusted_proxy_has_no_limit_of_its_own_and_its_neighbour_has() {
        let networks = vec!["10.0.0.0/31".parse().unwrap()];
        let proxies = TrustedProxies::new(networks, AddressHeader::XForwardedFor);
        let limits = Limits { all: 8, per_address: Some(1), proxies };
        let mut connections = Connections::new((), limits, watch::channel(false).1);
        let mut connect = |ip: &str| connect(&mut connections, ip);
        let held = ["10.0.0.1", "10.0.0.1", "::ffff:10.0.0.1", "10.0.0.2"].map(|ip| connect(ip).unwrap());
        assert_eq!(connect("10.0.0.2").err(), Some(TooMany::Address));
        drop(held);
    }

    /// Answers with the certificate that the request carries.
    #[derive(Clone)]
    struct Echo;

    impl<B> Service<Request<B>> for Echo {
        type Response = Response;
        type Error = Infallible;
        type Future = Ready<Result<Response, Infallible>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, request: Request<B>) -> Self::Future {
            let certificate = request.extensions().get::<PeerCertificate>();
            let der = certificate.map(|certificate| certificate.0.to_vec());
            ready(Ok(der.unwrap_or_default().into_response()))
        }
    }

    #[tokio::test]
    async fn a_request_carries_the_certificate_that_the_client_has_proven() {
        let issued = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (der, pem) = (issued.cert.der().clone(), issued.cert.pem() + &issued.signing_key.serialize_pem());
        let key = rustls::pki_types::PrivatePkcs8KeyDer::from(issued.signing_key.serialize_der());
        let mut roots = rustls::RootCertStore::empty();
        roots.add(der.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let verifier = rustls::server::WebPkiClientVerifier::builder_with_provider(
            Arc::new(roots),
            Arc::clone(&provider),
        );
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(verifier.allow_unauthenticated().build().unwrap())
            .with_single_cert(vec![der.clone()], key.into())
            .unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let acceptor = axum_server::tls_rustls::RustlsAcceptor::new(
            axum_server::tls_rustls::RustlsConfig::from_config(Arc::new(config)),
        );
        let (_over, not_over) = watch::channel(false);
        let service = Connections::new(Echo, Limits::all(8), not_over);
        let server = axum_server::from_tcp(listener).unwrap().acceptor(acceptor).serve(service);
        let serving = tokio::spawn(server);
        let ask = async |identity: Option<reqwest::Identity>| {
            let root = reqwest::Certificate::from_der(&der).unwrap();
            let client = reqwest::Client::builder().no_proxy().tls_certs_only([root]);
            let client = client.resolve("localhost", address);
            let client = identity.into_iter().fold(client, reqwest::ClientBuilder::identity).build().unwrap();
            let url = format!("https://localhost:{}/", address.port());
            client.get(url).send().await.unwrap().bytes().await.unwrap()
        };
        let identity = reqwest::Identity::from_pem(pem.as_bytes()).unwrap();
        assert_eq!(ask(Some(identity)).await, der.as_ref());
        assert_eq!(ask(None).await, "");
        serving.abort();
    }
}
