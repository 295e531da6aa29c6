//! Running a statement on a connection, through its cache of prepared statements.

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, params_from_iter};

use super::error::store_error;
use crate::StoreError;
use crate::row::Row;
use crate::sql::{self, InTwo, Statement};
use crate::value::{Cell, Param};

impl ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Text(value) => ValueRef::Text(value.as_bytes()),
            Self::Bytes(value) => ValueRef::Blob(value),
        }))
    }
}

/// All rows of a statement.
pub(super) fn rows(
    conn: &Connection,
    sql: &'static Statement,
    params: &[Param<'_>],
) -> Result<Vec<Row>, StoreError> {
    let mut statement = conn.prepare_cached(sql.sqlite()).map_err(store_error)?;
    let columns = statement.column_count();
    let mut found = statement.query(params_from_iter(params)).map_err(store_error)?;
    let mut rows = Vec::new();
    while let Some(row) = found.next().map_err(store_error)? {
        rows.push(decode(row, columns, sql)?);
    }
    Ok(rows)
}

/// The first row of a statement, if any.
pub(super) fn one_row(
    conn: &Connection,
    sql: &'static Statement,
    params: &[Param<'_>],
) -> Result<Option<Row>, StoreError> {
    let Some(InTwo { update, select }) = sql.sqlite_in_two() else {
        return first_row(conn, sql, sql.sqlite(), params);
    };
    if run(conn, update, params)? == 0 {
        return Ok(None);
    }
    first_row(conn, sql, select, &params[..1])
}

/// The statement runs to its end, so that an `UPDATE … RETURNING` is complete.
fn first_row(
    conn: &Connection,
    sql: &'static Statement,
    text: &str,
    params: &[Param<'_>],
) -> Result<Option<Row>, StoreError> {
    let mut statement = conn.prepare_cached(text).map_err(store_error)?;
    let columns = statement.column_count();
    let mut found = statement.query(params_from_iter(params)).map_err(store_error)?;
    let Some(row) = found.next().map_err(store_error)? else { return Ok(None) };
    let row = decode(row, columns, sql)?;
    while found.next().map_err(store_error)?.is_some() {}
    Ok(Some(row))
}

/// Runs a statement, and returns how many rows it changed.
pub(super) fn execute(
    conn: &Connection,
    sql: &'static Statement,
    params: &[Param<'_>],
) -> Result<u64, StoreError> {
    run(conn, sql.sqlite(), params)
}

fn run(conn: &Connection, text: &str, params: &[Param<'_>]) -> Result<u64, StoreError> {
    let changed = conn.prepare_cached(text).and_then(|mut s| s.execute(params_from_iter(params)));
    Ok(changed.map_err(store_error)?.try_into().unwrap_or(u64::MAX))
}

/// Prepares every statement of the registry, so that a database with other tables is refused when it is opened. It keeps none:
/// a server uses a third of them, and each takes 5 KB.
pub(super) fn prepare_all(conn: &Connection) -> Result<(), StoreError> {
    for sql in sql::all() {
        let prepared = conn.prepare(sql.sqlite()).map_err(|error| match store_error(error) {
            StoreError::Corrupt(why) => {
                StoreError::Corrupt(format!("{sql:?} does not fit its tables: {why}"))
            }
            other => other,
        })?;
        sql.check_columns(prepared.column_names())?;
    }
    Ok(())
}

fn decode(row: &rusqlite::Row<'_>, columns: usize, sql: &'static Statement) -> Result<Row, StoreError> {
    let cell = |index| {
        let value = row.get_ref(index).map_err(store_error)?;
        cell(value).map_err(|what| StoreError::Corrupt(format!("{sql:?}: column {index} is {what}")))
    };
    let mut cells = Vec::with_capacity(columns);
    for index in 0..columns {
        cells.push(cell(index)?);
    }
    Ok(Row::new(sql, cells))
}

/// One value, or what it is instead.
pub(super) fn cell(value: ValueRef<'_>) -> Result<Cell, &'static str> {
    match value {
        ValueRef::Null => Ok(Cell::Null),
        ValueRef::Integer(value) => Ok(Cell::Int(value)),
        ValueRef::Blob(value) => Ok(Cell::Bytes(value.to_vec())),
        ValueRef::Text(value) => {
            str::from_utf8(value).map(|text| Cell::Text(text.to_owned())).map_err(|_| "not UTF-8")
        }
        ValueRef::Real(_) => Err("a fraction"),
    }
}
