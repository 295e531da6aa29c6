//! The log on standard error and the metrics in memory. Neither ever holds a secret (invariant I7).

use std::sync::OnceLock;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};
use crate::stderr::LogLine;

/// Bounds of the histogram of request times, in seconds.
const BUCKETS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// Starts the log. Other crates log only warnings and errors, whatever the level, because their details may hold secrets.
pub(crate) fn log(log: Log) {
    let filter = EnvFilter::new(format!("warn,tessera={level}", level = log.level));
    let subscriber =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(|| LogLine).with_ansi(false);
    // The subscriber would print its own errors to standard error, and panic if that fails.
    let subscriber = subscriber.log_internal_errors(false);
    // If the process has a log already, that one stays.
    let _ = match log.format {
        LogFormat::Text => subscriber.with_target(false).try_init(),
        LogFormat::Json => subscriber.json().flatten_event(true).with_current_span(false).try_init(),
    };
}

/// The metrics of this process. The first call starts collecting them.
pub(crate) fn metrics() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE
        .get_or_init(|| {
            let builder = PrometheusBuilder::new();
            // This fails only for an empty list of buckets.
            let recorder =
                builder.set_buckets(&BUCKETS).unwrap_or_else(|_| PrometheusBuilder::new()).build_recorder();
            let handle = recorder.handle();
            // If the process has a recorder already, that one stays and ours stays empty.
            let _ = metrics::set_global_recorder(recorder);
            handle
        })
        .clone()
}
