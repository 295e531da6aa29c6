//! Faults of the database that a test injects behind the server's back.

use std::time::Duration;

use crate::database::Database;
use crate::server::TestServer;

impl TestServer {
    /// Renames a table, on either database. Every statement that names it then fails.
    ///
    /// # Panics
    /// If there is no such table.
    pub async fn rename_table(&self, from: &str, to: &str) {
        let statement = format!("ALTER TABLE {from} RENAME TO {to}");
        match &self.database {
            Database::Postgres(_) | Database::Elsewhere(_) => self.sql(&statement),
            Database::Sqlite(dir) => {
                let file = dir.path().join("tessera.db");
                // The server commits meanwhile.
                let renamed = tokio::task::spawn_blocking(move || {
                    let connection = rusqlite::Connection::open(file)?;
                    connection.busy_timeout(Duration::from_secs(10))?;
                    connection.execute_batch(&statement)
                });
                renamed.await.expect("a task").expect("a table");
            }
        }
    }
}
