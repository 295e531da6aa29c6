//! Statements and transactions on one leased connection.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use deadpool_postgres::Client;
use parking_lot::Mutex;
use tokio_postgres::Error;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::error::{ends_the_transaction_only, is_lost_race, store_error};
use super::lease::Lease;
use super::outcome::{BEGIN, TransactionId};
use crate::StoreError;
use crate::ended::Ended;
use crate::row::Row;
use crate::sql::Statement;
use crate::value::{Cell, Param};

/// The longest round trip. It is longer than `statement_timeout`, so after it the network or the server hangs.
const ROUND_TRIP: Duration = Duration::from_secs(3);

/// A connection with a transaction or a read in progress. Dropping it rolls back in the background.
pub(crate) struct OpenWrite(Arc<PgTx>);

/// How far a commit came.
pub(super) enum Commit {
    Done,
    /// The connection broke, or the server did not answer in time.
    Unanswered(Option<TransactionId>, StoreError),
}

/// The transaction as the closure sees it. It refuses statements once the closure has ended.
pub(crate) struct PgTx {
    lease: Mutex<Option<Arc<Lease>>>,
    failure: Mutex<Option<StoreError>>,
    lost_race: AtomicBool,
    writable: bool,
    begun: AtomicBool,
    id: Mutex<Option<TransactionId>>,
}

impl OpenWrite {
    /// Starts a read. Its statements run without a transaction.
    pub(super) fn reading(lease: Lease) -> Self {
        lease.mark_clean();
        Self(Arc::new(PgTx::new(lease, false)))
    }

    /// Starts a transaction. BEGIN is sent together with the first statement.
    pub(super) fn writing(lease: Lease) -> Self {
        Self(Arc::new(PgTx::new(lease, true)))
    }

    /// The handle for the closure.
    pub(crate) fn handle(&self) -> Arc<PgTx> {
        Arc::clone(&self.0)
    }

    /// Commits. Returns `Ok` once the server has the commit on disk, or if it did not say so.
    pub(super) async fn commit(self) -> Result<Commit, Ended> {
        let failure = self.0.failure.lock().clone();
        if let Some(failure) = failure {
            // COMMIT of a failed transaction answers "ROLLBACK" and no error, so it is not sent.
            return match self.rollback() {
                Err(Ended::Lost) => Err(Ended::Lost),
                Err(Ended::Failed(_)) | Ok(()) => Err(Ended::Failed(failure)),
            };
        }
        let lease = self.0.lease.lock().take().ok_or(StoreError::Misuse("a transaction ended twice"));
        let lease = lease.map_err(Ended::Failed)?;
        if Arc::strong_count(&lease) > 1 {
            return Err(Ended::Failed(StoreError::Misuse(
                "a statement was still under way at the end of its closure",
            )));
        }
        if !self.0.begun.load(Ordering::Acquire) {
            lease.mark_clean();
            return Ok(Commit::Done);
        }
        let client = lease.client().map_err(Ended::Failed)?;
        match round_trip(client.batch_execute("COMMIT")).await {
            Ok(()) => {
                lease.mark_clean();
                Ok(Commit::Done)
            }
            Err(Failed::Database(error)) if is_lost_race(&error) => {
                lease.mark_clean(); // a COMMIT that fails ends the transaction
                Err(Ended::Lost)
            }
            Err(Failed::Database(error)) if ends_the_transaction_only(&error) => {
                Err(Ended::Failed(store_error(&error)))
            }
            Err(failed) => Ok(Commit::Unanswered(*self.0.id.lock(), failed.as_store_error())),
        }
    }

    /// Rolls back. [`Ended::Lost`] if the transaction had lost against another one.
    pub(crate) fn rollback(self) -> Result<(), Ended> {
        if let Some(lease) = self.0.lease.lock().take() {
            roll_back_in_background(lease);
        }
        if self.0.lost_race.load(Ordering::Acquire) { Err(Ended::Lost) } else { Ok(()) }
    }
}

impl Drop for OpenWrite {
    fn drop(&mut self) {
        let lease = self.0.lease.lock().take();
        if let Some(lease) = lease
            && self.0.writable
        {
            roll_back_in_background(lease);
        }
    }
}

/// Rolls back without making the caller wait. If the runtime has stopped, the lease closes the connection instead.
fn roll_back_in_background(lease: Arc<Lease>) {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
    runtime.spawn(async move {
        if let Ok(client) = lease.client()
            && round_trip(client.batch_execute("ROLLBACK")).await.is_ok()
            && Arc::strong_count(&lease) == 1
        {
            lease.mark_clean();
        }
    });
}

/// Why a round trip failed.
enum Failed {
    Database(Error),
    TimedOut,
}

impl Failed {
    fn as_store_error(&self) -> StoreError {
        match self {
            Self::Database(error) => store_error(error),
            Self::TimedOut => StoreError::Unavailable("PostgreSQL did not answer in time".to_owned()),
        }
    }
}

