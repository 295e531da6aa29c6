//! A running server: its listeners, its background jobs, and its orderly stop.

mod background;
mod claimed_jobs;
mod connections;
mod jobs;
mod tcp;

use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum_server::Handle;
use axum_server::tls_rustls::RustlsAcceptor;
use tessera_app::oauth::feed;
use tessera_app::ports::Clock as _;
use tessera_app::{App, Fault, audit, catalog, clock, probe, users};
use tessera_http::headers::Transport;
use tessera_http::middleware::Endpoints;
use tessera_http::ops::{self, Ops};
use tessera_http::pages::Pages;
use tessera_http::routes::endpoints;
use tessera_http::state::Server;
use tokio::runtime;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::adapters::SystemClock;
use crate::telemetry;
use crate::tls::CertificateReloader;
use background::Background;
use connections::Connections;
use jobs::{Job, Jobs};
use tcp::TcpAcceptor;

pub(crate) use connections::Limits;

/// How often the server looks for changes that commands and other servers made. A change must count within a second, so it looks
/// twice a second.
const CATALOG_INTERVAL: Duration = Duration::from_millis(500);
/// How often the server writes the audit events that wait. A crash loses the events of one interval.
const AUDIT_INTERVAL: Duration = Duration::from_millis(200);
/// The longest that one run of that job may take. A server under load has events for longer, and the job must not look as if it hung.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(20);
/// How often the server tries whether the database takes writes, and whether it is still the same.
const PROBE_INTERVAL: Duration = Duration::from_secs(1);
/// How often the server looks at its clock and raises the highest time seen.
const CLOCK_INTERVAL: Duration = Duration::from_secs(5);
/// How long requests under way may take when the server stops.
const DRAIN_TIMEOUT: Duration = Duration::from_millis(9_500);
/// How long the requests that are left then have to get their 503.
const LAST_ANSWERS_TIMEOUT: Duration = Duration::from_millis(500);
/// How long a connection may take from its start, or from its last answer, to the end of the next request's headers. An idle
/// connection ends after this time, too.
const HEADERS_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the TLS handshake may take.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);
/// Most bytes of the headers of one request (policy P12).
const MAX_HEADER_BYTES: usize = 16 * 1024;
/// Most connections to the listener for health and metrics.
const OPS_CONNECTIONS: usize = 256;
/// Most connections that wait for the server to accept them. The system may allow fewer.
const BACKLOG: i32 = 4_096;

/// Where and how to serve.
pub(crate) struct ServeOptions {
    /// Bound already, so that a port in use is an error before anything starts.
    pub(crate) listener: TcpListener,
    /// For health and metrics. `None` serves neither.
    pub(crate) ops_listener: Option<TcpListener>,
    /// Whether browsers reach the server by https.
    pub(crate) transport: Transport,
    /// The certificate, if TLS ends in this server.
    pub(crate) tls: Option<CertificateReloader>,
    /// Limits of the public listener.
    pub(crate) connections: Limits,
    /// How long a server that stops still takes requests after `/readyz` says 503.
    pub(crate) shutdown_notice: Duration,
}

/// A running server. Dropping it stops it at once. [`Serving::stop`] lets requests finish.
pub(crate) struct Serving {
    app: Arc<App>,
    addr: SocketAddr,
    ops: Arc<Ops>,
    public: Listener,
    ops_listener: Option<Listener>,
    jobs: Jobs,
    /// Ends after everything on it.
    background: Background,
    notice: Duration,
    drain_expired: watch::Sender<bool>,
}

struct Listener {
    handle: Handle<SocketAddr>,
    task: JoinHandle<io::Result<()>>,
}

