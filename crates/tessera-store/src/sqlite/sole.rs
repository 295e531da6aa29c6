//! A connection that one backup or restore has for itself, with one transaction.

use std::path::Path;
use std::time::Duration;

use parking_lot::Mutex;
use rusqlite::{Connection, OpenFlags, params_from_iter};

use super::database_file::DatabaseFile;
use super::error::store_error;
use super::file::MissingLog;
use super::header::Mark;
use super::{file, migrate, statement};
use crate::StoreError;
use crate::migrate::Opening;
use crate::value::{Cell, Param};

/// The longest wait for a command that holds the file.
const BUSY_WAIT: Duration = Duration::from_secs(5);

/// The connection. Dropping it rolls back.
pub(crate) struct Sole(Mutex<Connection>);

impl Sole {
    /// Reads a file in one transaction, beside a server that works on it.
    pub(crate) fn snapshot(path: &Path) -> Result<Self, StoreError> {
        Self::begin(file::connect_reader(path)?, "BEGIN")
    }

    /// Reads a file that nobody works on, and leaves it as it is.
    pub(crate) fn read_only(path: &Path) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(path, flags).map_err(store_error)?;
        migrate::check_ours(&conn, Opening::Existing, path)?;
        Self::begin(conn, "BEGIN")
    }

    /// Fills a new file, which is empty. It gets no write-ahead log, so that it is whole by itself.
    pub(crate) fn fill(path: &Path) -> Result<Self, StoreError> {
        let conn = file::connect(path, BUSY_WAIT)?;
        let settings = "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF";
        conn.execute_batch(settings).map_err(store_error)?;
        Self::begin(conn, "BEGIN IMMEDIATE")
    }

    /// Changes an existing file, which may lack its write-ahead log. It counts as whole after that.
    pub(crate) fn change(file: &DatabaseFile) -> Result<Self, StoreError> {
        let conn = file::connect_checked(file, BUSY_WAIT, MissingLog::Accepted)?;
        migrate::check_ours(&conn, Opening::Existing, file.path())?;
        file::configure(&conn)?;
        let mark = Mark::read(&conn)?;
        let this = Self::begin(conn, "BEGIN IMMEDIATE")?;
        this.batch(&mark.whole().statement())?;
        Ok(this)
    }

    fn begin(conn: Connection, begin: &str) -> Result<Self, StoreError> {
        conn.execute_batch(begin).map_err(store_error)?;
        Ok(Self(Mutex::new(conn)))
    }

    /// Runs statements without values.
    pub(crate) fn batch(&self, text: &str) -> Result<(), StoreError> {
        self.0.lock().execute_batch(text).map_err(store_error)
    }

    /// The rows of a statement.
    pub(crate) fn rows(&self, text: &str, params: &[Param<'_>]) -> Result<Vec<Vec<Cell>>, StoreError> {
        let conn = self.0.lock();
        let mut statement = conn.prepare_cached(text).map_err(store_error)?;
        let columns = statement.column_count();
        let mut found = statement.query(params_from_iter(params)).map_err(store_error)?;
        let mut rows = Vec::new();
        while let Some(row) = found.next().map_err(store_error)? {
            let cell = |index| {
                let value = row.get_ref(index).map_err(store_error)?;
                statement::cell(value)
                    .map_err(|what| StoreError::Corrupt(format!("column {index} is {what}")))
            };
            rows.push((0..columns).map(cell).collect::<Result<_, _>>()?);
        }
        Ok(rows)
    }

    /// How many rows a statement changed.
    pub(crate) fn execute(&self, text: &str, params: &[Param<'_>]) -> Result<u64, StoreError> {
        let conn = self.0.lock();
        let changed = conn.prepare_cached(text).and_then(|mut s| s.execute(params_from_iter(params)));
        Ok(changed.map_err(store_error)?.try_into().unwrap_or(u64::MAX))
    }

    /// Commits, and closes the file.
    pub(crate) fn commit(self) -> Result<(), StoreError> {
        let conn = self.0.into_inner();
        conn.execute_batch("COMMIT").map_err(store_error)?;
        conn.close().map_err(|(_, error)| store_error(error))
    }
}
