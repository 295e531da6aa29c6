//! The store: open, read, write, claim, on either engine.

use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tessera_model::{NumberedRule, Timestamp};
use tokio::time::Instant;

use crate::StoreError;
use crate::backup::Snapshot;
use crate::claim::ServerClaim;
use crate::committed_rules::CommittedRules;
use crate::ended::Ended;
use crate::installation::InstallationId;
use crate::location::Location;
use crate::migrate::Opening;
use crate::postgres::{self, Postgres};
use crate::sole::Sole;
use crate::sqlite::{self, Sqlite};
use crate::tx::{Appended, Backend, Tx};

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    engine: Engine,
    installation: InstallationId,
    /// When a commit last succeeded. `None` after one that did not.
    committed_at: Arc<Mutex<Option<Instant>>>,
    committed_rules: Arc<CommittedRules>,
}

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

/// A commit that is younger shows as much as a probe does.
const COMMIT_SHOWS: Duration = Duration::from_secs(1);

impl Store {
    /// Opens a database that was initialised, migrates its tables, and checks every statement against them.
    ///
    /// # Errors
    /// [`StoreError::NotInitialised`] if there is none, or an empty one. [`StoreError::Incomplete`] for a SQLite file without its
    /// write-ahead log. [`StoreError::NewerSchema`] and [`StoreError::Foreign`] for a database that this program must not touch,
    /// [`StoreError::Corrupt`] for one that cannot be read, [`StoreError::File`] and [`StoreError::Location`] for a path or URL
    /// that cannot be used, [`StoreError::Unavailable`] when it cannot be reached.
    pub async fn open(location: &Location) -> Result<Self, StoreError> {
        Self::open_as(location, Opening::Existing).await
    }

    /// Makes a new database with its tables.
    ///
    /// # Errors
    /// [`StoreError::AlreadyInitialised`] if there is one. Otherwise those of [`Store::open`].
    pub async fn create(location: &Location) -> Result<Self, StoreError> {
        Self::open_as(location, Opening::New).await
    }

    /// Opens the database, or makes a new one. For development and tests: a server must never make a new database because the
    /// right one is not there.
    ///
    /// # Errors
    /// Those of [`Store::open`], except [`StoreError::NotInitialised`].
    pub async fn open_or_create(location: &Location) -> Result<Self, StoreError> {
        Self::open_as(location, Opening::ExistingOrNew).await
    }

    async fn open_as(location: &Location, opening: Opening) -> Result<Self, StoreError> {
        let engine = match location {
            Location::Sqlite { path } => {
                let path = path.clone();
                let opened = tokio::task::spawn_blocking(move || Sqlite::open(&path, opening)).await;
                let opened =
                    opened.map_err(|_| StoreError::Unavailable("opening was cut short".to_owned()))??;
                Engine::Sqlite(Arc::new(opened))
            }
            Location::Postgres { url, max_connections, ca } => {
                let opened = Postgres::open(url, *max_connections, ca.as_deref(), opening).await?;
                Engine::Postgres(Arc::new(opened))
            }
        };
        let installation = engine.read(|tx| async move { tx.installation().id().await }).await?;
        Ok(Self { engine, installation, committed_at: Arc::default(), committed_rules: Arc::default() })
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
        self.require_found()?;
        self.engine.read(f).await
    }

