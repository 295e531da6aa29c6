//! Creating and opening the database file.

use std::fs::{DirBuilder, File};
use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::error::store_error;
use crate::StoreError;
use crate::private_file::private_file;
use crate::sql;

/// The longest wait for another process (the CLI, a backup) that holds the file.
pub(super) const BUSY_WAIT: Duration = Duration::from_millis(250);

/// Creates the file (0600) and its directory (0700) if they do not exist. Existing ones stay as they are.
pub(super) fn create_private(path: &Path) -> Result<(), StoreError> {
    let blame = |what: &Path| {
        let what = what.display().to_string();
        move |error: io::Error| StoreError::Location(format!("{what}: {error}"))
    };
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory).map_err(blame(directory))?;
    match private_file().create_new(true).open(path) {
        // The directory entry must survive a power loss too, or acknowledged writes would be lost with it.
        Ok(_) => File::open(directory).and_then(|dir| dir.sync_all()).map_err(blame(directory)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(blame(path)(error)),
    }
}

/// Opens a connection that may write. It changes nothing yet.
pub(super) fn connect(path: &Path, busy: Duration) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).map_err(store_error)?;
    conn.busy_timeout(busy).map_err(store_error)?;
    Ok(conn)
}

/// Makes the settings for durability and integrity. It turns the file into WAL mode, so check first that the file is ours.
pub(super) fn configure(conn: &Connection) -> Result<(), StoreError> {
    let mode: String =
        conn.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(store_error)?;
    if !mode.eq_ignore_ascii_case("wal") {
        return Err(StoreError::Location("the file system does not support write-ahead logging".to_owned()));
    }
    conn.execute_batch(
        "PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA journal_size_limit = 67108864;
         PRAGMA cache_size = -8192;",
    )
    .map_err(store_error)?;
    conn.set_prepared_statement_cache_capacity(sql::all().count() + 8);
    Ok(())
}

/// Opens a connection that only reads.
pub(super) fn connect_reader(path: &Path) -> Result<Connection, StoreError> {
    let conn = connect(path, BUSY_WAIT)?;
    configure(&conn)?;
    conn.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -4096;").map_err(store_error)?;
    Ok(conn)
}
