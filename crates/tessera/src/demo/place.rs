//! The folder of the demo, and what the demo itself keeps there: the secrets of its clients.
//!
//! A real application gets its secret from its own configuration. The sample application shares a folder with the issuer,
//! which knows a secret only by its hash, so each plain secret lies in a file that nobody but the owner can read.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use tessera_app::ports::Entropy as _;

use crate::adapters::SystemEntropy;
use crate::secret_file::{self, SecretFileError};

/// A folder that only its owner can enter.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    temporary: bool,
}

/// A folder that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum PlaceError {
    /// It cannot be made.
    #[error("cannot make the folder {}: {source}", .path.display())]
    Folder { path: PathBuf, source: std::io::Error },
    /// A secret cannot be replaced.
    #[error("cannot replace {}: {source}", .path.display())]
    Replace { path: PathBuf, source: std::io::Error },
    /// A secret cannot be read or written.
    #[error(transparent)]
    Secret(#[from] SecretFileError),
}

impl Place {
    /// This folder, made if it is missing.
    pub(super) fn at(path: PathBuf) -> Result<Self, PlaceError> {
        make(&path, true)?;
        Ok(Self { path, temporary: false })
    }

    /// A new folder that goes away with this value.
    pub(super) fn temporary() -> Result<Self, PlaceError> {
        let mut name = [0; 8];
        SystemEntropy.fill(&mut name);
        let path = std::env::temp_dir().join(format!("tessera-demo-{:016x}", u64::from_be_bytes(name)));
        make(&path, false)?;
        Ok(Self { path, temporary: true })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The secret of a client that was kept here.
    pub(super) fn client_secret(&self, client_id: &str) -> Result<Option<String>, PlaceError> {
        match secret_file::read(&self.secret_path(client_id)) {
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).trim().to_owned())),
            Err(error) if error.is_missing() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Keeps the secret of a client, in place of an earlier one.
    pub(super) fn keep_client_secret(&self, client_id: &str, secret: &str) -> Result<(), PlaceError> {
        let path = self.secret_path(client_id);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                Err(PlaceError::Replace { path, source })
            }
            _ => Ok(secret_file::create(&path, secret.as_bytes())?),
        }
    }

    fn secret_path(&self, client_id: &str) -> PathBuf {
        self.path.join(format!("{client_id}.secret"))
    }
}

fn make(path: &Path, may_exist: bool) -> Result<(), PlaceError> {
    let made = DirBuilder::new().recursive(may_exist).mode(0o700).create(path);
    made.map_err(|source| PlaceError::Folder { path: path.to_owned(), source })
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.temporary {
            // A folder that stays behind among the temporary ones harms nobody.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_secret_comes_back_and_nobody_else_can_read_it() {
        let place = Place::temporary().unwrap();
        assert_eq!(place.client_secret("demo-web").unwrap(), None);
        for secret in ["first", "second"] {
            place.keep_client_secret("demo-web", secret).unwrap();
            assert_eq!(place.client_secret("demo-web").unwrap().as_deref(), Some(secret));
        }
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&place.path().join("demo-web.secret")), 0o600);
        assert_eq!(mode(place.path()), 0o700);
    }

    #[test]
    fn a_temporary_place_leaves_nothing_behind() {
        let place = Place::temporary().unwrap();
        let path = place.path().to_owned();
        assert!(path.is_dir());
        drop(place);
        assert!(!path.exists());
    }
}
