//! The store: open, read, write, claim, on either engine.

use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use crate::backup::Snapshot;
use crate::claim::ServerClaim;
use crate::ended::Ended;
use crate::location::Location;
use crate::postgres::{self, Postgres};
use crate::sole::Sole;
use crate::sqlite::{self, Sqlite};
use crate::tx::{Backend, Tx};
use crate::{StoreError, claim};

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store(Engine);

#[derive(Clone)]
enum Engine {
    Sqlite(Arc<Sqlite>),
    Postgres(Arc<Postgres>),
}

/// An open transaction. Dropping it rolls it back.
enum OpenWrite {
    Sqlite(sqlite::OpenWrite),
    Postgres(Arc<Postgres>, postgres::OpenWrite),
}

/// How often a transaction that lost against another one is retried.
const MAX_RETRIES: u32 = 5;

impl Store {
    /// Opens the database, creates or migrates its tables, and checks every statement against them.
    ///
    /// # Errors
    /// [`StoreError::NewerSchema`] and [`StoreError::Foreign`] for a database that this program must not touch,
    /// [`StoreError::Corrupt`] for one that cannot be read, [`StoreError::Location`] for a path or URL that cannot be used,
    /// [`StoreError::Unavailable`] when it cannot be reached.
    pub async fn open(location: &Location) -> Result<Self, StoreError> {
        match location {
            Location::Sqlite { path } => {
                let path = path.clone();
                let opened = tokio::task::spawn_blocking(move || Sqlite::open(&path)).await;
                let opened =
                    opened.map_err(|_| StoreError::Unavailable("opening was cut short".to_owned()))??;
                Ok(Self(Engine::Sqlite(Arc::new(opened))))
            }
            Location::Postgres { url, max_connections, ca } => {
                let opened = Postgres::open(url, *max_connections, ca.as_deref()).await?;
                Ok(Self(Engine::Postgres(Arc::new(opened))))
            }
        }
    }

    /// Runs a closure that only reads. Each statement sees the newest committed state, so two statements may see different states.
    ///
    /// # Errors
    /// What the closure says, or that the database is unavailable.
    pub async fn read<T, E, F, Fut>(&self, f: F) -> Result<T, E>
    where
        F: Fn(Tx) -> Fut,
        Fut: Future<Output = Result<T, E>>,
        E: From<StoreError>,
    {
        match &self.0 {
            Engine::Sqlite(sqlite) => f(Tx(Backend::SqliteRead(Arc::clone(sqlite)))).await,
            Engine::Postgres(postgres) => {
                let lease = Box::pin(postgres.lease_for_reading()).await?;
                f(Tx(Backend::Postgres(lease.handle()))).await
            }
        }
    }

    /// Runs a closure in a transaction. `Ok` commits, and is returned once the commit is durable (policy P11). `Err`, a panic and
    /// dropping the future roll back. An outcome whose changes must be kept is `Ok`, even if it is a refusal.
    ///
    /// After a deadlock or a serialization conflict on PostgreSQL the closure runs again, at most five times. So it must have no
    /// effects except through its [`Tx`]. If the answer to a COMMIT is lost, the store asks PostgreSQL what became of the transaction. Do not nest writes: the inner one would wait for the outer one.
    ///
    /// ```
    /// # async fn example(store: &tessera_store::Store, id: tessera_model::UserId, now: tessera_model::Timestamp)
    /// # -> Result<(), tessera_store::StoreError> {
    /// let locked = store.write(|tx| async move { tx.users().lock(id, now).await }).await?;
    /// # let _: bool = locked; Ok(()) }
    /// ```
    ///
    /// # Errors
    /// What the closure says, that the database is unavailable, or [`StoreError::OutcomeUnknown`].
    pub async fn write<T, E, F, Fut>(&self, f: F) -> Result<T, E>
    where
        F: Fn(Tx) -> Fut,
        Fut: Future<Output = Result<T, E>>,
        E: From<StoreError>,
    {
        let mut attempt = 0;
        loop {
            let open = self.begin().await?;
            let answer = match f(Tx(open.access())).await {
                Ok(value) => match open.commit().await {
                    Ok(()) => return Ok(value),
                    Err(Ended::Lost) => None,
                    Err(Ended::Failed(error)) => return Err(error.into()),
                },
                Err(error) => match open.rollback().await {
                    Ok(()) => return Err(error),
                    Err(Ended::Lost) => Some(error),
                    Err(Ended::Failed(error)) => return Err(error.into()),
                },
            };
            attempt += 1;
            if attempt > MAX_RETRIES {
                let exhausted =
                    || StoreError::Unavailable("lost against other transactions again and again".to_owned());
                return Err(answer.unwrap_or_else(|| exhausted().into()));
            }
            tokio::time::sleep(pause_before(attempt)).await;
        }
    }

    /// One state of the database, for a backup. Servers go on working meanwhile.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        let sole = match &self.0 {
            Engine::Sqlite(sqlite) => Sole::Sqlite(sqlite::Sole::snapshot(sqlite.path())?),
            Engine::Postgres(postgres) => Sole::Postgres(postgres::Sole::snapshot(postgres).await?),
        };
        Snapshot::of(sole).await
    }

    /// Checks that the database answers.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.read(|tx| async move { tx.catalog().version().await.map(drop) }).await
    }

    /// Claims the right to serve from this database. Hold the claim while serving. A SQLite file has at most one server, but other
    /// processes (the command line) may read and write it. A PostgreSQL database can have any number of servers.
    ///
    /// # Errors
    /// [`StoreError::AlreadyServed`] while another process holds the claim.
    pub fn claim_server(&self) -> Result<ServerClaim, StoreError> {
        match &self.0 {
            Engine::Sqlite(sqlite) => claim::of_file(sqlite.path()),
            Engine::Postgres(_) => Ok(ServerClaim::shared()),
        }
    }

    async fn begin(&self) -> Result<OpenWrite, StoreError> {
        match &self.0 {
            Engine::Sqlite(sqlite) => sqlite.begin().await.map(OpenWrite::Sqlite),
            Engine::Postgres(postgres) => {
                let open = Box::pin(postgres.begin()).await?;
                Ok(OpenWrite::Postgres(Arc::clone(postgres), open))
            }
        }
    }
}

impl OpenWrite {
    fn access(&self) -> Backend {
        match self {
            Self::Sqlite(open) => Backend::SqliteWrite(open.handle()),
            Self::Postgres(_, open) => Backend::Postgres(open.handle()),
        }
    }

    async fn commit(self) -> Result<(), Ended> {
        match self {
            Self::Sqlite(open) => open.commit().await.map_err(Ended::Failed),
            Self::Postgres(postgres, open) => Box::pin(postgres.commit(open)).await,
        }
    }

    async fn rollback(self) -> Result<(), Ended> {
        match self {
            Self::Sqlite(open) => open.rollback().await.map_err(Ended::Failed),
            Self::Postgres(_, open) => open.rollback(),
        }
    }
}

/// An increasing pause with jitter, so that transactions that conflicted do not conflict again.
fn pause_before(attempt: u32) -> Duration {
    let spread = RandomState::new().hash_one(attempt) % 1000;
    let base = Duration::from_millis(2) * 2_u32.pow(attempt);
    base + base.mul_f64(f64::from(u32::try_from(spread).unwrap_or(0)) / 1000.0)
}
