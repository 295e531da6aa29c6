//! A connection that one backup or restore has for itself, with one transaction, on either engine.

use std::path::Path;

use crate::dialect::Dialect;
use crate::location::Location;
use crate::row::Row;
use crate::sql::Statement;
use crate::value::{Cell, Param};
use crate::{StoreError, postgres, sqlite};

/// The connection. Dropping it rolls back.
pub(crate) enum Sole {
    Sqlite(sqlite::Sole),
    Postgres(postgres::Sole),
}

impl Sole {
    /// Reads one state of a database and leaves it as it is.
    pub(crate) async fn read_only(location: &Location) -> Result<Self, StoreError> {
        match location {
            Location::Sqlite { path } => sqlite::Sole::read_only(path).map(Self::Sqlite),
            Location::Postgres { url, ca, .. } => {
                postgres::Sole::read_only(url, ca.as_deref()).await.map(Self::Postgres)
            }
        }
    }

    /// Fills a new SQLite file.
    pub(crate) fn fill(path: &Path) -> Result<Self, StoreError> {
        sqlite::Sole::fill(path).map(Self::Sqlite)
    }

    pub(crate) const fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Runs statements without values, after the dialect has replaced their placeholders.
    pub(crate) async fn batch(&self, text: &str) -> Result<(), StoreError> {
        let text = self.dialect().render(text);
        match self {
            Self::Sqlite(sole) => sole.batch(&text),
            Self::Postgres(sole) => sole.batch(&text).await,
        }
    }

    /// The rows of a statement, after the dialect has replaced its placeholders.
    pub(crate) async fn cells(&self, text: &str, params: &[Param<'_>]) -> Result<Vec<Vec<Cell>>, StoreError> {
        let text = self.dialect().render(text);
        match self {
            Self::Sqlite(sole) => sole.rows(&text, params),
            Self::Postgres(sole) => sole.rows(&text, params).await,
        }
    }

    /// Runs a statement with values, after the dialect has replaced its placeholders.
    pub(crate) async fn change(&self, text: &str, params: &[Param<'_>]) -> Result<u64, StoreError> {
        let text = self.dialect().render(text);
        match self {
            Self::Sqlite(sole) => sole.execute(&text, params),
            Self::Postgres(sole) => sole.execute(&text, params).await,
        }
    }

    /// The rows of a statement of the registry.
    pub(crate) async fn rows(
        &self,
        sql: &'static Statement,
        params: &[Param<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        let rows = match self {
            Self::Sqlite(sole) => sole.rows(sql.sqlite(), params)?,
            Self::Postgres(sole) => sole.rows(sql.postgres(), params).await?,
        };
        Ok(rows.into_iter().map(|cells| Row::new(sql, cells)).collect())
    }

    /// How many rows a statement of the registry changed.
    pub(crate) async fn execute(
        &self,
        sql: &'static Statement,
        params: &[Param<'_>],
    ) -> Result<u64, StoreError> {
        match self {
            Self::Sqlite(sole) => sole.execute(sql.sqlite(), params),
            Self::Postgres(sole) => sole.execute(sql.postgres(), params).await,
        }
    }

    /// Commits, and returns once that is durable.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(sole) => sole.commit(),
            Self::Postgres(sole) => sole.commit().await,
        }
    }
}
