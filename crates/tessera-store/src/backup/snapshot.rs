//! One state of a database, read part by part while servers go on working.

use std::collections::VecDeque;
use std::sync::Arc;

use super::part::{Part, PartSummary};
use super::tables::{Fate, Layout, list, numbers, with_fate};
use crate::StoreError;
use crate::dialect::Dialect;
use crate::location::Location;
use crate::migrate::{FIND_VERSION, newest};
use crate::sole::Sole;
use crate::tx::{Backend, Tx};
use crate::value::Cell;

/// Most rows of a part, so that memory stays bounded.
const PAGE: i64 = 500;

/// One state of a database.
pub struct Snapshot {
    sole: Arc<Sole>,
    schema_version: i64,
    tables: VecDeque<Reading>,
}

/// A table that is not read to its end.
struct Reading {
    name: &'static str,
    layout: Layout,
    /// The key of the last row that was read.
    last: Option<Vec<Cell>>,
}

impl Snapshot {
    /// Reads a database that is not in use, and leaves it as it is.
    pub async fn read_only(location: &Location) -> Result<Self, StoreError> {
        Self::of(Sole::read_only(location).await?).await
    }

    pub(crate) async fn of(sole: Sole) -> Result<Self, StoreError> {
        let version = sole.cells(FIND_VERSION, &[]).await?;
        let Some([Cell::Int(schema_version)]) = version.first().map(Vec::as_slice) else {
            return Err(StoreError::Corrupt("the schema version cannot be read".to_owned()));
        };
        let mut tables = VecDeque::new();
        for name in with_fate(Fate::Kept) {
            match Layout::of(&sole, name).await? {
                Some(layout) => tables.push_back(Reading { name, layout, last: None }),
                // A later version has it.
                None if *schema_version < newest() => {}
                None => return Err(StoreError::Corrupt(format!("there is no table {name}"))),
            }
        }
        Ok(Self { schema_version: *schema_version, tables, sole: Arc::new(sole) })
    }

    /// The version of its schema.
    pub const fn schema_version(&self) -> i64 {
        self.schema_version
    }

    /// The name of the engine.
    pub fn engine(&self) -> &'static str {
        match self.sole.dialect() {
            Dialect::Sqlite => "sqlite",
            Dialect::Postgres => "postgres",
        }
    }

    /// Reads within this state.
    pub fn tx(&self) -> Tx {
        Tx::new(Backend::Sole(Arc::clone(&self.sole)))
    }

    /// How many rows of each table are still to come.
    pub async fn counts(&self) -> Result<Vec<PartSummary>, StoreError> {
        let mut counts = Vec::new();
        for Reading { name, .. } in &self.tables {
            let rows = self.sole.cells(&format!("SELECT count(*) FROM {name}"), &[]).await?;
            let rows = match rows.first().map(Vec::as_slice) {
                Some([Cell::Int(rows)]) => rows.unsigned_abs(),
                _ => 0,
            };
            counts.push(PartSummary { table: (*name).to_owned(), rows });
        }
        Ok(counts)
    }

    /// The next rows, of one table after the other, or `None` at the end.
    pub async fn next_part(&mut self) -> Result<Option<Part>, StoreError> {
        while let Some(table) = self.tables.front_mut() {
            let part = table.page(&self.sole).await?;
            if !part.rows.is_empty() {
                return Ok(Some(part));
            }
            self.tables.pop_front();
        }
        Ok(None)
    }
}

impl Reading {
    /// The rows that follow in the order of the key.
    async fn page(&mut self, sole: &Sole) -> Result<Part, StoreError> {
        let Layout { columns, key } = &self.layout;
        let (name, all, order) = (self.name, list(columns), list(key));
        let after = match &self.last {
            Some(last) => format!(" WHERE ({order}) > ({})", numbers(0, last.len())),
            None => String::new(),
        };
        let text = format!("SELECT {all} FROM {name}{after} ORDER BY {order} LIMIT {PAGE}");
        let params: Vec<_> = self.last.iter().flatten().map(Cell::as_param).collect();
        let rows = sole.cells(&text, &params).await?;
        if let Some(row) = rows.last() {
            let of_key = |column: &String| {
                let at = columns.iter().position(|other| other == column);
                at.and_then(|at| row.get(at)).cloned().unwrap_or(Cell::Null)
            };
            self.last = Some(key.iter().map(of_key).collect());
        }
        Ok(Part { table: name.to_owned(), columns: columns.clone(), rows })
    }
}
