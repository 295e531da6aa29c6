//! A running server: its listeners, its background jobs, its orderly end.

mod command;
mod connections;
mod jobs;
mod signals;
mod socket;

use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum_server::Handle;
use axum_server::tls_rustls::RustlsAcceptor;
use tessera_app::ports::Clock as _;
use tessera_app::{App, audit, catalog, keys, users};
use tessera_http::headers::Transport;
use tessera_http::middleware::Endpoints;
use tessera_http::ops::{self, Ops};
use tessera_http::pages::Pages;
use tessera_http::routes::endpoints;
use tessera_http::state::Server;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::adapters::SystemClock;
use crate::telemetry;
use crate::tls::Reload;
use connections::Connections;
use jobs::{Job, Jobs};
use socket::Socket;

pub(crate) use command::{Args, run};
pub(crate) use connections::Limits;

/// How often the server looks for changes made at another door. Two looks fit into the second within which they count.
const CATALOG_EVERY: Duration = Duration::from_millis(500);
/// How often audit events that wait are written; a crash loses no more of them.
const AUDIT_EVERY: Duration = Duration::from_millis(200);
/// How long requests under way may take when the server stops (fault F49).
const DRAIN: Duration = Duration::from_millis(9_500);
/// How long those left then have to hear that it is over.
const LAST_ANSWERS: Duration = Duration::from_millis(500);
/// From the connection, or from the answer before, to the end of a request's headers: idle connections end after it too.
const HEADERS_WITHIN: Duration = Duration::from_secs(10);
/// From the connection to the end of the TLS handshake.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(5);
/// Most bytes of headers (policy P12).
const MAX_HEADERS: usize = 16 * 1024;
/// Most connections at the same time for health and metrics.
const OPS_CONNECTIONS: Limits = Limits { all: 256, per_address: None };
/// Most connections that wait to be taken, as far as the system allows.
const BACKLOG: i32 = 4_096;

/// Where and how to serve.
pub(crate) struct ServeOptions {
    /// Bound already, so that a port in use is found before anything starts.
    pub(crate) listener: TcpListener,
    /// For health and metrics; `None` for neither.
    pub(crate) ops_listener: Option<TcpListener>,
    /// How browsers reach the server.
    pub(crate) transport: Transport,
    /// Certificate and key, if TLS ends here.
    pub(crate) tls: Option<Reload>,
    /// Most connections at the same time.
    pub(crate) connections: Limits,
    /// How long the server goes on after it has said that it stops, for load balancers to hear of it.
    pub(crate) shutdown_notice: Duration,
}

/// A server at work. Dropping it stops it at once; [`Serving::stop`] lets requests finish.
pub(crate) struct Serving {
    app: Arc<App>,
    addr: SocketAddr,
    ops: Arc<Ops>,
    public: Listening,
    private: Option<Listening>,
    jobs: Jobs,
    notice: Duration,
    over: watch::Sender<bool>,
}

