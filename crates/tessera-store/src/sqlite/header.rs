//! The header of a SQLite file, as far as it tells which file it is and whether it is whole.
//!
//! Two of its numbers are ours. `application_id` comes from the id of the installation. `user_version` is a [`Mark`]: it counts
//! the checkpoints of servers, and says whether commits are in the write-ahead log alone.
//!
//! A server writes the mark twice at each checkpoint: "needs its log" before the log is copied into the file, "whole" as the first
//! commit after that. So the file says "needs its log", and who reads through the log sees "whole". A file that was copied without
//! its log says what it lacks. Whatever program copies the log into the file makes the file whole by that.

use rusqlite::Connection;

use super::error::store_error;
use crate::StoreError;

/// Bytes of the header.
pub(super) const HEADER_LEN: usize = 100;

const MAGIC: &[u8] = b"SQLite format 3\0";
/// The mark is a positive 32-bit number, and its lowest bit says whether the log is needed.
const CHECKPOINTS: u32 = 1 << 30;

/// What the header of a file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// The length that the file must have at least, in bytes.
    pub(super) len: u64,
    pub(super) application_id: i32,
    pub(super) mark: Mark,
}

/// The mark of the last checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    checkpoint: u32,
    needs_log: bool,
}

impl Header {
    /// Reads a header. `None` if it is not that of a SQLite file.
    pub(super) fn parse(bytes: &[u8; HEADER_LEN]) -> Option<Self> {
        let word = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
        if !bytes.starts_with(MAGIC) {
            return None;
        }
        let page_size = match u16::from_be_bytes([bytes[16], bytes[17]]) {
            1 => 65_536,
            size => u64::from(size),
        };
        // The number of pages counts if the program that changed the file last has written it (file format, section 1.3.7).
        let pages = if word(24)? == word(92)? { word(28)? } else { 0 };
        Some(Self {
            len: u64::from(pages) * page_size,
            application_id: word(68)?.cast_signed(),
            mark: Mark::from_user_version(word(60)?.cast_signed()),
        })
    }
}

impl Mark {
    /// The mark in the database as it is seen through the write-ahead log.
    pub(super) fn read(conn: &Connection) -> Result<Self, StoreError> {
        number(conn, "PRAGMA user_version").map(Self::from_user_version)
    }

    /// Writes the mark in a transaction of its own.
    pub(super) fn write(self, conn: &Connection) -> Result<(), StoreError> {
        conn.execute_batch(&format!("BEGIN IMMEDIATE; {}; COMMIT", self.statement()))
            .map_err(store_error)
            .inspect_err(|_| drop(conn.execute_batch("ROLLBACK")))
    }

    /// The statement that writes the mark.
    pub(super) fn statement(self) -> String {
        let needs_log = u32::from(self.needs_log);
        let version = ((self.checkpoint % CHECKPOINTS) << 1 | needs_log).cast_signed();
        format!("PRAGMA user_version = {version}")
    }

    fn from_user_version(version: i32) -> Self {
        let bits = version.cast_unsigned();
        Self { checkpoint: bits >> 1 & (CHECKPOINTS - 1), needs_log: bits & 1 == 1 }
    }

    /// The mark of the next checkpoint, before it.
    pub(super) const fn next(self) -> Self {
        Self { checkpoint: (self.checkpoint + 1) % CHECKPOINTS, needs_log: true }
    }

    /// The same checkpoint, with every commit before it in the file.
    pub(super) const fn whole(self) -> Self {
        Self { checkpoint: self.checkpoint, needs_log: false }
    }

    /// Whether commits are in the write-ahead log alone.
    pub(super) const fn needs_log(self) -> bool {
        self.needs_log
    }

    /// Whether a log that ends with `self` belongs to a file with this mark.
    pub(super) fn continues(self, file: Self) -> bool {
        self.checkpoint == file.checkpoint || self.checkpoint == file.next().checkpoint
    }
}

/// The application id as it is seen through the write-ahead log.
pub(super) fn application_id(conn: &Connection) -> Result<i32, StoreError> {
    number(conn, "PRAGMA application_id")
}

/// The application id of an installation. Never 0, which is what a file of no installation has.
pub(super) fn id_in_header(installation: [u8; 16]) -> i32 {
    let [a, b, c, d, ..] = installation;
    i32::from_be_bytes([a, b, c, d | 1])
}

fn number(conn: &Connection, pragma: &str) -> Result<i32, StoreError> {
    conn.query_row(pragma, [], |row| row.get(0)).map_err(store_error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_counts_checkpoints_and_reads_back() {
        let conn = Connection::open_in_memory().unwrap();
        let mut mark = Mark::read(&conn).unwrap();
        assert!(!mark.needs_log(), "a new file is whole: {mark:?}");
        for _ in 0..3 {
            let next = mark.next();
            assert!(next.needs_log() && next.continues(mark) && !mark.continues(next), "{mark:?} {next:?}");
            next.write(&conn).unwrap();
            assert_eq!(Mark::read(&conn).unwrap(), next);
            next.whole().write(&conn).unwrap();
            mark = Mark::read(&conn).unwrap();
            assert_eq!(mark, next.whole());
        }
        assert!(!mark.next().next().continues(mark));
        let last = Mark { checkpoint: CHECKPOINTS - 1, needs_log: false };
        last.write(&conn).unwrap();
        assert_eq!(Mark::read(&conn).unwrap(), last);
        assert!(last.next().continues(last) && last.next().checkpoint == 0);
    }

    #[test]
    fn the_header_says_length_and_marks() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("x.db");
        let conn = Connection::open(&path).unwrap();
        conn.execute_batch("CREATE TABLE x (y); PRAGMA application_id = -5; PRAGMA user_version = 7")
            .unwrap();
        drop(conn);
        let bytes = std::fs::read(&path).unwrap();
        let header = Header::parse(bytes[..HEADER_LEN].try_into().unwrap()).unwrap();
        let mark = Mark { checkpoint: 3, needs_log: true };
        assert_eq!(header, Header { len: bytes.len() as u64, application_id: -5, mark });
        assert_eq!(Header::parse(&[0; HEADER_LEN]), None);
    }
}
