//! Schema versions: forward only, all steps in one transaction, and hands off what is not ours.

use rusqlite::{Connection, TransactionBehavior};

use crate::StoreError;
use crate::dialect::Dialect;
use crate::sqlite::store_error;

/// Every migration, oldest first; the first makes version 1. A released one is never edited.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_initial.sql"),
    include_str!("../migrations/0002_clients_and_people.sql"),
    include_str!("../migrations/0003_refresh.sql"),
    include_str!("../migrations/0004_growth.sql"),
];

const SCHEMA_TABLE: &str = "CREATE TABLE IF NOT EXISTS tessera_schema (version {int} NOT NULL PRIMARY KEY)";
const FIND_VERSION: &str = "SELECT max(version) FROM tessera_schema";

/// What a database looks like before we touch it.
#[derive(Clone, Copy, Debug)]
struct Found {
    /// Number of tables of any kind.
    tables: i64,
    /// Schema version; `None` without a schema table.
    version: Option<i64>,
}

/// The migrations still to run, each with the version it makes.
fn pending(found: Found) -> Result<Vec<(i64, &'static str)>, StoreError> {
    let done = match found.version {
        None if found.tables > 0 => {
            return Err(StoreError::Foreign(format!(
                "it holds {} tables and no tessera_schema",
                found.tables
            )));
        }
        None => 0,
        Some(version) if version < 1 => {
            return Err(StoreError::Corrupt(format!("schema version {version} never existed")));
        }
        Some(version) => version,
    };
    let all: Vec<_> = (1..).zip(MIGRATIONS.iter().copied()).collect();
    let known = all.last().map_or(0, |&(version, _)| version);
    if done > known {
        return Err(StoreError::NewerSchema { found: done, known });
    }
    Ok(all.into_iter().filter(|&(version, _)| version > done).collect())
}

/// Whether a SQLite file is empty or ours; reads only.
pub(crate) fn is_sqlite_ours(conn: &Connection) -> Result<(), StoreError> {
    pending(sqlite_found(conn)?).map(drop)
}

/// Brings a SQLite file up to date. The write lock is taken only if there is something to do.
pub(crate) fn sqlite(conn: &mut Connection) -> Result<(), StoreError> {
    if pending(sqlite_found(conn)?)?.is_empty() {
        return Ok(());
    }
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(store_error)?;
    for (version, text) in pending(sqlite_found(&tx)?)? {
        tx.execute_batch(&Dialect::Sqlite.render(SCHEMA_TABLE)).map_err(store_error)?;
        tx.execute_batch(&Dialect::Sqlite.render(text)).map_err(store_error)?;
        tx.execute("INSERT INTO tessera_schema (version) VALUES ($1)", [version]).map_err(store_error)?;
        tracing::info!(version, "database schema migrated");
    }
    tx.commit().map_err(store_error)
}

fn sqlite_found(conn: &Connection) -> Result<Found, StoreError> {
    let number =
        |text: &str| conn.query_row(text, [], |row| row.get::<_, Option<i64>>(0)).map_err(store_error);
    let tables = number(Dialect::Sqlite.count_tables())?.unwrap_or(0);
    let ours = number(Dialect::Sqlite.count_schema_table())? == Some(1);
    let version = if ours { Some(number(FIND_VERSION)?.unwrap_or(0)) } else { None };
    Ok(Found { tables, version })
}

/// Brings a PostgreSQL database up to date. Several servers may start at once: the table lock lets one of them work.
pub(crate) async fn postgres(client: &tokio_postgres::Client) -> Result<(), StoreError> {
    if pending(postgres_found(client).await?)?.is_empty() {
        return Ok(());
    }
    let outcome = postgres_locked(client).await;
    if outcome.is_err() {
        // The connection is closed by the caller; this only frees the lock sooner.
        drop(client.batch_execute("ROLLBACK").await);
    }
    outcome
}

async fn postgres_locked(client: &tokio_postgres::Client) -> Result<(), StoreError> {
    let run =
        async |text: &str| client.batch_execute(text).await.map_err(|e| crate::postgres::store_error(&e));
    run("BEGIN; SET LOCAL statement_timeout = 0").await?;
    run(&Dialect::Postgres.render(SCHEMA_TABLE)).await?;
    run("LOCK TABLE tessera_schema IN EXCLUSIVE MODE").await?;
    let mut found = postgres_found(client).await?;
    if found.version == Some(0) && found.tables == 1 {
        found = Found { tables: 0, version: None }; // the empty schema table that was made just now
    }
    for (version, text) in pending(found)? {
        run(&Dialect::Postgres.render(text)).await?;
        run(&format!("INSERT INTO tessera_schema (version) VALUES ({version})")).await?;
        tracing::info!(version, "database schema migrated");
    }
    run("COMMIT").await
}

async fn postgres_found(client: &tokio_postgres::Client) -> Result<Found, StoreError> {
    let number = async |text: &str| {
        let row = client.query_one(text, &[]).await.map_err(|e| crate::postgres::store_error(&e))?;
        row.try_get::<_, Option<i64>>(0).map_err(|e| crate::postgres::store_error(&e))
    };
    let tables = number(Dialect::Postgres.count_tables()).await?.unwrap_or(0);
    let ours = number(Dialect::Postgres.count_schema_table()).await? == Some(1);
    let version = if ours { Some(number(FIND_VERSION).await?.unwrap_or(0)) } else { None };
    Ok(Found { tables, version })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f14_only_an_empty_database_or_an_older_one_of_ours_is_migrated() {
        let latest = i64::try_from(MIGRATIONS.len()).unwrap();
        let plan = |tables, version| pending(Found { tables, version }).map(|steps| steps.len());
        assert_eq!(plan(0, None), Ok(MIGRATIONS.len()));
        assert_eq!(plan(13, Some(latest)), Ok(0));
        assert_eq!(
            plan(13, Some(latest + 1)),
            Err(StoreError::NewerSchema { found: latest + 1, known: latest })
        );
        assert!(matches!(plan(3, None), Err(StoreError::Foreign(_))));
        assert!(matches!(plan(3, Some(0)), Err(StoreError::Corrupt(_))));
    }
}