impl Serving {
    /// Starts serving. Needs a tokio runtime.
    ///
    /// # Errors
    /// A listener cannot be used.
    pub(crate) fn start(app: Arc<App>, pages: Pages, options: ServeOptions) -> io::Result<Self> {
        let ServeOptions { listener, ops_listener, transport, tls, connections, shutdown_notice } = options;
        let addr = listener.local_addr()?;
        let rendered = telemetry::metrics();
        let metrics = Box::new(move || rendered.render());
        let tls = tls.map(Arc::new);
        let background = Background::start()?;
        let jobs = jobs(&app, tls.as_ref(), background.runtime());
        let endpoints = endpoints(Server::new(Arc::clone(&app), pages, transport));
        let (drain_expired, expired) = watch::channel(false);
        let endpoints = Connections::new(endpoints, connections, expired.clone());
        let public = listen(listener, endpoints, tls.as_deref(), &runtime::Handle::current())?;
        let ops = Arc::new(Ops {
            app: Arc::clone(&app),
            accepting: AtomicBool::new(true),
            dead_part: Box::new(dead_part(&jobs, &public)),
            failing_part: Box::new(jobs.watch_failing()),
            metrics,
        });
        let ops_endpoints =
            Connections::new(ops::endpoints(Arc::clone(&ops)), Limits::all(OPS_CONNECTIONS), expired);
        let ops_listener = ops_listener
            .map(|listener| listen(listener, ops_endpoints, None, background.runtime()))
            .transpose()?;
        let notice = shutdown_notice;
        Ok(Self { app, addr, ops, public, ops_listener, jobs, background, notice, drain_expired })
    }

