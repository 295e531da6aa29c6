//! The data directory of the demo, and what the demo itself keeps there: the secrets of its clients.
//!
//! A real application reads its secret from its own configuration. The issuer stores only a hash of it. The sample application
//! therefore keeps each secret in a file beside the issuer's data, which only the owner can read.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::host::{Host, HostError};

/// A directory that only its owner can enter.
pub(crate) struct DataDir {
    host: Arc<Host>,
    path: PathBuf,
    temporary: bool,
}

/// Why a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// It cannot be made.
    #[error("cannot make the directory {}: {source}", .path.display())]
    Create {
        /// Where.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A secret cannot be replaced.
    #[error("cannot replace {}: {source}", .path.display())]
    Replace {
        /// Where.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A secret cannot be read or written.
    #[error("{0}")]
    Secret(HostError),
}

impl DataDir {
    /// This directory, made if it is missing.
    pub(crate) fn open(path: PathBuf, host: Arc<Host>) -> Result<Self, DataDirError> {
        create(&path, true)?;
        Ok(Self { host, path, temporary: false })
    }

    /// A new directory in `parent` that is deleted when this value is dropped.
    pub(crate) fn temporary(host: Arc<Host>, parent: &Path) -> Result<Self, DataDirError> {
        let mut name = [0; 8];
        host.entropy.fill(&mut name);
        let path = parent.join(format!("tessera-demo-{:016x}", u64::from_be_bytes(name)));
        create(&path, false)?;
        Ok(Self { host, path, temporary: true })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The secret of a client, if one is kept here.
    pub(crate) fn client_secret(&self, client_id: &str) -> Result<Option<String>, DataDirError> {
        let secret = (self.host.read_secret)(&self.secret_path(client_id)).map_err(DataDirError::Secret)?;
        Ok(secret.map(|secret| secret.trim().to_owned()))
    }

    /// Keeps the secret of a client, in place of an earlier one.
    pub(crate) fn keep_client_secret(&self, client_id: &str, secret: &str) -> Result<(), DataDirError> {
        let path = self.secret_path(client_id);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                Err(DataDirError::Replace { path, source })
            }
            _ => (self.host.create_secret)(&path, secret).map_err(DataDirError::Secret),
        }
    }

    fn secret_path(&self, client_id: &str) -> PathBuf {
        self.path.join(format!("{client_id}.secret"))
    }
}

fn create(path: &Path, may_exist: bool) -> Result<(), DataDirError> {
    let made = DirBuilder::new().recursive(may_exist).mode(0o700).create(path);
    made.map_err(|source| DataDirError::Create { path: path.to_owned(), source })
}

impl Drop for DataDir {
    fn drop(&mut self) {
        if self.temporary {
            // A directory that is left among the temporary ones harms nobody.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::host::tests::host;

    #[test]
    fn a_secret_comes_back_and_nobody_else_can_enter_the_directory() {
        let parent = tempfile::tempdir().unwrap();
        let data_dir = DataDir::temporary(Arc::new(host()), parent.path()).unwrap();
        assert_eq!(data_dir.client_secret("demo-web").unwrap(), None);
        for secret in ["first", "second"] {
            data_dir.keep_client_secret("demo-web", secret).unwrap();
            assert_eq!(data_dir.client_secret("demo-web").unwrap().as_deref(), Some(secret));
        }
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(data_dir.path()), 0o700);
    }

    #[test]
    fn a_temporary_directory_leaves_nothing_behind() {
        let parent = tempfile::tempdir().unwrap();
        let data_dir = DataDir::temporary(Arc::new(host()), parent.path()).unwrap();
        let path = data_dir.path().to_owned();
        assert!(path.is_dir());
        drop(data_dir);
        assert!(!path.exists());
    }
}
