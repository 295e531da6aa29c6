//! The claim that allows one server per SQLite file.

use std::fs::{File, TryLockError};
use std::path::Path;

use crate::StoreError;
use crate::private_file::private_file;

/// The right to serve from a database. It is released on drop, and by the operating system when the process dies.
#[derive(Debug)]
pub struct ServerClaim {
    _lock: Option<File>,
}

impl ServerClaim {
    /// The claim on a database that several servers may share.
    pub(crate) const fn shared() -> Self {
        Self { _lock: None }
    }
}

/// Locks `<database>.server.lock`. The file is never removed, because two servers could then lock two files of the same name.
pub(crate) fn of_file(database: &Path) -> Result<ServerClaim, StoreError> {
    let mut path = database.as_os_str().to_owned();
    path.push(".server.lock");
    let blame = |error: std::io::Error| StoreError::Location(format!("{}: {error}", path.display()));
    let file = private_file().create(true).truncate(false).open(&path).map_err(blame)?;
    match file.try_lock() {
        Ok(()) => Ok(ServerClaim { _lock: Some(file) }),
        Err(TryLockError::WouldBlock) => Err(StoreError::AlreadyServed(database.display().to_string())),
        Err(TryLockError::Error(error)) => Err(blame(error)),
    }
}
