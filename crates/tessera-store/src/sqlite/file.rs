//! Creating and opening the database file.

use std::fs::{DirBuilder, File};
use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use rustix::fs::Access;

use super::database_file::{DatabaseFile, LOG_SUFFIXES, log_path};
use super::error::store_error;
use super::header::{Mark, application_id};
use crate::StoreError;
use crate::migrate::Opening;
use crate::new_file::directory_of;
use crate::private_file::private_file;
use crate::sql;

/// The longest wait for another process (the CLI, a backup) that holds the file.
pub(super) const BUSY_WAIT: Duration = Duration::from_millis(250);

/// How often, and how long apart, a file is looked at that seems to lack something.
const MAX_LOOKS: u32 = 3;
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Creates the file (0600) and its directory (0700) if the opening may create one. Existing directories stay as they are.
pub(super) fn create_private(path: &Path, opening: Opening) -> Result<(), StoreError> {
    if opening == Opening::Existing {
        return Ok(());
    }
    let directory = directory_of(path);
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory).map_err(|error| StoreError::file(directory, &error))?;
    let log = log_path(path, LOG_SUFFIXES[0]);
    if path.symlink_metadata().is_err() && log.symlink_metadata().is_ok() {
        return Err(StoreError::Location(format!(
            "{}: this is the log of a database that is not there, and would be taken for that of the new one; move it away",
            log.display()
        )));
    }
    match private_file().create_new(true).open(path) {
        // The directory entry must survive a power loss too, or acknowledged writes would be lost with it.
        Ok(_) => File::open(directory)
            .and_then(|dir| dir.sync_all())
            .map_err(|error| StoreError::file(directory, &error)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => match opening {
            Opening::New => Err(StoreError::AlreadyInitialised(path.display().to_string())),
            Opening::Existing | Opening::ExistingOrNew => Ok(()),
        },
        Err(error) => Err(StoreError::file(path, &error)),
    }
}

/// The true reason why a file cannot be opened. SQLite only says that it cannot, or may only read.
pub(super) fn explain(path: &Path, error: StoreError) -> StoreError {
    if !error.is_unavailable() {
        return error;
    }
    let [log, index] = LOG_SUFFIXES.map(|suffix| log_path(path, suffix));
    let files = [directory_of(path).to_owned(), path.to_owned(), log, index];
    let refusal = files.iter().find_map(|path| {
        let errno = rustix::fs::access(path, Access::READ_OK | Access::WRITE_OK).err()?;
        let refused = errno == rustix::io::Errno::ACCESS || errno == rustix::io::Errno::ROFS;
        refused.then(|| StoreError::file(path, &errno.into()))
    });
    refusal.unwrap_or(error)
}

/// Whether the log stays as it is when this connection is the last one that is closed. Otherwise SQLite copies it into the file.
pub(super) fn leave_log(conn: &Connection, on: bool) -> Result<(), StoreError> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on).map(drop).map_err(store_error)
}

/// What to do with a file that lacks its write-ahead log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MissingLog {
    /// Commits are missing that were acknowledged.
    Refused,
    /// For a restore that ends everything, because commits may be missing.
    Accepted,
}

/// Opens a connection to a file that may be a copy, or beside the log of another file. Such a file is refused, and left alone.
pub(super) fn connect_checked(
    file: &DatabaseFile,
    busy: Duration,
    missing_log: MissingLog,
) -> Result<Connection, StoreError> {
    let conn = connect(file.path(), busy)?;
    // A foreign log must not be copied into the file.
    leave_log(&conn, true)?;
    let mut looks = 0;
    while let Err(error) = require_whole(&conn, file, missing_log) {
        looks += 1;
        if looks == MAX_LOOKS {
            return Err(error);
        }
        // A server may have made a checkpoint between two steps of the look.
        std::thread::sleep(LOOK_AGAIN);
    }
    leave_log(&conn, false)?;
    Ok(conn)
}

fn require_whole(conn: &Connection, file: &DatabaseFile, missing_log: MissingLog) -> Result<(), StoreError> {
    let on_disk = file.header();
    let has_log = file.has_log();
    let (seen, id) = (Mark::read(conn)?, application_id(conn)?);
    let why = match on_disk {
        Some(header) if header.application_id != 0 && header.application_id != id => {
            "the write-ahead log beside it belongs to another database"
        }
        Some(header) if !seen.continues(header.mark) => "the write-ahead log beside it is of another time",
        Some(_) if seen.needs_log() && !has_log && missing_log == MissingLog::Refused => {
            "a server was using it, and its write-ahead log is missing"
        }
        Some(_) | None => return Ok(()),
    };
    Err(StoreError::Incomplete { path: file.path().display().to_string(), why })
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
    // Otherwise SQLite parses and plans some statements anew for each value that a partial index could be for.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(store_error)?;
    conn.set_prepared_statement_cache_capacity(sql::all().count() + 8);
    Ok(())
}

/// Opens a connection that only reads.
pub(super) fn connect_reader(path: &Path) -> Result<Connection, StoreError> {
    let conn = connect(path, BUSY_WAIT)?;
    leave_log(&conn, true)?;
    configure(&conn)?;
    conn.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -4096;").map_err(store_error)?;
    Ok(conn)
}
