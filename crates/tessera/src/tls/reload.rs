//! Reloads the certificate when its files change. Files that do not work leave the old certificate in use.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use axum_server::tls_rustls::RustlsConfig;
use parking_lot::Mutex;
use tessera_model::Timestamp;

use super::certificate::{TlsError, load};
use crate::config::TlsFiles;

/// The log warns once when a certificate has only so many days left.
const WARN_DAYS: [i64; 4] = [0, 1, 7, 30];
/// With so many days left the warning is an error.
const ERROR_DAYS: i64 = 1;

/// The certificate in use, and the state of its files when they were read.
pub(crate) struct CertificateReloader {
    files: TlsFiles,
    in_use: RustlsConfig,
    last_read: Mutex<LastRead>,
}

struct LastRead {
    files: [Option<FileState>; 2],
    expires_at: Option<i64>,
    /// The days that the last warning said are left.
    warned_days: Option<i64>,
}

/// Changes when a file is replaced or written to.
#[derive(Clone, Copy, PartialEq, Eq)]
struct FileState {
    inode: u64,
    len: u64,
    changed: (i64, i64),
    mode: u32,
}

impl CertificateReloader {
    /// Reads the files for the first time.
    pub(crate) fn start(files: TlsFiles) -> Result<Self, TlsError> {
        let state = states(&files);
        let loaded = load(&files)?;
        let in_use = RustlsConfig::from_config(loaded.config);
        let last_read =
            Mutex::new(LastRead { files: state, expires_at: loaded.expires_at, warned_days: None });
        Ok(Self { files, in_use, last_read })
    }

    /// The TLS settings of new connections. They follow every reload.
    pub(crate) fn config(&self) -> RustlsConfig {
        self.in_use.clone()
    }

    /// Reads the files again if they have changed. After an error it waits for the next change.
    pub(crate) fn reload_if_changed(&self, now: Timestamp) {
        let mut last_read = self.last_read.lock();
        let state = states(&self.files);
        if state != last_read.files {
            last_read.files = state;
            match load(&self.files) {
                Ok(loaded) => {
                    self.in_use.reload_from_config(loaded.config);
                    *last_read = LastRead { files: state, expires_at: loaded.expires_at, warned_days: None };
                    metrics::counter!("tessera_tls_reloads_total", "outcome" => "taken").increment(1);
                    tracing::info!("tls.certificate_reloaded");
                }
                Err(error) => {
                    metrics::counter!("tessera_tls_reloads_total", "outcome" => "refused").increment(1);
                    tracing::error!(%error, "tls.certificate_refused: the old certificate stays in use");
                }
            }
        }
        warn_before_expiry(&mut last_read, now);
    }
}

#[expect(clippy::cast_precision_loss, reason = "a gauge; exact for the next million years")]
fn warn_before_expiry(last_read: &mut LastRead, now: Timestamp) {
    let Some(expires_at) = last_read.expires_at else { return };
    metrics::gauge!("tessera_tls_certificate_expires_at").set(expires_at as f64);
    let left = expires_at.saturating_sub(now.seconds());
    let due = WARN_DAYS.into_iter().find(|days| left <= days * 86_400);
    if due.is_some() && due != last_read.warned_days {
        last_read.warned_days = due;
        let expires_at = crate::text::time(expires_at);
        // A certificate is often renewed thirty days before it ends, so that alone is no error.
        if left <= ERROR_DAYS * 86_400 {
            tracing::error!(expires_at, "tls.certificate_expires: renew the certificate");
        } else {
            tracing::warn!(expires_at, "tls.certificate_expires: renew the certificate");
        }
    }
}

fn states(files: &TlsFiles) -> [Option<FileState>; 2] {
    [state(&files.certificate), state(&files.key)]
}

fn state(path: &Path) -> Option<FileState> {
    let metadata = std::fs::metadata(path).ok()?;
    Some(FileState {
        inode: metadata.ino(),
        len: metadata.len(),
        changed: (metadata.ctime(), metadata.ctime_nsec()),
        mode: metadata.mode(),
    })
}
