//! A connection that one backup or restore has for itself, with one transaction. It has no time limits.

use std::path::Path;
use std::time::Duration;

use tokio_postgres::Error;

use super::error::store_error;
use super::lease::Lease;
use super::migrate::ONE_AT_A_TIME;
use super::transaction::{bind, cell};
use super::{Postgres, connect};
use crate::StoreError;
use crate::value::{Cell, Param};

/// The limits of a connection are for requests. Whoever holds up a long transaction is ended by the network's keep-alive.
const NO_LIMITS: &str = "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0";
/// One state of the database.
const ONE_STATE: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
/// Connections of Tessera to this database, besides this one.
const OTHERS: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
    AND application_name = 'tessera' AND pid <> pg_backend_pid()";

/// How long a restore waits for others to go, and how often it looks.
const ALONE_WAIT: Duration = Duration::from_secs(3);
const ALONE_PAUSE: Duration = Duration::from_millis(100);

/// The connection. Dropping it closes it, and the server rolls back.
pub(crate) struct Sole(Lease);

impl Sole {
    /// Reads one state of the database, beside servers that work on it.
    pub(crate) async fn snapshot(postgres: &Postgres) -> Result<Self, StoreError> {
        Self::begin(postgres.lease().await?, ONE_STATE).await
    }

    /// Connects to read one state of the database. This connection does not count as a server, because the restored schema may be in
    /// the same database.
    pub(crate) async fn read_only(url: &str, ca: Option<&Path>) -> Result<Self, StoreError> {
        let lease = connect(url, ca).await?;
        let named = lease.client()?.batch_execute("SET application_name = 'tessera restore'").await;
        named.map_err(|error| store_error(&error))?;
        Self::begin(lease, ONE_STATE).await
    }

    /// Connects to change a database that no other process of Tessera is connected to.
    pub(crate) async fn change(url: &str, ca: Option<&Path>) -> Result<Self, StoreError> {
        let this = Self::begin(connect(url, ca).await?, "BEGIN").await?;
        let mut waited = Duration::ZERO;
        // The connections of a process that has just ended close a moment later.
        while waited < ALONE_WAIT && this.others().await? > 0 {
            tokio::time::sleep(ALONE_PAUSE).await;
            waited += ALONE_PAUSE;
        }
        this.require_alone().await?;
        // A server that has started since then has made its tables, or waits for ours.
        this.batch(ONE_AT_A_TIME).await?;
        Ok(this)
    }

    async fn begin(lease: Lease, begin: &str) -> Result<Self, StoreError> {
        let this = Self(lease);
        this.batch(&format!("{begin}; {NO_LIMITS}")).await?;
        Ok(this)
    }

    async fn require_alone(&self) -> Result<(), StoreError> {
        match self.others().await? {
            0 => Ok(()),
            others => Err(StoreError::AlreadyServed(format!(
                "this PostgreSQL database ({others} connections of Tessera; stop every server and command first)"
            ))),
        }
    }

    /// How many other connections of Tessera there are now. Within a transaction the view would not change by itself.
    async fn others(&self) -> Result<i64, StoreError> {
        self.batch("SELECT pg_stat_clear_snapshot()").await?;
        let others = self.rows(OTHERS, &[]).await?;
        match others.first().map(Vec::as_slice) {
            Some([Cell::Int(others)]) => Ok(*others),
            _ => Err(StoreError::Corrupt("pg_stat_activity cannot be read".to_owned())),
        }
    }

    /// Runs statements without values.
    pub(crate) async fn batch(&self, text: &str) -> Result<(), StoreError> {
        self.0.client()?.batch_execute(text).await.map_err(|error| store_error(&error))
    }

    /// The rows of a statement.
    pub(crate) async fn rows(&self, text: &str, params: &[Param<'_>]) -> Result<Vec<Vec<Cell>>, StoreError> {
        let client = self.0.client()?;
        let query = async {
            let statement = client.prepare_cached(text).await?;
            client.query(&statement, &bind(params)).await
        };
        let rows = query.await.map_err(|error: Error| store_error(&error))?;
        let read = |row: &tokio_postgres::Row| {
            (0..row.len())
                .map(|index| {
                    let unreadable = || StoreError::Corrupt(format!("column {index} has another type"));
                    cell(row, index)?.ok_or_else(unreadable)
                })
                .collect()
        };
        rows.iter().map(read).collect()
    }

    /// How many rows a statement changed.
    pub(crate) async fn execute(&self, text: &str, params: &[Param<'_>]) -> Result<u64, StoreError> {
        let client = self.0.client()?;
        let execute = async {
            let statement = client.prepare_cached(text).await?;
            client.execute(&statement, &bind(params)).await
        };
        execute.await.map_err(|error: Error| store_error(&error))
    }

    /// Commits, if still no other process of Tessera is connected.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        self.require_alone().await?;
        self.batch("COMMIT").await.map_err(|error| match error {
            StoreError::Unavailable(why) => StoreError::OutcomeUnknown(why),
            other => other,
        })?;
        self.0.mark_clean();
        Ok(())
    }
}

async fn connect(url: &str, ca: Option<&Path>) -> Result<Lease, StoreError> {
    Postgres::new(connect::pool(url, 1, ca)?).lease().await
}
