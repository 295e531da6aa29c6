//! The catalog version: a number that grows with every change of clients, APIs and keys, in the transaction of the change.
//!
//! Servers keep the catalog in memory and look at this one number twice a second.

use crate::row::Row;
use crate::sql::{Statement, catalog as sql};
use crate::value::Param;
use crate::{StoreError, Tx};

/// Everything in a table of the catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing<T> {
    /// What can be read.
    pub entries: Vec<T>,
    /// What cannot: it counts as turned off, and turns off nothing else.
    pub unreadable: Vec<Unreadable>,
}

/// A row that this version of the program cannot have written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Client id or audience, as it stands there.
    pub name: String,
    /// What is wrong, without values of the row.
    pub why: StoreError,
}

impl<T> Listing<T> {
    /// Reads row by row; `name_column` is what an unreadable row is named by.
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

    /// Runs a statement that changes the catalog; the version grows if it changed a row.
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
    /// The version now. Read it before the catalog: what is loaded is then at least that new.
    pub async fn version(self) -> Result<i64, StoreError> {
        let row = self.0.one_row(&sql::VERSION, &[]).await?;
        read_version(row.ok_or_else(|| StoreError::Corrupt("the catalog counter is missing".to_owned()))?)
    }
}

pub(crate) fn read_version(mut row: Row) -> Result<i64, StoreError> {
    row.int("value")
}
