//! Where breached passwords are listed.

use std::path::PathBuf;

use tessera_fetch::{Fetch, Url};

use super::breached_file::{self, BreachedFileError};
use super::breached_service::{self, ServiceError};
use super::digest::PasswordDigest;

/// Where breached passwords are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Breached {
    /// Nowhere. The estimate of strength knows the most used passwords all the same.
    #[default]
    Off,
    /// In a file: `HASH:COUNT` lines, sorted by the SHA-1 of the password.
    File(PathBuf),
    /// At a service that is told the first five digits of the SHA-1, and answers `GET URL/range/DIGITS`.
    Service(Url),
}

/// Why nobody knows whether a password is listed. No text holds anything of the password.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    #[error("{path}: {error}", path = .0.display(), error = .1)]
    File(PathBuf, BreachedFileError),
    #[error("{0}: {1}")]
    Service(String, ServiceError),
    #[error("the search was cut short")]
    CutShort,
}

impl Breached {
    /// Whether the list has this password.
    pub(super) async fn has(&self, digest: PasswordDigest, fetch: &dyn Fetch) -> Result<bool, Unreadable> {
        match self {
            Self::Off => Ok(false),
            Self::File(path) => {
                let path = path.clone();
                // The file is too large for the memory of the system, so each step of the search may wait for the disk.
                let search =
                    move || breached_file::has(&path, &digest).map_err(|error| Unreadable::File(path, error));
                tokio::task::spawn_blocking(search).await.map_err(|_| Unreadable::CutShort)?
            }
            Self::Service(url) => breached_service::has(fetch, url, &digest)
                .await
                .map_err(|error| Unreadable::Service(url.host_str().unwrap_or_default().to_owned(), error)),
        }
    }
}
