//! What an operator does with a database while the server does not run.

use std::sync::Arc;

use tessera_store::Location;

use crate::clock::TestClock;
use crate::database::{Backend, Database, location};
use crate::server::TestServer;

impl TestServer {
    /// Stops the server, lets somebody work on its database, or put another one into its place, and starts it again at the same
    /// address with the same clock. Returns what came of the work too.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn while_stopped<T, F>(mut self, work: impl FnOnce(Stopped) -> F) -> (Self, T)
    where
        F: Future<Output = (Stopped, T)>,
    {
        let address = self.issuer.replace("http://localhost", "127.0.0.1");
        drop(self.ending.take());
        (&mut self.serving).await.expect("a server that ends");
        let (config, clock) = (self.app.config().clone(), Arc::clone(&self.clock));
        let nowhere = Database::Elsewhere(String::new());
        let database = std::mem::replace(&mut self.database, nowhere);
        drop(self);
        let (stopped, outcome) = work(Stopped { database, clock }).await;
        let listener = tokio::net::TcpListener::bind(address).await.expect("the same port");
        let seed = (stopped.clock, 3);
        let started = Self::start_listening(stopped.database, listener, seed, |new| *new = config).await;
        (started, outcome)
    }
}

/// A server that does not run, as an operator finds it.
pub struct Stopped {
    pub(crate) database: Database,
    /// Its clock.
    pub clock: Arc<TestClock>,
}

impl Stopped {
    /// Where the database is.
    pub fn location(&self) -> Location {
        location(&self.database)
    }

    /// Puts an empty place for a database into the place of this one, which goes on to exist as long as the result.
    ///
    /// # Panics
    /// If there is none.
    pub async fn moved_aside(&mut self) -> OldDatabase {
        let empty = match &self.database {
            Database::Sqlite(_) => Database::new(Backend::Sqlite).await,
            Database::Postgres(_) | Database::Elsewhere(_) => Database::new(Backend::Postgres).await,
        };
        OldDatabase(std::mem::replace(&mut self.database, empty))
    }
}

/// A database that no server uses any more.
pub struct OldDatabase(Database);

impl OldDatabase {
    /// Where it is.
    pub fn location(&self) -> Location {
        location(&self.0)
    }
}
