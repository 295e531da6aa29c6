//! The one writer, with group commit (docs/adr/0002-group-commit.md), and what it checks before it acknowledges (docs/adr/0017-a-sqlite-file-says-what-it-lacks.md).
//!
//! The first member of a batch begins the SQLite transaction and puts a commit task into the writer's queue. The queue is fair, so
//! every member that waited before the task works first, each after the first in a savepoint of its own. Then the task commits
//! once, on a blocking thread, and all members learn the outcome. So a batch only grows while the disk is the bottleneck, and a
//! lone writer waits for nobody.
//!
//! No member gets `Ok` before the commit. No member gets an `Err` that depends on work of another member that was then lost. If
//! SQLite rolls the whole transaction back (disk full), every member of the batch gets `Unavailable`.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::sync::{OwnedMutexGuard, watch};
use tokio::time::Instant;

use super::checkpoint::{self, Checkpoints};
use super::database_file::DatabaseFile;
use super::error::{is_busy, store_error};
use super::file::{BUSY_WAIT, leave_log};
use super::header::Mark;
use super::statement;
use crate::StoreError;
use crate::row::Row;
use crate::sql::Statement;
use crate::value::Param;

/// The longest that a writer waits for its turn.
const TURN_WAIT: Duration = Duration::from_secs(2);
/// How often a busy file is tried again.
const BUSY_RETRY: Duration = Duration::from_millis(5);

type Outcome = watch::Receiver<Option<Result<(), StoreError>>>;

/// The writing connection and the batch that is open on it. The connection is closed before the file: see [`DatabaseFile`].
pub(super) struct Writer {
    conn: Connection,
    file: Arc<DatabaseFile>,
    /// Only a server makes checkpoints. In other processes SQLite does.
    checkpoints: Option<Checkpoints>,
    batch: Option<Batch>,
    batches: u64,
}

struct Batch {
    number: u64,
    outcome: Outcome,
}

fn lost() -> StoreError {
    StoreError::Unavailable("SQLite rolled the transaction back".to_owned())
}

impl Writer {
    /// Wraps a connection without a transaction.
    pub(super) const fn new(conn: Connection, file: Arc<DatabaseFile>) -> Self {
        Self { conn, file, checkpoints: None, batch: None, batches: 0 }
    }

    /// Makes the checkpoints of a server from now on, the first one at once.
    pub(super) fn take_checkpoints_over(&mut self) -> Result<(), StoreError> {
        self.file.remember_mark(Mark::read(&self.conn)?);
        self.checkpoints.insert(Checkpoints::take_over(&mut self.conn)?).run(&self.conn, &self.file);
        self.file.check()
    }

    /// Copies the log back if it has anything.
    pub(super) fn tend_log(&mut self) {
        if let Some(checkpoints) = self.checkpoints.as_mut().filter(|checkpoints| checkpoints.has_any())
            && self.file.is_claimed()
            && self.file.check().is_ok()
        {
            checkpoints.run(&self.conn, &self.file);
        }
    }

    /// The last checkpoint of a server.
    pub(super) fn finish(&mut self) -> Result<(), StoreError> {
        self.file.check()?;
        checkpoint::finish(&self.conn)
    }

    /// Whether a batch is open and will be committed. A batch whose runtime has stopped is rolled back.
    fn has_batch(&mut self) -> bool {
        let Some(batch) = &self.batch else { return false };
        let orphaned = batch.outcome.has_changed().is_err();
        if orphaned || self.conn.is_autocommit() {
            self.discard();
        }
        self.batch.is_some()
    }

