//! The catalog version: a number that grows with every change of clients, APIs and keys, in the transaction of the change.
//!
//! Servers keep the catalog in memory and look at this one number twice a second.

use crate::sql::Sql;
use crate::value::Param;
use crate::{StoreError, Tx};

impl Tx {
    /// The version now. Read it before the catalog: what is loaded is then at least that new.
    pub async fn catalog_version(&self) -> Result<i64, StoreError> {
        let row = self.one_row(Sql::CatalogVersion, &[]).await?;
        row.ok_or_else(|| StoreError::Corrupt("the catalog counter is missing".to_owned()))?.int()
    }

    /// Runs a statement that changes the catalog; the version grows if it changed a row.
    pub(crate) async fn changed_catalog(&self, sql: Sql, params: &[Param<'_>]) -> Result<bool, StoreError> {
        let changed = self.changed(sql, params).await?;
        if changed {
            self.execute(Sql::BumpCatalog, &[]).await?;
        }
        Ok(changed)
    }
}