struct Listening {
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
        let jobs = jobs(&app, tls.as_ref());
        let endpoints = endpoints(Server::new(Arc::clone(&app), pages, transport));
        let (over, not_over) = watch::channel(false);
        let endpoints = Connections::new(endpoints, connections, not_over.clone());
        let public = listen(listener, endpoints, tls.as_deref())?;
        let (accepting, dead_part) = (AtomicBool::new(true), Box::new(dead_part(&jobs, &public)));
        let ops = Arc::new(Ops { app: Arc::clone(&app), accepting, dead_part, metrics });
        let ops_endpoints = Connections::new(ops::endpoints(Arc::clone(&ops)), OPS_CONNECTIONS, not_over);
        let private = ops_listener.map(|listener| listen(listener, ops_endpoints, None)).transpose()?;
        Ok(Self { app, addr, ops, public, private, jobs, notice: shutdown_notice, over })
    }

    /// Where the server listens.
    pub(crate) const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Says that it stops, takes no connections after the notice, lets requests under way finish for at most ten seconds, and
    /// writes what waits to be written.
    pub(crate) async fn stop(mut self) {
        self.ops.accepting.store(false, Ordering::Release);
        tokio::time::sleep(self.notice).await;
        tracing::info!("no more connections; requests under way may finish");
        self.public.handle.graceful_shutdown(Some(DRAIN + LAST_ANSWERS));
        let ended = tokio::select! {
            ended = &mut self.public.task => ended,
            () = tokio::time::sleep(DRAIN) => {
                self.over.send_replace(true);
                (&mut self.public.task).await
            }
        };
        if !matches!(ended, Ok(Ok(()))) {
            tracing::error!("the server did not end in order");
        }
        self.jobs.stop().await;
        if let Err(error) = audit::settle(&self.app).await {
            tracing::error!(%error, "the last audit events could not be written");
        }
        // Last, so that a stop can be watched to its end.
        drop(self.private);
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

/// Looks for a vital part that is dead: a job, or the listener.
fn dead_part(jobs: &Jobs, public: &Listening) -> impl Fn() -> Option<&'static str> + Send + Sync + 'static {
    let (dead_job, listening) = (jobs.watch(), public.task.abort_handle());
    move || dead_job().or_else(|| listening.is_finished().then_some("listen"))
}

fn listen(
    listener: TcpListener,
    service: Connections<Endpoints>,
    tls: Option<&Reload>,
) -> io::Result<Listening> {
    // The standard library lets 128 wait, and whoever finds no room tries again after a second.
    rustix::net::listen(&listener, BACKLOG)?;
    let handle = Handle::new();
    let server = bounded(axum_server::from_tcp(listener)?.handle(handle.clone()));
    let task = match tls {
        None => tokio::spawn(server.acceptor(Socket).serve(service)),
        Some(tls) => {
            let acceptor = RustlsAcceptor::new(tls.config()).handshake_timeout(HANDSHAKE_WITHIN);
            tokio::spawn(server.acceptor(acceptor.acceptor(Socket)).serve(service))
        }
    };
    Ok(Listening { handle, task })
}

/// A connection can neither be held open for nothing nor made to hold much (invariant I8): HTTP/1.1 only (`docs/adr/0007`).
fn bounded<A>(server: axum_server::Server<SocketAddr, A>) -> axum_server::Server<SocketAddr, A> {
    let mut server = server.http1_only();
    server.http_builder().http1().header_read_timeout(HEADERS_WITHIN).max_buf_size(MAX_HEADERS);
    server.first_request_timeout(HEADERS_WITHIN).accept_error_handler(|_, error| {
        metrics::counter!("tessera_connections_refused_total").increment(1);
        tracing::debug!(%error, "a connection came to nothing");
    })
}

fn jobs(app: &Arc<App>, tls: Option<&Arc<Reload>>) -> Jobs {
    const HOUR: Duration = Duration::from_secs(3_600);
    let mut jobs = Jobs::default();
    jobs.keep_vital(Job::new("catalog.refresh", CATALOG_EVERY, app, async |app| {
        catalog::refresh(&app).await
    }));
    jobs.keep_vital(Job::new("audit.flush", AUDIT_EVERY, app, async |app| audit::flush(&app).await));
    jobs.keep(Job::new("keys.rotate", HOUR, app, async |app| {
        keys::rotate::run_schedule(&app.system()).await
    }));
    jobs.keep(Job::new("passwords.costs", Duration::from_secs(600), app, async |app| {
        users::note_costs(&app).await
    }));
    jobs.keep(Job::new("purge", HOUR, app, async |app| app.purge().await));
    jobs.keep(Job::new("metrics.upkeep", Duration::from_secs(5), app, async |_| {
        telemetry::metrics().run_upkeep();
        Ok::<_, Infallible>(())
    }));
    if let Some(tls) = tls {
        jobs.keep(Job::new("tls.reload", Duration::from_secs(1), tls, async |tls| {
            tokio::task::spawn_blocking(move || tls.look(SystemClock.now())).await
        }));
    }
    jobs
}

#[cfg(test)]
mod tests {
    use tessera_testkit::server::{Backend, TestServer};

    use super::*;

    #[tokio::test]
    async fn f44_a_server_that_takes_no_connections_any_more_is_not_ready() {
        let issuer = TestServer::start(Backend::Sqlite).await;
        let [listener, ops] = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let ready = format!("http://{}/readyz", ops.local_addr().unwrap());
        let options = ServeOptions {
            listener,
            ops_listener: Some(ops),
            transport: Transport::PlainHttp,
            tls: None,
            connections: OPS_CONNECTIONS,
            shutdown_notice: Duration::ZERO,
        };
        let serving = Serving::start(
            Arc::clone(&issuer.app),
            Pages::load(None, tessera_http::pages::Site::default()).unwrap(),
            options,
        )
        .unwrap();
        let ask = async || issuer.http.get(&ready).send().await.unwrap().status().as_u16();
        assert_eq!(ask().await, 200);
        serving.public.task.abort();
        assert_eq!(ask().await, 503);
    }
}
