//! Migrating a SQLite file.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::error::store_error;
use crate::StoreError;
use crate::dialect::Dialect;
use crate::migrate::{FIND_VERSION, Opening, SCHEMA_TABLE, SchemaState, pending};

/// Checks that a SQLite file is ours, or empty if that is what was asked for. It only reads.
pub(super) fn check_ours(conn: &Connection, opening: Opening, path: &Path) -> Result<(), StoreError> {
    let found = inspect(conn)?;
    opening.check(found, &path.display().to_string())?;
    pending(found).map(drop)
}

/// Migrates a SQLite file. It takes the write lock only if there is something to do.
pub(super) fn run(conn: &mut Connection) -> Result<(), StoreError> {
    if pending(inspect(conn)?)?.is_empty() {
        return Ok(());
    }
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(store_error)?;
    for (version, text) in pending(inspect(&tx)?)? {
        tx.execute_batch(&Dialect::Sqlite.render(SCHEMA_TABLE)).map_err(store_error)?;
        tx.execute_batch(&Dialect::Sqlite.render(text)).map_err(store_error)?;
        tx.execute("INSERT INTO tessera_schema (version) VALUES ($1)", [version]).map_err(store_error)?;
        tracing::info!(version, "database schema migrated");
    }
    tx.commit().map_err(store_error)
}

fn inspect(conn: &Connection) -> Result<SchemaState, StoreError> {
    let number =
        |text: &str| conn.query_row(text, [], |row| row.get::<_, Option<i64>>(0)).map_err(store_error);
    let tables = number(Dialect::Sqlite.count_tables())?.unwrap_or(0);
    let ours = number(Dialect::Sqlite.count_schema_table())? == Some(1);
    let version = if ours { Some(number(FIND_VERSION)?.unwrap_or(0)) } else { None };
    Ok(SchemaState { tables, version })
}
