//! `/healthz`, `/readyz` and `/metrics`, on a listener of their own that only the operator reaches (attack T17).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use http::StatusCode;
use tessera_app::App;

use crate::headers::Transport;
use crate::middleware::{Cors, Endpoint, Endpoints};

/// What the operator's endpoints look at.
pub struct Ops {
    /// The running system.
    pub app: Arc<App>,
    /// Off while the server drains.
    pub accepting: AtomicBool,
    /// Names a part without which the server must not be asked anything, if one is dead: a job, the listener (fault F44).
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

/// Ready while the server takes requests, the database answers and the vital parts live.
async fn readyz(State(ops): State<Arc<Ops>>) -> (StatusCode, String) {
    let refusal = if !ops.accepting.load(Ordering::Acquire) {
        "stopping\n".to_owned()
    } else if let Err(error) = ops.app.ping().await {
        tracing::warn!(%error, "not ready");
        "the database does not answer\n".to_owned()
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
