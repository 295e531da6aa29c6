//! Migrating a PostgreSQL database.

use tokio_postgres::Client;

use super::error::store_error;
use crate::StoreError;
use crate::dialect::Dialect;
use crate::migrate::{FIND_VERSION, Opening, SCHEMA_TABLE, SchemaState, pending};

/// How errors name the database. Its URL may have a password.
const PLACE: &str = "the schema at database.url";

/// Lets one server or restore make tables at a time: the key spells "tessera". PostgreSQL lets two transactions fail that make one table
/// at once, also with IF NOT EXISTS.
pub(super) const ONE_AT_A_TIME: &str = "SELECT pg_advisory_xact_lock(32762643830108769)";

/// Migrates a PostgreSQL database. Several servers may start at once.
pub(super) async fn run(client: &Client, opening: Opening) -> Result<(), StoreError> {
    let found = inspect(client).await?;
    opening.check(found, PLACE)?;
    if pending(found)?.is_empty() {
        return Ok(());
    }
    let outcome = run_locked(client, opening).await;
    if outcome.is_err() {
        // The caller closes the connection anyway. This frees the lock sooner.
        drop(client.batch_execute("ROLLBACK").await);
    }
    outcome
}

async fn run_locked(client: &Client, opening: Opening) -> Result<(), StoreError> {
    let batch = async |text: &str| client.batch_execute(text).await.map_err(|e| store_error(&e));
    batch("BEGIN; SET LOCAL statement_timeout = 0").await?;
    batch(ONE_AT_A_TIME).await?;
    batch(&Dialect::Postgres.render(SCHEMA_TABLE)).await?;
    // A server of an older version knows this lock only.
    batch("LOCK TABLE tessera_schema IN EXCLUSIVE MODE").await?;
    let mut found = inspect(client).await?;
    if found.version == Some(0) && found.tables == 1 {
        found = SchemaState { tables: 0, version: None }; // the empty schema table that was made just now
    }
    opening.check(found, PLACE)?;
    for (version, text) in pending(found)? {
        batch(&Dialect::Postgres.render(text)).await?;
        batch(&format!("INSERT INTO tessera_schema (version) VALUES ({version})")).await?;
        tracing::info!(version, "database schema migrated");
    }
    batch("COMMIT").await
}

async fn inspect(client: &Client) -> Result<SchemaState, StoreError> {
    let number = async |text: &str| {
        let row = client.query_one(text, &[]).await.map_err(|e| store_error(&e))?;
        row.try_get::<_, Option<i64>>(0).map_err(|e| store_error(&e))
    };
    let tables = number(Dialect::Postgres.count_tables()).await?.unwrap_or(0);
    let ours = number(Dialect::Postgres.count_schema_table()).await? == Some(1);
    let version = if ours { Some(number(FIND_VERSION).await?.unwrap_or(0)) } else { None };
    Ok(SchemaState { tables, version })
}