    /// Rolls the whole batch back. Its commit task notices that and tells the members.
    fn discard(&mut self) {
        self.batch = None;
        if !self.conn.is_autocommit()
            && let Err(error) = self.conn.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "rollback failed");
        }
    }

    /// Begins the SQLite transaction of a batch. Waits while another process holds the file.
    async fn begin_batch(&mut self, deadline: Instant) -> Result<(), StoreError> {
        loop {
            let begun = self.conn.prepare_cached("BEGIN IMMEDIATE").and_then(|mut s| s.execute([]));
            match begun {
                Ok(_) => return Ok(()),
                Err(error) if is_busy(&error) && Instant::now() < deadline => {
                    tokio::time::sleep(BUSY_RETRY).await;
                }
                Err(error) => return Err(store_error(error)),
            }
        }
    }

    /// Commits the batch.
    fn commit(&mut self, number: u64) -> Result<(), StoreError> {
        if self.batch.take_if(|batch| batch.number == number).is_none() || self.conn.is_autocommit() {
            return Err(lost());
        }
        self.conn.prepare_cached("COMMIT").and_then(|mut s| s.execute([])).map(drop).map_err(|error| {
            self.discard();
            store_error(error)
        })?;
        // A commit into a file that nobody finds again is none. If nobody can look, it may be one.
        self.file.check().map_err(|error| match self.file.require_found() {
            Ok(()) => StoreError::OutcomeUnknown(error.to_string()),
            Err(lost) => lost,
        })
    }

    /// Whether the log is so long that a checkpoint is due.
    fn is_log_long(&self) -> bool {
        self.file.is_claimed() && self.checkpoints.as_ref().is_some_and(Checkpoints::is_due)
    }

    fn step(&self, text: &str) -> Result<(), StoreError> {
        self.conn.prepare_cached(text).and_then(|mut s| s.execute([])).map(drop).map_err(store_error)
    }
}

impl Drop for Writer {
    /// The log of a file that somebody has replaced or written over must not be copied into what is there now.
    fn drop(&mut self) {
        if self.file.check().is_err()
            && let Err(error) = leave_log(&self.conn, true)
        {
            tracing::error!(%error, "the write-ahead log may be copied into a file that is not its own");
        }
    }
}

/// Waits for a turn. Begins a batch, or opens a savepoint in the one that is open.
pub(super) async fn begin(writer: &Arc<tokio::sync::Mutex<Writer>>) -> Result<OpenWrite, StoreError> {
    let busy_deadline = Instant::now() + BUSY_WAIT;
    let turn = tokio::time::timeout(TURN_WAIT, Arc::clone(writer).lock_owned()).await;
    let mut turn = turn.map_err(|_| StoreError::Unavailable("too many writers are waiting".to_owned()))?;
    turn.file.require_found()?;
    let first = !turn.has_batch();
    if first {
        turn.begin_batch(busy_deadline).await?;
        let (announce, outcome) = watch::channel(None);
        turn.batches += 1;
        let number = turn.batches;
        turn.batch = Some(Batch { number, outcome });
        tokio::spawn(commit_when_due(Arc::clone(writer), number, announce));
    } else {
        turn.step("SAVEPOINT member")?;
    }
    let tx = WriteTx { first, turn: Mutex::new(Some(turn)), failure: Mutex::new(None) };
    Ok(OpenWrite(Arc::new(tx)))
}

/// Waits for a turn at which no batch is open.
pub(super) async fn turn_between_batches(
    writer: &Arc<tokio::sync::Mutex<Writer>>,
) -> Result<OwnedMutexGuard<Writer>, StoreError> {
    let waiting = async {
        loop {
            let mut turn = Arc::clone(writer).lock_owned().await;
            if !turn.has_batch() {
                return turn;
            }
            // The task that commits the batch stands in the queue.
            drop(turn);
            tokio::task::yield_now().await;
        }
    };
    let turn = tokio::time::timeout(TURN_WAIT, waiting).await;
    turn.map_err(|_| StoreError::Unavailable("too many writers are waiting".to_owned()))
}

/// Queues behind every writer that is waiting now, commits, and tells the members.
async fn commit_when_due(
    writer: Arc<tokio::sync::Mutex<Writer>>,
    number: u64,
    announce: watch::Sender<Option<Result<(), StoreError>>>,
) {
    let mut turn = writer.lock_owned().await;
    if turn.batch.as_ref().is_none_or(|batch| batch.number != number) {
        announce.send_replace(Some(Err(lost())));
        return;
    }
    let commit = move || {
        let outcome = turn.commit(number);
        if turn.is_log_long() {
            // The members need not wait for the checkpoint, only the next batch.
            announce.send_replace(Some(outcome));
            turn.tend_log();
        } else {
            drop(turn); // the next batch can begin while these members wake up
            announce.send_replace(Some(outcome));
        }
    };
    if tokio::task::spawn_blocking(commit).await.is_err() {
        tracing::error!("a commit was cut short");
    }
}

async fn wait_for(mut outcome: Outcome) -> Result<(), StoreError> {
    let cut_short = || StoreError::Unavailable("the commit was cut short".to_owned());
    let answer = outcome.wait_for(Option::is_some).await.map_err(|_| cut_short())?;
    answer.clone().unwrap_or_else(|| Err(cut_short()))
}