    /// Like [`Store::read`], and looks first whether this is still the database of this installation. The job that finds that out for all
    /// others may be a second late.
    ///
    /// # Errors
    /// Those of [`Store::read`], also for another database.
    pub async fn read_own<T, F, Fut>(&self, f: F) -> Result<T, StoreError>
    where
        F: Fn(Tx) -> Fut,
        Fut: Future<Output = Result<T, StoreError>>,
    {
        self.read(|tx| async {
            if tx.installation().id().await? == self.installation {
                f(tx).await
            } else {
                Err(StoreError::Unavailable("the database is another one".to_owned()))
            }
        })
        .await
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
            let open = self.begin().await.inspect_err(|_| self.note(None))?;
            let appended = Appended::noting();
            let answer = match f(Tx::noting(open.access(), appended.clone())).await {
                Ok(value) => match open.commit().await {
                    Ok(()) => {
                        self.committed_rules.add(appended.take());
                        self.note(Some(Instant::now()));
                        return Ok(value);
                    }
                    Err(Ended::Lost) => None,
                    Err(Ended::Failed(error)) => {
                        self.note(None);
                        if let StoreError::OutcomeUnknown(_) = &error {
                            // Whoever asks again may be told that it was done.
                            self.committed_rules.add(appended.take());
                        }
                        return Err(error.into());
                    }
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
        let sole = match &self.engine {
            Engine::Sqlite(sqlite) => Sole::Sqlite(sqlite::Sole::snapshot(sqlite.path())?),
            Engine::Postgres(postgres) => Sole::Postgres(postgres::Sole::snapshot(postgres).await?),
        };
        Snapshot::of(sole).await
    }

    /// Tries whether the database takes writes, and whether it is still the one that was opened. A small write shows that. On SQLite
    /// a commit of the last second shows it too, because each looks at the file.
    ///
    /// # Errors
    /// It does not, or it is another one.
    pub async fn probe(&self, now: Timestamp) -> Result<(), StoreError> {
        match &self.engine {
            Engine::Sqlite(sqlite) => {
                sqlite.check()?;
                if self.committed_at.lock().is_some_and(|at| at.elapsed() < COMMIT_SHOWS) {
                    return Ok(());
                }
            }
            Engine::Postgres(postgres) => postgres.require_found()?,
        }
        let id = self.installation;
        match (self.write(|tx| async move { tx.installation().probe(id, now).await }).await, &self.engine) {
            (Ok(true), _) => Ok(()),
            // Another installation has other rows, or no such table. Whoever may not write the table reads its id all the same.
            (Ok(false), Engine::Postgres(postgres)) => {
                postgres.mark_lost();
                postgres.require_found()
            }
            (Err(StoreError::Corrupt(why)), Engine::Postgres(postgres)) => {
                match self.engine.read(|tx| async move { tx.installation().id().await }).await {
                    Ok(there) if there == id => {}
                    Ok(_) | Err(StoreError::Corrupt(_)) => postgres.mark_lost(),
                    Err(_) => {}
                }
                postgres.require_found().and(Err(StoreError::Corrupt(why)))
            }
            (Ok(false), Engine::Sqlite(_)) => {
                Err(StoreError::Corrupt("the id of the installation has changed".to_owned()))
            }
            (Err(error), _) => Err(error),
        }
    }

    /// The revocation rules that this process has committed, or may have committed, and not forgotten. `None` if there are very many.
    pub fn committed_rules(&self) -> Option<Vec<NumberedRule>> {
        self.committed_rules.all()
    }

    /// Forgets those up to this number, which this process has read now.
    pub fn forget_committed_rules(&self, until: i64) {
        self.committed_rules.forget(until);
    }

    /// How many transactions run at the same time. `None` on SQLite, where all that come together share one commit.
    pub fn connections(&self) -> Option<usize> {
        match &self.engine {
            Engine::Sqlite(_) => None,
            Engine::Postgres(postgres) => Some(postgres.connections()),
        }
    }

    /// Why the database is not the one that was opened any more: removed, replaced, written over. It stays so until a restart.
    pub fn why_lost(&self) -> Option<StoreError> {
        self.require_found().err()
    }

    /// Makes a checkpoint, so that the write-ahead log of a SQLite file does not wait for the next busy hour. Only a server does.
    ///
    /// # Errors
    /// Writers kept it from its turn.
    pub async fn tend_log(&self) -> Result<(), StoreError> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.tend_log().await,
            Engine::Postgres(_) => Ok(()),
        }
    }

    /// Claims the right to serve from this database. Hold the claim while serving. A SQLite file has at most one server, by whatever
    /// name it opens the file, but other processes (the command line) may read and write it. A PostgreSQL database can have any
    /// number of servers.
    ///
    /// # Errors
    /// [`StoreError::AlreadyServed`] while another process holds the claim.
    pub async fn claim_server(&self) -> Result<ServerClaim, StoreError> {
        match &self.engine {
            Engine::Sqlite(sqlite) => {
                sqlite.claim().await?;
                Ok(ServerClaim::of(Arc::clone(sqlite)))
            }
            Engine::Postgres(_) => Ok(ServerClaim::shared()),
        }
    }

    fn require_found(&self) -> Result<(), StoreError> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.require_found(),
            Engine::Postgres(postgres) => postgres.require_found(),
        }
    }

    fn note(&self, committed_at: Option<Instant>) {
        *self.committed_at.lock() = committed_at;
    }

    async fn begin(&self) -> Result<OpenWrite, StoreError> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.begin().await.map(OpenWrite::Sqlite),
            Engine::Postgres(postgres) => {
                let open = Box::pin(postgres.begin()).await?;
                Ok(OpenWrite::Postgres(Arc::clone(postgres), open))
            }
        }
    }
}

impl Engine {
    async fn read<T, E, F, Fut>(&self, f: F) -> Result<T, E>
    where
        F: Fn(Tx) -> Fut,
        Fut: Future<Output = Result<T, E>>,
        E: From<StoreError>,
    {
        match self {
            Self::Sqlite(sqlite) => f(Tx::new(Backend::SqliteRead(Arc::clone(sqlite)))).await,
            Self::Postgres(postgres) => {
                let lease = Box::pin(postgres.lease_for_reading()).await?;
                f(Tx::new(Backend::Postgres(lease.handle()))).await
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
