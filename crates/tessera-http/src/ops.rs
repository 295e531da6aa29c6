//! `/healthz`, `/readyz`, `/readyz/write` and `/metrics`, on a listener of their own that only the operator reaches.
//!
//! A load balancer that follows `/readyz` takes an instance out when it fails. So it fails only for what another instance does
//! better. A database that is gone or full is the same for all instances, and keys, discovery and the feed go on without it (policy
//! P5): that is what `/readyz/write` says.

use std::fmt::{self, Display};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use http::StatusCode;
use tessera_app::{App, Fault, probe};

use crate::headers::Transport;
use crate::middleware::{Cors, Endpoint, Endpoints};

/// The state of the operator's endpoints.
pub struct Ops {
    /// The running system.
    pub app: Arc<App>,
    /// `false` while the server is stopping.
    pub accepting: AtomicBool,
    /// Names a vital part that has died: a job that hangs or panics again and again, or the listener.
    pub dead_part: NameOfPart,
    /// Names a vital part that lives and has not succeeded for a while.
    pub failing_part: NameOfPart,
    /// Renders the metrics in Prometheus text form.
    pub metrics: Box<dyn Fn() -> String + Send + Sync>,
}

/// Names a part of the server, if there is one of that kind.
pub type NameOfPart = Box<dyn Fn() -> Option<&'static str> + Send + Sync>;

/// Why another instance should get the requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotReady {
    /// The server is stopping.
    Stopping,
    /// A vital part of this process has died.
    DeadPart(&'static str),
    /// The clock is so many seconds ahead of that of the database, or behind below zero.
    Clock(i64),
}

/// Why requests that write would fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotWritable {
    /// The server is not ready for any request.
    NotReady(NotReady),
    /// A vital part has not succeeded for a while.
    FailingPart(&'static str),
    /// The database takes no writes.
    Database(Fault),
}

impl Display for NotReady {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopping => f.write_str("stopping"),
            Self::DeadPart(part) => write!(f, "{part} does not work"),
            Self::Clock(ahead) => {
                let side = if *ahead > 0 { "ahead of" } else { "behind" };
                write!(f, "the clock is {} s {side} that of the database", ahead.unsigned_abs())
            }
        }
    }
}

impl Display for NotWritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotReady(reason) => reason.fmt(f),
            Self::FailingPart(part) => write!(f, "{part} fails"),
            Self::Database(fault) => fault.fmt(f),
        }
    }
}

impl Ops {
    /// Every reason why another instance should get the requests.
    fn not_ready(&self) -> Vec<NotReady> {
        let stopping = (!self.accepting.load(Ordering::Acquire)).then_some(NotReady::Stopping);
        let dead = (self.dead_part)().map(NotReady::DeadPart);
        let clock = self.app.off_database_clock().map(NotReady::Clock);
        [stopping, dead, clock].into_iter().flatten().collect()
    }

    /// Every reason why requests that write would fail.
    fn not_writable(&self) -> Vec<NotWritable> {
        let database = probe::refusal(&self.app).map(NotWritable::Database);
        let failing = (self.failing_part)().map(NotWritable::FailingPart);
        self.not_ready().into_iter().map(NotWritable::NotReady).chain(database).chain(failing).collect()
    }
}

/// The operator's endpoints.
pub fn endpoints(ops: Arc<Ops>) -> Endpoints {
    let table = [
        Endpoint::new("/healthz", Cors::SameOrigin, get(async || "ok\n")),
        Endpoint::new("/readyz", Cors::SameOrigin, get(readyz)),
        Endpoint::new("/readyz/write", Cors::SameOrigin, get(readyz_write)),
        Endpoint::new("/metrics", Cors::SameOrigin, get(metrics)),
    ];
    Endpoints::new(table, Router::new(), ops, Transport::PlainHttp).unmeasured()
}

/// Whether this instance should get requests.
async fn readyz(State(ops): State<Arc<Ops>>) -> (StatusCode, String) {
    answer(&ops.not_ready())
}

/// Whether requests that write succeed at this instance.
async fn readyz_write(State(ops): State<Arc<Ops>>) -> (StatusCode, String) {
    answer(&ops.not_writable())
}

/// One line for each reason.
fn answer<R: Display>(reasons: &[R]) -> (StatusCode, String) {
    if reasons.is_empty() {
        return (StatusCode::OK, "ready\n".to_owned());
    }
    let lines: Vec<String> = reasons.iter().map(ToString::to_string).collect();
    (StatusCode::SERVICE_UNAVAILABLE, lines.join("\n") + "\n")
}

async fn metrics(State(ops): State<Arc<Ops>>) -> String {
    (ops.metrics)()
}
