//! SQLite: WAL, `synchronous=FULL`, one writer with group commit, and readers on the calling thread.
//!
//! A point read takes about 10 microseconds, which is less than a switch to another thread. Lists of unknown length are read on
//! the blocking threads. Every read statement sees the newest committed state.

mod error;
mod file;
mod migrate;
mod sole;
mod statement;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::sync::Semaphore;

pub(crate) use sole::Sole;
pub(crate) use writer::{OpenWrite, WriteTx};

use self::error::store_error;
use self::writer::Writer;
use crate::StoreError;
use crate::row::Row;
use crate::sql::Statement;
use crate::value::{Cell, Param};

/// The longest that opening waits for a process that is migrating the file.
const OPEN_WAIT: Duration = Duration::from_secs(5);
/// Most list reads at the same time. Further ones queue.
const MAX_SCANS: usize = 4;

/// An open SQLite file.
pub(crate) struct Sqlite {
    path: PathBuf,
    readers: Mutex<Vec<Connection>>,
    scans: Arc<Semaphore>,
    writer: Arc<tokio::sync::Mutex<Writer>>,
}

impl Sqlite {
    /// Opens or creates the file and migrates its schema. It blocks, so call it on a blocking thread.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        file::create_private(path)?;
        let mut conn = file::connect(path, OPEN_WAIT)?;
        migrate::check_ours(&conn)?;
        file::configure(&conn)?;
        migrate::run(&mut conn)?;
        statement::prepare_all(&conn)?;
        conn.busy_timeout(Duration::ZERO).map_err(store_error)?;
        Ok(Self {
            path: path.to_owned(),
            readers: Mutex::new(Vec::new()),
            scans: Arc::new(Semaphore::new(MAX_SCANS)),
            writer: Arc::new(tokio::sync::Mutex::new(Writer::new(conn))),
        })
    }

    /// The path of the file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Starts a transaction in the current batch.
    pub(crate) async fn begin(&self) -> Result<OpenWrite, StoreError> {
        writer::begin(&self.writer).await
    }

    /// Reads at most a handful of rows, on this thread.
    pub(crate) fn read(&self, sql: &'static Statement, params: &[Param<'_>]) -> Result<Vec<Row>, StoreError> {
        self.with_reader(|conn| statement::rows(conn, sql, params))
    }

    /// Reads at most one row, on this thread.
    pub(crate) fn read_one(
        &self,
        sql: &'static Statement,
        params: &[Param<'_>],
    ) -> Result<Option<Row>, StoreError> {
        self.with_reader(|conn| statement::one_row(conn, sql, params))
    }

    /// Reads any number of rows, on a blocking thread.
    pub(crate) async fn scan(
        self: &Arc<Self>,
        sql: &'static Statement,
        params: &[Param<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        let turn =
            Arc::clone(&self.scans).acquire_owned().await.map_err(|_| StoreError::Misuse("store closed"))?;
        let (this, cells) = (Arc::clone(self), params.iter().map(|p| p.to_cell()).collect::<Vec<_>>());
        let scan = move || {
            let _turn = turn;
            let params: Vec<_> = cells.iter().map(Cell::as_param).collect();
            this.read(sql, &params)
        };
        tokio::task::spawn_blocking(scan)
            .await
            .map_err(|_| StoreError::Unavailable("a read was cut short".into()))?
    }

    /// Lends a read connection. After an error it is closed, so that the next read gets a new one.
    fn with_reader<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let pooled = self.readers.lock().pop();
        let conn = match pooled {
            Some(conn) => conn,
            None => file::connect_reader(&self.path)?,
        };
        let answer = read(&conn)?;
        self.readers.lock().push(conn);
        Ok(answer)
    }
}

#[cfg(test)]
mod tests;