/// A member's transaction. Dropping it rolls back its work.
pub(crate) struct OpenWrite(Arc<WriteTx>);

impl OpenWrite {
    /// The handle for the closure.
    pub(crate) fn handle(&self) -> Arc<WriteTx> {
        Arc::clone(&self.0)
    }

    /// Ends the member's work and waits until the batch is durable.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        let outcome = self.0.release()?;
        wait_for(outcome).await
    }

    /// Rolls back the member's work. Waits for the batch if the closure may have seen the work of others in it.
    pub(crate) async fn rollback(self) -> Result<(), StoreError> {
        match self.0.abandon()? {
            Some(outcome) => wait_for(outcome).await,
            None => Ok(()),
        }
    }
}

impl Drop for OpenWrite {
    fn drop(&mut self) {
        drop(self.0.abandon());
    }
}

/// A member's transaction as the closure sees it. It refuses statements once the closure has ended or a statement has failed.
pub(crate) struct WriteTx {
    /// Whether the batch has no work of others. Then the member needs no savepoint, and has seen nothing that may be lost.
    first: bool,
    turn: Mutex<Option<OwnedMutexGuard<Writer>>>,
    failure: Mutex<Option<StoreError>>,
}

impl WriteTx {
    /// The rows of a statement.
    pub(crate) fn rows(&self, sql: &'static Statement, params: &[Param<'_>]) -> Result<Vec<Row>, StoreError> {
        self.run(|conn| statement::rows(conn, sql, params))
    }

    /// The one row of a statement, if any.
    pub(crate) fn one_row(
        &self,
        sql: &'static Statement,
        params: &[Param<'_>],
    ) -> Result<Option<Row>, StoreError> {
        self.run(|conn| statement::one_row(conn, sql, params))
    }

    /// How many rows a statement changed.
    pub(crate) fn execute(&self, sql: &'static Statement, params: &[Param<'_>]) -> Result<u64, StoreError> {
        self.run(|conn| statement::execute(conn, sql, params))
    }

    fn run<T>(&self, work: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let slot = self.turn.lock();
        let turn = slot.as_ref().ok_or(StoreError::Misuse("a transaction handle outlived its closure"))?;
        if let Some(failure) = &*self.failure.lock() {
            return Err(failure.clone());
        }
        // After SQLite has rolled the transaction back, a statement would be committed on its own.
        let answer = if turn.conn.is_autocommit() { Err(lost()) } else { work(&turn.conn) };
        let answer = answer.map_err(|error| turn.file.explain(error));
        if let Err(error) = &answer {
            *self.failure.lock() = Some(error.clone());
        }
        answer
    }

    fn release(&self) -> Result<Outcome, StoreError> {
        if let Some(failure) = self.failure.lock().clone() {
            return Err(failure);
        }
        let mut slot = self.turn.lock();
        let turn = slot.as_mut().ok_or(StoreError::Misuse("a transaction ended twice"))?;
        if turn.conn.is_autocommit() {
            return Err(lost());
        }
        if !self.first {
            turn.step("RELEASE member")?;
        }
        let outcome = turn.batch.as_ref().ok_or_else(lost)?.outcome.clone();
        *slot = None;
        Ok(outcome)
    }

    /// Rolls back the member's work, unless that has happened already. Returns the outcome to wait for. An error if the member
    /// may have seen work of others that is lost now.
    fn abandon(&self) -> Result<Option<Outcome>, StoreError> {
        let Some(mut turn) = self.turn.lock().take() else { return Ok(None) };
        if self.first {
            turn.discard();
            return Ok(None);
        }
        let undone = !turn.conn.is_autocommit()
            && turn.step("ROLLBACK TO member").and_then(|()| turn.step("RELEASE member")).is_ok();
        if undone {
            return Ok(turn.batch.as_ref().map(|batch| batch.outcome.clone()));
        }
        turn.discard();
        Err(lost())
    }
}

#[cfg(test)]
impl Writer {
    /// Makes the disk look full beyond this number of pages.
    pub(super) fn limit_pages(&self, pages: u32) {
        self.conn.pragma_update(None, "max_page_count", pages).unwrap();
    }
}

#[cfg(test)]
impl WriteTx {
    /// Rolls back as SQLite does by itself when memory or disk run out within a statement.
    pub(super) fn rollback_all(&self) {
        self.turn.lock().as_ref().unwrap().conn.execute_batch("ROLLBACK").unwrap();
    }
}
