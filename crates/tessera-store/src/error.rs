//! Errors of the store.

use std::path::Path;

/// Why the store failed.
///
/// The texts are for operators and logs. They may name tables and files, but never values of rows (invariant I7).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The database is down, full, busy for too long, or too slow. Nothing was acknowledged. A retry may succeed without a
    /// restart (policy P5).
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The database went away while it committed, and did not come back in time to say whether it did (`docs/adr/0018`).
    #[error("the database went away and may have made the change or not: {0}")]
    OutcomeUnknown(String),
    /// The write violates a constraint: a key is taken, or a row refers to one that does not exist any more.
    #[error("the write contradicts what is stored")]
    Conflict,
    /// The file or a row cannot be read, or the tables are not the ones this version knows.
    #[error("the database cannot be read: {0}")]
    Corrupt(String),
    /// A newer version of the program has migrated the database. Going back needs a backup from before.
    #[error(
        "the database has schema version {found}, this program knows up to {known}: use the newer program"
    )]
    NewerSchema {
        /// Version in the database.
        found: i64,
        /// Newest version this program can make.
        known: i64,
    },
    /// The database has tables of another program.
    #[error("the database belongs to another program: {0}")]
    Foreign(String),
    /// The path or URL cannot be used as it is.
    #[error("the database location cannot be used: {0}")]
    Location(String),
    /// There is no database, or an empty one.
    #[error("{0}: there is no database")]
    NotInitialised(String),
    /// A new database was to be made, and there is one.
    #[error("{0}: there is a database already")]
    AlreadyInitialised(String),
    /// The SQLite file lacks commits that were in its write-ahead log.
    #[error("{path}: the database is not whole: {why}")]
    Incomplete {
        /// The file.
        path: String,
        /// What shows that.
        why: &'static str,
    },
    /// A file of the database cannot be opened.
    #[error("{path}: {reason}")]
    File {
        /// The file.
        path: String,
        /// What kind of error it is.
        kind: std::io::ErrorKind,
        /// What the operating system says.
        reason: String,
    },
    /// Another server process serves from this SQLite file.
    #[error("another server is already running on {0}")]
    AlreadyServed(String),
    /// A bug in the program: for example, a handle was used after its closure had ended, a read tried to write, or settings would
    /// not read back as they were meant.
    #[error("the store was used wrongly: {0}")]
    Misuse(&'static str),
}

impl StoreError {
    /// The error for a file of the database that cannot be opened.
    pub(crate) fn file(path: &Path, error: &std::io::Error) -> Self {
        Self::File { path: path.display().to_string(), kind: error.kind(), reason: error.to_string() }
    }

    /// Whether a retry may succeed. The HTTP answer is then 503 with `Retry-After`.
    pub const fn is_unavailable(&self) -> bool {
        match self {
            Self::Unavailable(_) | Self::OutcomeUnknown(_) => true,
            Self::Conflict
            | Self::Corrupt(_)
            | Self::NewerSchema { .. }
            | Self::Foreign(_)
            | Self::Location(_)
            | Self::NotInitialised(_)
            | Self::AlreadyInitialised(_)
            | Self::Incomplete { .. }
            | Self::File { .. }
            | Self::AlreadyServed(_)
            | Self::Misuse(_) => false,
        }
    }
}
