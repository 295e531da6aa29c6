//! The database of one test server.

use tessera_store::Location;

use crate::postgres::{TestDatabase, TestPostgres};

/// The database that a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// A file in a temporary folder.
    Sqlite,
    /// A database of its own in a throw-away cluster.
    Postgres,
}

/// Where a server of a test keeps its data.
pub(crate) enum Database {
    Sqlite(tempfile::TempDir),
    Postgres(TestDatabase),
    Elsewhere(String),
}

impl Database {
    /// An empty one.
    pub(crate) async fn new(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => Self::Sqlite(tempfile::tempdir().expect("a temporary folder")),
            Backend::Postgres => {
                let created = tokio::task::spawn_blocking(|| TestPostgres::shared().database());
                Self::Postgres(created.await.expect("a database"))
            }
        }
    }
}

/// Where it is.
pub(crate) fn location(database: &Database) -> Location {
    match database {
        Database::Sqlite(dir) => Location::Sqlite { path: dir.path().join("tessera.db") },
        Database::Postgres(database) => postgres(database.url()),
        Database::Elsewhere(url) => postgres(url.clone()),
    }
}

fn postgres(url: String) -> Location {
    Location::Postgres { url, max_connections: 8, ca: None }
}
