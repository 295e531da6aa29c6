//! The claims that allow one server per SQLite file, and one restore at a time.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::Arc;

use crate::StoreError;
use crate::private_file::private_file;
use crate::sqlite::{DatabaseFile, Sqlite};

/// The right to serve from a database. It is given back on drop, and by the operating system when the process dies.
pub struct ServerClaim {
    sqlite: Option<Arc<Sqlite>>,
}

impl ServerClaim {
    /// The claim on a database that several servers may share.
    pub(crate) const fn shared() -> Self {
        Self { sqlite: None }
    }

    /// The claim on a SQLite file.
    pub(crate) const fn of(sqlite: Arc<Sqlite>) -> Self {
        Self { sqlite: Some(sqlite) }
    }

    /// Gives the claim back at the end of an orderly stop. A SQLite file then needs no write-ahead log: it can be copied alone.
    pub async fn release(self) {
        if let Some(sqlite) = &self.sqlite
            && let Err(error) = sqlite.finish().await
        {
            tracing::warn!(%error, "the write-ahead log stays beside the database: copy both, not the database alone");
        }
    }
}

impl Drop for ServerClaim {
    fn drop(&mut self) {
        if let Some(sqlite) = &self.sqlite {
            sqlite.unlock();
        }
    }
}

/// The right to restore a SQLite file. No server works on the file, and no other restore.
pub(crate) struct RestoreClaim {
    database: Option<DatabaseFile>,
    _restore: File,
}

impl RestoreClaim {
    /// Claims a file that exists, or one that is to be made. A lock beside it keeps other restores away. It is never removed, because
    /// two restores could then lock two files of the same name.
    pub(crate) fn on(database: &Path) -> Result<Self, StoreError> {
        let in_use = match DatabaseFile::open(database) {
            Ok(file) => file.lock().map(|()| Some(file))?,
            Err(StoreError::NotInitialised(_)) => None,
            Err(error) => return Err(error),
        };
        let mut path = database.as_os_str().to_owned();
        path.push(".restore.lock");
        let blame = |error: &std::io::Error| StoreError::file(Path::new(&path), error);
        let restore =
            private_file().create(true).truncate(false).open(&path).map_err(|error| blame(&error))?;
        match restore.try_lock() {
            Ok(()) => Ok(Self { database: in_use, _restore: restore }),
            Err(TryLockError::WouldBlock) => Err(StoreError::AlreadyServed(database.display().to_string())),
            Err(TryLockError::Error(error)) => Err(blame(&error)),
        }
    }

    /// The file, if it exists.
    pub(crate) const fn database(&self) -> Option<&DatabaseFile> {
        self.database.as_ref()
    }
}
