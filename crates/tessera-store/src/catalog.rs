//! The catalog version. Every change of clients, APIs or keys increments it in the same transaction.
//!
//! Servers keep the catalog in memory, and read the version twice a second.

use crate::row::Row;
use crate::sql::{Statement, catalog as sql};
use crate::value::Param;
use crate::{StoreError, Tx};

/// All rows of a table of the catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing<T> {
    /// The rows that can be read.
    pub entries: Vec<T>,
    /// The rows that cannot. Each counts as turned off. The others are not affected.
    pub unreadable: Vec<Unreadable>,
}

/// A row that this version of the program cannot read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Client id or audience, as stored.
    pub name: String,
    /// What is wrong with the row, without its values.
    pub why: StoreError,
}

impl<T> Listing<T> {
    /// Reads row by row. An unreadable row is named by its `name_column`.
    pub(crate) fn read(
        name_column: &str,
        rows: Vec<Row>,
        read: impl Fn(Row) -> Result<T, StoreError>,
    ) -> Result<Self, StoreError> {
        let mut listing = Self { entries: Vec::with_capacity(rows.len()), unreadable: Vec::new() };
        for row in rows {
            let name = row.clone().text(name_column)?;
            match read(row) {
                Ok(entry) => listing.entries.push(entry),
                Err(why) => listing.unreadable.push(Unreadable { name, why }),
            }
        }
        Ok(listing)
    }
}

/// The version of the catalog, in a transaction or a read.
#[derive(Clone, Copy)]
pub struct Catalog<'t>(&'t Tx);

impl Tx {
    /// The version of the catalog.
    pub const fn catalog(&self) -> Catalog<'_> {
        Catalog(self)
    }

    /// Runs a statement that changes the catalog. Increments the version if it changed a row.
    pub(crate) async fn changed_catalog(
        &self,
        sql: &'static Statement,
        params: &[Param<'_>],
    ) -> Result<bool, StoreError> {
        let changed = self.changed(sql, params).await?;
        if changed {
            self.execute(&sql::BUMP, &[]).await?;
        }
        Ok(changed)
    }
}

impl Catalog<'_> {
    /// Gives the catalog a version that no server has seen, after its keys were replaced as a whole.
    pub async fn restart(self, version: i64) -> Result<(), StoreError> {
        self.0.execute(&sql::RESTART, &[version.into()]).await.map(drop)
    }

    /// Tells the servers that the catalog changed, although none of its rows did.
    pub async fn changed(self) -> Result<(), StoreError> {
        self.0.execute(&sql::BUMP, &[]).await.map(drop)
    }

    /// The current version. Read it before the catalog, so that what is loaded is at least that new.
    pub async fn version(self) -> Result<i64, StoreError> {
        let row = self.0.one_row(&sql::VERSION, &[]).await?;
        read_version(row.ok_or_else(|| StoreError::Corrupt("the catalog counter is missing".to_owned()))?)
    }
}

pub(crate) fn read_version(mut row: Row) -> Result<i64, StoreError> {
    row.int("value")
}
