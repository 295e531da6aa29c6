//! How a server copies the write-ahead log back into the file, so that the log stays short and the file says what it lacks
//! ([`super::header`]).

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rusqlite::Connection;
use tokio::time::Instant;

use super::database_file::DatabaseFile;
use super::error::store_error;
use super::file::BUSY_WAIT;
use super::header::{Mark, application_id, id_in_header};
use crate::StoreError;

/// A log of so many pages is copied back, or of fewer while that takes long: writers wait for it. A page has 4 KiB.
const PAGES: RangeInclusive<u32> = 100..=1_000;
/// How long copying should take beside what the disk takes for as many commits.
const COPYING: Duration = Duration::from_millis(3);
const COMMITS: u32 = 4;
/// A log of so many pages (64 MiB) is an alarm: somebody reads an old state and does not end.
const ALARM_PAGES: u32 = 16_384;

/// The checkpoints of a server.
pub(super) struct Checkpoints {
    /// Pages in the log after the last commit.
    pages: Arc<AtomicU32>,
    /// The log is copied back when it has so many.
    due_at: u32,
    pace: Pace,
    alarmed: bool,
}

/// How long the log grows. Commits that touch pages all over the file, such as those of a purge, take long to copy.
struct Pace(u32);

impl Pace {
    /// Copying took so long, and a commit so long on this disk.
    fn adapt(&mut self, copying: Duration, commit: Duration) {
        let target = COPYING + commit * COMMITS;
        let pages = if copying > target {
            self.0 / 2
        } else if copying < target / 2 {
            self.0.saturating_mul(2)
        } else {
            self.0
        };
        self.0 = pages.clamp(*PAGES.start(), *PAGES.end());
    }
}

impl Checkpoints {
    /// Takes the checkpoints of this connection over from SQLite.
    pub(super) fn take_over(conn: &mut Connection) -> Result<Self, StoreError> {
        let pages = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&pages);
        conn.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, pages: std::ffi::c_int| {
            counter.store(pages.try_into().unwrap_or(0), Ordering::Relaxed);
            Ok(())
        }))
        .map_err(store_error)?;
        Ok(Self { pages, due_at: *PAGES.end(), pace: Pace(*PAGES.end()), alarmed: false })
    }

    /// Whether the log is so long that it should be copied back now.
    pub(super) fn is_due(&self) -> bool {
        self.pages() >= self.due_at
    }

    /// Whether there is anything to copy beside the mark of the last checkpoint.
    pub(super) fn has_any(&self) -> bool {
        self.pages() > 1
    }

    fn pages(&self) -> u32 {
        self.pages.load(Ordering::Relaxed)
    }

    /// Copies the log back and marks the file. Call it between transactions. A failure is logged: the next call tries again, and
    /// no commit depends on it.
    pub(super) fn run(&mut self, conn: &Connection, file: &DatabaseFile) {
        let long = self.pages();
        match patiently(conn, || copy_and_mark(conn, file, &mut self.pace)) {
            Ok(true) => {
                // The log begins anew with the next commit that no reader keeps from it.
                self.due_at = self.pages().saturating_add(self.pace.0);
                if std::mem::take(&mut self.alarmed) {
                    tracing::info!("the write-ahead log of the database is short again");
                }
            }
            Ok(false) => self.starved(long),
            Err(error) => {
                tracing::warn!(%error, "the write-ahead log was not copied back into the database");
                self.starved(long);
            }
        }
    }

    fn starved(&mut self, pages: u32) {
        self.due_at = pages.saturating_add(*PAGES.end());
        if pages >= ALARM_PAGES && !std::mem::replace(&mut self.alarmed, true) {
            tracing::error!(
                mebibytes = pages / 256,
                "ALARM: the write-ahead log of the database grows, because another program reads an old state of it and does not end; find it with `fuser -v tessera.db`"
            );
        }
    }
}

/// Makes a file known by its header, and remembers what it is. Every commit that the log has is seen by now.
pub(super) fn adopt(conn: &Connection, file: &DatabaseFile) -> Result<(), StoreError> {
    let id = conn.query_row("SELECT id FROM installation", [], |row| row.get(0)).map_err(store_error)?;
    let id = id_in_header(id);
    match application_id(conn)? {
        0 => {
            conn.pragma_update(None, "application_id", id).map_err(store_error)?;
            copy(conn)?;
        }
        same if same == id => {}
        _ => return Err(StoreError::Corrupt("its header names another installation".to_owned())),
    }
    let mark = Mark::read(conn)?;
    if mark.needs_log() {
        mark.whole().write(conn)?;
    }
    file.remember_installation(id);
    file.remember_logs()
}

/// The last checkpoint of a server that stops. The file then needs no log.
pub(super) fn finish(conn: &Connection) -> Result<(), StoreError> {
    patiently(conn, || {
        let mark = Mark::read(conn)?;
        if mark.needs_log() {
            mark.whole().write(conn)?;
        }
        if checkpoint(conn, "PRAGMA wal_checkpoint(TRUNCATE)")? {
            Ok(())
        } else {
            Err(StoreError::Unavailable("another program reads an old state of the database".to_owned()))
        }
    })
}

/// Copies the log back once, as far as readers allow; `false` if something is left.
fn copy(conn: &Connection) -> Result<bool, StoreError> {
    checkpoint(conn, "PRAGMA wal_checkpoint(PASSIVE)")
}

/// Copies the log back with the mark of a new checkpoint, and makes the new mark the first commit of the new log.
fn copy_and_mark(conn: &Connection, file: &DatabaseFile, pace: &mut Pace) -> Result<bool, StoreError> {
    let begun = Instant::now();
    // Nearly everything is copied before the file says that it needs its log.
    if !copy(conn)? {
        return Ok(false);
    }
    let (copying, begun) = (begun.elapsed(), Instant::now());
    let next = Mark::read(conn)?.next();
    file.remember_mark(next);
    next.write(conn)?;
    pace.adapt(copying, begun.elapsed());
    let whole = copy(conn)?;
    next.whole().write(conn)?;
    Ok(whole)
}

/// Lets a command of another process finish its commit first.
fn patiently<T>(conn: &Connection, work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    conn.busy_timeout(BUSY_WAIT).map_err(store_error)?;
    let outcome = work();
    conn.busy_timeout(std::time::Duration::ZERO).map_err(store_error)?;
    outcome
}

/// Whether a checkpoint copied all of the log.
fn checkpoint(conn: &Connection, pragma: &str) -> Result<bool, StoreError> {
    let (busy, log, copied): (i64, i64, i64) =
        conn.query_row(pragma, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).map_err(store_error)?;
    Ok(busy == 0 && log == copied)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_takes_long_to_copy_is_copied_more_often_and_a_slow_disk_is_no_reason() {
        let after = |times: &[(u64, u64)]| {
            let mut pace = Pace(*PAGES.end());
            for (copying, commit) in times {
                pace.adapt(Duration::from_millis(*copying), Duration::from_millis(*commit));
            }
            pace.0
        };
        assert_eq!(after(&[(16, 1)]), 500);
        assert_eq!(after(&[(16, 1), (9, 1), (5, 1)]), 250, "fast enough");
        assert_eq!(after(&[(16, 1); 9]), 100);
        assert_eq!(after(&[(16, 1), (9, 1), (1, 1), (1, 1), (1, 1)]), 1_000);
        assert_eq!(after(&[(30, 10)]), 1_000);
    }
}
