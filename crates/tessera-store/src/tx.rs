//! The handle for closures that read or write.

use std::sync::Arc;

use parking_lot::Mutex;
use tessera_model::{NumberedRule, RevocationRule};
use tokio::runtime::{Handle, RuntimeFlavor};

use crate::row::Row;
use crate::sole::Sole;
use crate::sql::Statement;
use crate::sqlite::{self, Sqlite};
use crate::value::Param;
use crate::{StoreError, postgres};

/// A transaction or a read. The handle of each entity is in the file of the entity.
///
/// It is cheap to clone. All clones refuse statements once the closure has ended. After a statement has failed, a transaction
/// can only roll back, so that a closure cannot ignore the error and commit the rest.
#[derive(Clone)]
pub struct Tx {
    pub(crate) backend: Backend,
    appended: Appended,
}

/// The revocation rules that a transaction has written, with their numbers. They count once it has been committed.
#[derive(Clone, Default)]
pub(crate) struct Appended(Option<Arc<Mutex<Vec<NumberedRule>>>>);

impl Appended {
    /// Notes rules.
    pub(crate) fn noting() -> Self {
        Self(Some(Arc::default()))
    }

    /// What was noted.
    pub(crate) fn take(&self) -> Vec<NumberedRule> {
        self.0.as_ref().map(|noted| std::mem::take(&mut *noted.lock())).unwrap_or_default()
    }
}

/// The engine that runs the statements. The futures for PostgreSQL are boxed, because each caller's future would have room for
/// them otherwise, and would be copied with it.
#[derive(Clone)]
pub(crate) enum Backend {
    SqliteRead(Arc<Sqlite>),
    SqliteWrite(Arc<sqlite::WriteTx>),
    Postgres(Arc<postgres::PgTx>),
    Sole(Arc<Sole>),
}

impl Tx {
    pub(crate) fn new(backend: Backend) -> Self {
        Self { backend, appended: Appended::default() }
    }

    /// Notes the revocation rules that it writes.
    pub(crate) const fn noting(backend: Backend, appended: Appended) -> Self {
        Self { backend, appended }
    }

    /// A revocation rule was written.
    pub(crate) fn note(&self, seq: i64, rule: &RevocationRule) {
        if let Some(noted) = &self.appended.0 {
            noted.lock().push((seq, rule.clone()));
        }
    }

    /// The one row of a statement, if any.
    pub(crate) async fn one_row(
        &self,
        sql: &'static Statement,
        params: &[Param<'_>],
    ) -> Result<Option<Row>, StoreError> {
        match &self.backend {
            Backend::SqliteRead(sqlite) => sqlite.read_one(require_read(sql)?, params),
            Backend::SqliteWrite(tx) => tx.one_row(sql, params),
            Backend::Postgres(tx) => Box::pin(tx.one_row(sql, params)).await,
            Backend::Sole(sole) => Ok(Box::pin(sole.rows(sql, params)).await?.into_iter().next()),
        }
    }

    /// A few rows.
    pub(crate) async fn rows(
        &self,
        sql: &'static Statement,
        params: &[Param<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        match &self.backend {
            Backend::SqliteRead(sqlite) => sqlite.read(require_read(sql)?, params),
            Backend::SqliteWrite(tx) => tx.rows(sql, params),
            Backend::Postgres(tx) => Box::pin(tx.rows(sql, params)).await,
            Backend::Sole(sole) => Box::pin(sole.rows(sql, params)).await,
        }
    }

    /// Any number of rows, without blocking other tasks.
    pub(crate) async fn scan(
        &self,
        sql: &'static Statement,
        params: &[Param<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        match &self.backend {
            Backend::SqliteRead(sqlite) => sqlite.scan(require_read(sql)?, params).await,
            Backend::SqliteWrite(tx) => run_blocking(|| tx.rows(sql, params)),
            Backend::Postgres(tx) => Box::pin(tx.rows(sql, params)).await,
            Backend::Sole(sole) => Box::pin(sole.rows(sql, params)).await,
        }
    }

    /// How many rows a statement changed.
    pub(crate) async fn execute(
        &self,
        sql: &'static Statement,
        params: &[Param<'_>],
    ) -> Result<u64, StoreError> {
        match &self.backend {
            Backend::SqliteRead(_) => Err(StoreError::Misuse("a read tried to write")),
            Backend::SqliteWrite(tx) => tx.execute(sql, params),
            Backend::Postgres(tx) => Box::pin(tx.execute(sql, params)).await,
            Backend::Sole(sole) => Box::pin(sole.execute(sql, params)).await,
        }
    }

    /// Like [`Tx::execute`] for a statement that touches many rows.
    pub(crate) async fn sweep(
        &self,
        sql: &'static Statement,
        params: &[Param<'_>],
    ) -> Result<u64, StoreError> {
        match &self.backend {
            Backend::SqliteWrite(tx) => run_blocking(|| tx.execute(sql, params)),
            Backend::SqliteRead(_) | Backend::Postgres(_) | Backend::Sole(_) => {
                self.execute(sql, params).await
            }
        }
    }

    /// Whether a statement changed a row.
    pub(crate) async fn changed(
        &self,
        sql: &'static Statement,
        params: &[Param<'_>],
    ) -> Result<bool, StoreError> {
        Ok(self.execute(sql, params).await? > 0)
    }
}

fn require_read(sql: &'static Statement) -> Result<&'static Statement, StoreError> {
    if sql.writes() { Err(StoreError::Misuse("a read tried to write")) } else { Ok(sql) }
}

/// Runs blocking work. On a runtime with several threads, the other tasks of this thread move to another one.
fn run_blocking<T>(work: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}
