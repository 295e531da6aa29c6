//! `/healthz`, `/readyz` and `/metrics`, on a listener of their own that only the operator reaches.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use http::StatusCode;
use tessera_app::App;

use crate::headers::Transport;
use crate::middleware::{Cors, Endpoint, Endpoints};

/// The state of the operator's endpoints.
pub struct Ops {
    /// The running system.
    pub app: Arc<App>,
    /// `false` while the server is stopping.
    pub accepting: AtomicBool,
    /// Names a vital part that has died, such as a job or the listener. The server is not ready then.
    pub dead_part: Box<dyn Fn() -> Option<&'static str> + Send + Sync>,
    /// Renders the metrics in Prometheus text form.
    pub metrics: Box<dyn Fn() -> String + Send + Sync>,
}

/// The operator's endpoints.
pub fn endpoints(ops: Arc<Ops>) -> Endpoints {
    let table = [
        Endpoint::new("/healthz", Cors::SameOrigin, get(async || "ok\n")),
        Endpoint::new("/readyz", Cors::SameOrigin, get(readyz)),
        Endpoint::new("/metrics", Cors::SameOrigin, get(metrics)),
    ];
    Endpoints::new(table, Router::new(), ops, Transport::PlainHttp).unmeasured()
}

/// Ready while the server accepts requests, the database answers, their clocks agree and all vital parts work.
async fn readyz(State(ops): State<Arc<Ops>>) -> (StatusCode, String) {
    let refusal = if !ops.accepting.load(Ordering::Acquire) {
        "stopping\n".to_owned()
    } else if let Err(error) = ops.app.ping().await {
        tracing::warn!(%error, "not ready");
        "the database does not answer\n".to_owned()
    } else if let Some(ahead) = ops.app.off_database_clock() {
        let side = if ahead > 0 { "ahead of" } else { "behind" };
        format!("the clock is {} s {side} that of the database\n", ahead.unsigned_abs())
    } else if let Some(part) = (ops.dead_part)() {
        format!("{part} does not work\n")
    } else {
        return (StatusCode::OK, "ready\n".to_owned());
    };
    (StatusCode::SERVICE_UNAVAILABLE, refusal)
}

async fn metrics(State(ops): State<Arc<Ops>>) -> String {
    (ops.metrics)()
}
