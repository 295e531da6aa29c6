//! `/healthz`, `/readyz` and `/metrics`, on a listener of their own that only the operator reaches (attack T17).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use http::StatusCode;
use tessera_app::App;

/// What the operator's endpoints look at.
pub struct Ops {
    /// The running system.
    pub app: Arc<App>,
    /// Off while the server drains.
    pub accepting: AtomicBool,
    /// Renders the metrics in Prometheus text form.
    pub metrics: Box<dyn Fn() -> String + Send + Sync>,
}

/// The operator's endpoints.
pub fn router(ops: Arc<Ops>) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(ops)
}

/// Ready while the server takes requests and the database answers.
async fn readyz(State(ops): State<Arc<Ops>>) -> (StatusCode, &'static str) {
    if !ops.accepting.load(Ordering::Acquire) {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    match ops.app.ping().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}

async fn metrics(State(ops): State<Arc<Ops>>) -> String {
    (ops.metrics)()
}