    /// Where the server listens.
    pub(crate) const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Stops in order. First `/readyz` says 503. After the notice the server accepts no more connections, and requests under way
    /// have ten seconds to finish. At the end it writes the audit events that wait.
    pub(crate) async fn stop(mut self) {
        self.ops.accepting.store(false, Ordering::Release);
        tokio::time::sleep(self.notice).await;
        tracing::info!("no more connections are accepted; requests under way may finish");
        self.public.handle.graceful_shutdown(Some(DRAIN_TIMEOUT + LAST_ANSWERS_TIMEOUT));
        let ended = tokio::select! {
            ended = &mut self.public.task => ended,
            () = tokio::time::sleep(DRAIN_TIMEOUT) => {
                self.drain_expired.send_replace(true);
                (&mut self.public.task).await
            }
        };
        if !matches!(ended, Ok(Ok(()))) {
            tracing::error!("the server did not stop in order");
        }
        self.jobs.stop().await;
        if let Err(error) = audit::settle(&self.app).await {
            tracing::error!(%error, "the last audit events could not be written");
        }
        // Last, so that an operator can watch the whole stop.
        drop((self.ops_listener, self.background));
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

/// Returns a function that names a dead vital part, if there is one: a job or the listener.
fn dead_part(jobs: &Jobs, public: &Listener) -> impl Fn() -> Option<&'static str> + Send + Sync + 'static {
    let (dead_job, listening) = (jobs.watch_vital(), public.task.abort_handle());
    move || dead_job().or_else(|| listening.is_finished().then_some("listen"))
}

fn listen(
    listener: TcpListener,
    service: Connections<Endpoints>,
    tls: Option<&CertificateReloader>,
    runtime: &runtime::Handle,
) -> io::Result<Listener> {
    // The standard library lets 128 connections wait. A client beyond that tries again after a second.
    rustix::net::listen(&listener, BACKLOG)?;
    // The listener belongs to the runtime on which it is made.
    let _entered = runtime.enter();
    let handle = Handle::new();
    let server = with_timeouts(axum_server::from_tcp(listener)?.handle(handle.clone()));
    let task = match tls {
        None => tokio::spawn(server.acceptor(TcpAcceptor).serve(service)),
        Some(tls) => {
            let acceptor = RustlsAcceptor::new(tls.config()).handshake_timeout(HANDSHAKE_TIMEOUT);
            tokio::spawn(server.acceptor(acceptor.acceptor(TcpAcceptor)).serve(service))
        }
    };
    Ok(Listener { handle, task })
}

/// Bounds the time and the memory that a connection costs (invariant I8). Speaks HTTP/1.1 only (`docs/adr/0007`).
fn with_timeouts<A>(server: axum_server::Server<SocketAddr, A>) -> axum_server::Server<SocketAddr, A> {
    let mut server = server.http1_only();
    server.http_builder().http1().header_read_timeout(HEADERS_TIMEOUT).max_buf_size(MAX_HEADER_BYTES);
    server.first_request_timeout(HEADERS_TIMEOUT).accept_error_handler(|_, error| {
        metrics::counter!("tessera_connections_refused_total").increment(1);
        tracing::debug!(%error, "a connection was refused or failed");
    })
}

fn jobs(app: &Arc<App>, tls: Option<&Arc<CertificateReloader>>, runtime: &runtime::Handle) -> Jobs {
    let mut jobs = Jobs::on(runtime);
    jobs.spawn_vital(Job::new("catalog.refresh", CATALOG_INTERVAL, app, async |app| {
        catalog::refresh(&app).await
    }));
    jobs.spawn_vital(Job::new("feed.refresh", CATALOG_INTERVAL, app, async |app| feed::refresh(&app).await));
    jobs.spawn_vital(Job::new("audit.flush", AUDIT_INTERVAL, app, async |app| {
        // Events of a flush that is cut short wait for the next one.
        let flushed = tokio::time::timeout(FLUSH_TIMEOUT, audit::flush(&app)).await;
        flushed.unwrap_or_else(|_| Err(Fault::Unavailable("it takes too long".to_owned())))
    }));
    jobs.spawn_vital(Job::new("database.probe", PROBE_INTERVAL, app, async |app| {
        probe::run(&app).await;
        Ok::<_, Infallible>(())
    }));
    jobs.spawn(Job::new("database.tend_log", Duration::from_secs(30), app, async |app| app.tend_log().await));
    jobs.spawn(Job::new("clock.watch", CLOCK_INTERVAL, app, async |app| clock::watch(&app).await));
    jobs.spawn(Job::new("passwords.costs", Duration::from_secs(600), app, async |app| {
        users::note_costs(&app).await
    }));
    jobs.spawn(Job::new("metrics.upkeep", Duration::from_secs(5), app, async |_| {
        telemetry::metrics().run_upkeep();
        Ok::<_, Infallible>(())
    }));
    if let Some(tls) = tls {
        jobs.spawn(Job::new("tls.reload", Duration::from_secs(1), tls, async |tls| {
            tokio::task::spawn_blocking(move || tls.reload_if_changed(SystemClock.now())).await
        }));
    }
    claimed_jobs::spawn(&mut jobs, app);
    jobs
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    use tessera_testkit::server::{Backend, TestServer};

    use super::*;

    /// A server for this application, and the address of its listener for health.
    fn start(issuer: &TestServer) -> (Serving, SocketAddr) {
        let [listener, ops] = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let address = ops.local_addr().unwrap();
        let options = ServeOptions {
            listener,
            ops_listener: Some(ops),
            transport: Transport::PlainHttp,
            tls: None,
            connections: Limits::all(OPS_CONNECTIONS),
            shutdown_notice: Duration::ZERO,
        };
        let pages = Pages::load(None, tessera_http::pages::Site::default()).unwrap();
        (Serving::start(Arc::clone(&issuer.app), pages, options).unwrap(), address)
    }

    #[tokio::test]
    async fn f44_a_server_that_takes_no_connections_any_more_is_not_ready() {
        let issuer = TestServer::start(Backend::Sqlite).await;
        let (serving, ops) = start(&issuer);
        let ready = format!("http://{ops}/readyz");
        let ask = async || issuer.http.get(&ready).send().await.unwrap().status().as_u16();
        assert_eq!(ask().await, 200);
        serving.public.task.abort();
        assert_eq!(ask().await, 503);
    }

    #[tokio::test]
    async fn f46_health_is_answered_while_requests_keep_their_threads_busy() {
        let issuer = TestServer::start(Backend::Sqlite).await;
        let (_serving, ops) = start(&issuer);
        // The only thread of the requests is this one, and it does nothing for them until the answer is here.
        let mut connection = TcpStream::connect(ops).unwrap();
        connection.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        connection
            .write_all(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
            .unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}
