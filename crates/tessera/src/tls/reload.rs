//! A renewed certificate is taken into use within a second; one that does not work leaves the old one in place (fault F39).

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use axum_server::tls_rustls::RustlsConfig;
use parking_lot::Mutex;
use tessera_model::Timestamp;

use super::{TlsError, load};
use crate::config::TlsFiles;

/// Days before the end at which it is time to worry; each is logged once.
const WARN_DAYS: [i64; 4] = [0, 1, 7, 30];

/// The certificate in use, and what the files looked like when it was read.
pub(crate) struct Reload {
    files: TlsFiles,
    in_use: RustlsConfig,
    seen: Mutex<Seen>,
}

struct Seen {
    state: [Option<FileState>; 2],
    expires_at: Option<i64>,
    warned: Option<i64>,
}

/// Changes when a file is replaced or written to.
#[derive(Clone, Copy, PartialEq, Eq)]
struct FileState {
    inode: u64,
    len: u64,
    changed: (i64, i64),
    mode: u32,
}

impl Reload {
    /// Reads the files for the first time.
    pub(crate) fn start(files: TlsFiles) -> Result<Self, TlsError> {
        let state = states(&files);
        let loaded = load(&files)?;
        let in_use = RustlsConfig::from_config(loaded.config);
        let seen = Mutex::new(Seen { state, expires_at: loaded.expires_at, warned: None });
        Ok(Self { files, in_use, seen })
    }

    /// What new connections use.
    pub(crate) fn config(&self) -> RustlsConfig {
        self.in_use.clone()
    }

    /// Looks at the files again. A change that does not work is logged once and tried again when something changes.
    pub(crate) fn look(&self, now: Timestamp) {
        let mut seen = self.seen.lock();
        let state = states(&self.files);
        if state != seen.state {
            seen.state = state;
            match load(&self.files) {
                Ok(loaded) => {
                    self.in_use.reload_from_config(loaded.config);
                    *seen = Seen { state, expires_at: loaded.expires_at, warned: None };
                    metrics::counter!("tessera_tls_reloads_total", "outcome" => "taken").increment(1);
                    tracing::info!("tls.certificate_reloaded");
                }
                Err(error) => {
                    metrics::counter!("tessera_tls_reloads_total", "outcome" => "refused").increment(1);
                    tracing::error!(%error, "tls.certificate_refused: the old one stays in use");
                }
            }
        }
        warn_of_the_end(&mut seen, now);
    }
}

#[expect(clippy::cast_precision_loss, reason = "a gauge; exact for the next million years")]
fn warn_of_the_end(seen: &mut Seen, now: Timestamp) {
    let Some(expires_at) = seen.expires_at else { return };
    metrics::gauge!("tessera_tls_certificate_expires_at").set(expires_at as f64);
    let left = expires_at.saturating_sub(now.seconds());
    let due = WARN_DAYS.into_iter().find(|days| left <= days * 86_400);
    if due.is_some() && due != seen.warned {
        seen.warned = due;
        tracing::error!(expires_at = crate::text::time(expires_at), "tls.certificate_ends: renew it");
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
