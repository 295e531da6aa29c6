//! PostgreSQL: a pool of connections, prepared statements, READ COMMITTED.
//!
//! READ COMMITTED is enough, because what may succeed once is one conditional statement. Such a statement checks its condition
//! again on the newest version of the row, under its lock. After a time-out the connection is closed, so that nobody waits
//! for a hanging server (policy P5).

mod connect;
mod error;
mod lease;
mod migrate;
mod outcome;
mod sole;
mod transaction;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use deadpool_postgres::Pool;

pub use connect::{ConnectError, check_ca, check_url};
pub(crate) use sole::Sole;
pub(crate) use transaction::{OpenWrite, PgTx};

use self::error::store_error;
use self::lease::Lease;
use self::outcome::{Fate, find_out};
use self::transaction::Commit;
use crate::StoreError;
use crate::ended::Ended;
use crate::migrate::Opening;
use crate::sql;

/// How often opening is tried while other servers create the same tables.
const MAX_OPEN_RACES: u32 = 5;

/// An open database.
pub(crate) struct Postgres {
    pool: Pool,
    /// Whether the database was found to be that of another installation. It stays so until a restart.
    lost: AtomicBool,
}

fn replaced() -> StoreError {
    StoreError::Unavailable(
        "the database at database.url is another one now; put the database back, then restart the server"
            .to_owned(),
    )
}

impl Postgres {
    /// Most connections of the pool.
    pub(crate) fn connections(&self) -> usize {
        self.pool.status().max_size
    }

    /// Connects, migrates and checks the statements.
    pub(crate) async fn open(
        url: &str,
        max_connections: usize,
        ca: Option<&Path>,
        opening: Opening,
    ) -> Result<Self, StoreError> {
        let pool = connect::pool(url, max_connections, ca)?;
        let this = Self::new(pool);
        let mut races = 0;
        loop {
            match this.prepare_database(opening).await {
                // CREATE TABLE IF NOT EXISTS reports a duplicate if two connections run it at the same moment.
                Err(StoreError::Conflict) if races < MAX_OPEN_RACES => races += 1,
                Err(error) => return Err(error),
                Ok(()) => return Ok(this),
            }
        }
    }

    const fn new(pool: Pool) -> Self {
        Self { pool, lost: AtomicBool::new(false) }
    }

    /// Refuses everything from now on: the database belongs to another installation.
    pub(crate) fn mark_lost(&self) {
        if !self.lost.swap(true, Ordering::Relaxed) {
            tracing::error!(
                "ALARM: the database at database.url is not the one that was opened; nothing is acknowledged any more; put the database back and restart"
            );
        }
    }

    /// Fails if the database belongs to another installation.
    pub(crate) fn require_found(&self) -> Result<(), StoreError> {
        if self.lost.load(Ordering::Relaxed) { Err(replaced()) } else { Ok(()) }
    }

    async fn prepare_database(&self, opening: Opening) -> Result<(), StoreError> {
        let lease = self.lease().await?;
        migrate::run(lease.client()?, opening).await?;
        for sql in sql::all() {
            let prepared = lease.client()?.prepare_cached(sql.postgres()).await;
            let prepared = prepared.map_err(|error| match store_error(&error) {
                StoreError::Corrupt(why) => {
                    StoreError::Corrupt(format!("{sql:?} does not fit its tables: {why}"))
                }
                other => other,
            })?;
            sql.check_columns(prepared.columns().iter().map(tokio_postgres::Column::name))?;
        }
        lease.mark_clean();
        Ok(())
    }

    /// Starts a read.
    pub(crate) async fn lease_for_reading(&self) -> Result<OpenWrite, StoreError> {
        Ok(OpenWrite::reading(self.lease().await?))
    }

    /// Starts a transaction.
    pub(crate) async fn begin(&self) -> Result<OpenWrite, StoreError> {
        self.require_found()?;
        Ok(OpenWrite::writing(self.lease().await?))
    }

    /// Commits. If the answer is lost, finds out what it was.
    pub(crate) async fn commit(&self, open: OpenWrite) -> Result<(), Ended> {
        let (id, error) = match open.commit().await? {
            Commit::Done => return Ok(()),
            Commit::Unanswered(id, error) => (id, error),
        };
        let fate = match id {
            Some(id) => find_out(&self.pool, id).await,
            None => Fate::Unknown,
        };
        tracing::warn!(%error, ?fate, "the answer to a COMMIT was lost");
        match fate {
            Fate::Committed => Ok(()),
            Fate::Aborted => Err(Ended::Lost),
            Fate::Unknown => Err(Ended::Failed(StoreError::OutcomeUnknown(error.to_string()))),
        }
    }

    async fn lease(&self) -> Result<Lease, StoreError> {
        Lease::take(&self.pool).await
    }
}

#[cfg(test)]
mod tests;
