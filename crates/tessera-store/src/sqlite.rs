//! SQLite: WAL, `synchronous=FULL`, one writer with group commit, and readers on the calling thread.
//!
//! A point read takes about 10 microseconds, which is less than a switch to another thread. Lists of unknown length are read on
//! the blocking threads. Every read statement sees the newest committed state.

mod checkpoint;
mod database_file;
mod error;
mod file;
mod header;
mod migrate;
mod sole;
mod statement;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::sync::Semaphore;

pub(crate) use database_file::DatabaseFile;
pub(crate) use sole::Sole;
pub(crate) use writer::{OpenWrite, WriteTx};

use self::error::store_error;
use self::file::MissingLog;
use self::writer::Writer;
use crate::StoreError;
use crate::migrate::Opening;
use crate::row::Row;
use crate::sql::Statement;
use crate::value::{Cell, Param};

/// The longest that opening waits for a process that is migrating the file.
const OPEN_WAIT: Duration = Duration::from_secs(5);
/// Most list reads at the same time. Further ones queue.
const MAX_SCANS: usize = 4;

/// An open SQLite file. The connections are closed before the file: see [`DatabaseFile`].
pub(crate) struct Sqlite {
    readers: Mutex<Vec<Connection>>,
    scans: Arc<Semaphore>,
    writer: Arc<tokio::sync::Mutex<Writer>>,
    file: Arc<DatabaseFile>,
}

impl Sqlite {
    /// Opens or creates the file and migrates its schema. It blocks, so call it on a blocking thread.
    pub(crate) fn open(path: &Path, opening: Opening) -> Result<Self, StoreError> {
        file::create_private(path, opening)?;
        let file = Arc::new(DatabaseFile::open(path)?);
        let conn = Self::open_writer(&file, opening).map_err(|error| file::explain(file.path(), error))?;
        Ok(Self {
            readers: Mutex::new(Vec::new()),
            scans: Arc::new(Semaphore::new(MAX_SCANS)),
            writer: Arc::new(tokio::sync::Mutex::new(Writer::new(conn, Arc::clone(&file)))),
            file,
        })
    }

    fn open_writer(file: &DatabaseFile, opening: Opening) -> Result<Connection, StoreError> {
        let mut conn = file::connect_checked(file, OPEN_WAIT, MissingLog::Refused)?;
        migrate::check_ours(&conn, opening, file.path())?;
        file::configure(&conn)?;
        migrate::run(&mut conn)?;
        statement::prepare_all(&conn)?;
        checkpoint::adopt(&conn, file)?;
        conn.busy_timeout(Duration::ZERO).map_err(store_error)?;
        Ok(conn)
    }

    /// The path of the file.
    pub(crate) fn path(&self) -> &Path {
        self.file.path()
    }

    /// Claims the file for a server, which from now on makes the checkpoints.
    pub(crate) async fn claim(&self) -> Result<(), StoreError> {
        self.file.lock()?;
        let taken = self.between_batches(Writer::take_checkpoints_over).await.and_then(|outcome| outcome);
        taken.inspect_err(|_| self.unlock())
    }

    /// Copies the write-ahead log back if anything is in it and this is a server.
    pub(crate) async fn tend_log(&self) -> Result<(), StoreError> {
        self.between_batches(Writer::tend_log).await
    }

    /// The last checkpoint of a server.
    pub(crate) async fn finish(&self) -> Result<(), StoreError> {
        self.between_batches(Writer::finish).await?
    }

    /// Gives the lock of the server back.
    pub(crate) fn unlock(&self) {
        self.file.unlock();
    }

    /// Checks that this is still the file that was opened.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        self.file.check()
    }

    /// Fails if an earlier check has found another file.
    pub(crate) fn require_found(&self) -> Result<(), StoreError> {
        self.file.require_found()
    }

    /// Uses the writing connection on a blocking thread while it has no transaction.
    async fn between_batches<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Writer) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let mut turn = writer::turn_between_batches(&self.writer).await?;
        let worked = tokio::task::spawn_blocking(move || work(&mut turn)).await;
        worked.map_err(|_| StoreError::Unavailable("a checkpoint was cut short".to_owned()))
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
        let conn = if let Some(conn) = pooled {
            conn
        } else {
            let conn = file::connect_reader(self.file.path())?;
            // The path may lead to another file by now.
            self.file.check()?;
            conn
        };
        let answer = read(&conn).map_err(|error| self.file.explain(error))?;
        self.readers.lock().push(conn);
        Ok(answer)
    }
}

#[cfg(test)]
mod tests;
