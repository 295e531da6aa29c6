//! Where a database is.

use std::path::PathBuf;

/// The location of the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A SQLite file, which is the default.
    Sqlite {
        /// The database file. A new one is private (0600), and so is its directory (0700) if that is new.
        path: PathBuf,
    },
    /// A PostgreSQL server, which several instances of the issuer can share.
    Postgres {
        /// `postgres://user:password@host:port/database` or `key=value` form.
        url: String,
        /// Most connections of this process.
        max_connections: usize,
        /// CA certificates (PEM) that the server's certificate must chain to. If given, TLS is required.
        ca: Option<PathBuf>,
    },
}