async fn round_trip<T>(call: impl Future<Output = Result<T, Error>>) -> Result<T, Failed> {
    match tokio::time::timeout(ROUND_TRIP, call).await {
        Ok(answer) => answer.map_err(Failed::Database),
        Err(_) => Err(Failed::TimedOut),
    }
}

impl PgTx {
    fn new(lease: Lease, writable: bool) -> Self {
        let lease = Mutex::new(Some(Arc::new(lease)));
        let (lost_race, begun) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { lease, failure: Mutex::new(None), lost_race, writable, begun, id: Mutex::new(None) }
    }

    /// Sends BEGIN ahead of the first statement of a transaction, without waiting for its answer.
    async fn after_begin<T>(
        &self,
        client: &Client,
        statement: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        if !self.writable || self.begun.swap(true, Ordering::AcqRel) {
            return statement.await;
        }
        // The first poll puts BEGIN into the queue of the connection, ahead of the statement. Then both are polled, because an answer
        // that nobody takes holds up the next one.
        let (begun, answer) = tokio::join!(biased; client.simple_query(BEGIN), statement);
        *self.id.lock() = TransactionId::read(&begun?);
        answer
    }

    /// The rows of a statement.
    pub(crate) async fn rows(
        &self,
        sql: &'static Statement,
        params: &[Param<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        let lease = self.lease_for(sql)?;
        let client = lease.client()?;
        let bound = bind(params);
        let call = async {
            let statement = client.prepare_cached(sql.postgres()).await?;
            client.query(&statement, &bound).await
        };
        let rows = self.record_failure(&lease, round_trip(self.after_begin(client, call)).await)?;
        rows.iter().map(|row| decode(row, sql)).collect()
    }

    /// The one row of a statement, if any.
    pub(crate) async fn one_row(
        &self,
        sql: &'static Statement,
        params: &[Param<'_>],
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(sql, params).await?.into_iter().next())
    }

    /// How many rows a statement changed.
    pub(crate) async fn execute(
        &self,
        sql: &'static Statement,
        params: &[Param<'_>],
    ) -> Result<u64, StoreError> {
        let lease = self.lease_for(sql)?;
        let client = lease.client()?;
        let bound = bind(params);
        let call = async {
            let statement = client.prepare_cached(sql.postgres()).await?;
            client.execute(&statement, &bound).await
        };
        self.record_failure(&lease, round_trip(self.after_begin(client, call)).await)
    }

    fn lease_for(&self, sql: &'static Statement) -> Result<Arc<Lease>, StoreError> {
        if !self.writable && sql.writes() {
            return Err(StoreError::Misuse("a read tried to write"));
        }
        let outlived = StoreError::Misuse("a transaction handle outlived its closure");
        let lease = self.lease.lock().as_ref().map(Arc::clone).ok_or(outlived)?;
        match &*self.failure.lock() {
            Some(failure) if self.writable => Err(failure.clone()),
            _ => Ok(lease),
        }
    }

    /// Records a failure. From then on the transaction can only roll back.
    fn record_failure<T>(&self, lease: &Lease, answer: Result<T, Failed>) -> Result<T, StoreError> {
        answer.map_err(|failed| {
            match &failed {
                Failed::TimedOut => lease.mark_dirty(),
                Failed::Database(error) => {
                    self.lost_race.fetch_or(is_lost_race(error), Ordering::AcqRel);
                }
            }
            let error = failed.as_store_error();
            *self.failure.lock() = Some(error.clone());
            error
        })
    }
}

impl ToSql for Param<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(value) => value.to_sql_checked(ty, out),
            Self::Text(value) => value.to_sql_checked(ty, out),
            Self::Bytes(value) => value.to_sql_checked(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true // each variant checks its own type above
    }

    to_sql_checked!();
}

pub(super) fn bind<'p>(params: &'p [Param<'_>]) -> Vec<&'p (dyn ToSql + Sync)> {
    params.iter().map(|param| param as &(dyn ToSql + Sync)).collect()
}

fn decode(row: &tokio_postgres::Row, sql: &'static Statement) -> Result<Row, StoreError> {
    let unreadable = |index| StoreError::Corrupt(format!("{sql:?}: column {index} has another type"));
    let cells = (0..row.len()).map(|index| cell(row, index)?.ok_or_else(|| unreadable(index)));
    cells.collect::<Result<_, _>>().map(|cells| Row::new(sql, cells))
}

/// One value. `None` if its type is none of ours.
pub(super) fn cell(row: &tokio_postgres::Row, index: usize) -> Result<Option<Cell>, StoreError> {
    let cell = match *row.columns()[index].type_() {
        Type::INT8 => row.try_get::<_, Option<i64>>(index).map(|value| value.map(Cell::Int)),
        Type::TEXT => row.try_get::<_, Option<String>>(index).map(|value| value.map(Cell::Text)),
        Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(index).map(|value| value.map(Cell::Bytes)),
        _ => return Ok(None),
    };
    cell.map(|cell| Some(cell.unwrap_or(Cell::Null))).map_err(|error| store_error(&error))
}
