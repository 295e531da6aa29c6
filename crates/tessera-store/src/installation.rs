//! The row that tells which installation a database belongs to. A random id is made with the database and never changes.

use tessera_model::Timestamp;

use crate::row::Row;
use crate::sql::installation as sql;
use crate::value::Param;
use crate::{StoreError, Tx};

/// The id of the installation. It is no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstallationId([u8; 16]);

/// The installation, in a transaction or a read.
#[derive(Clone, Copy)]
pub struct Installation<'t>(&'t Tx);

impl Tx {
    /// Which installation the database belongs to.
    pub const fn installation(&self) -> Installation<'_> {
        Installation(self)
    }
}

impl Installation<'_> {
    /// The id.
    pub async fn id(self) -> Result<InstallationId, StoreError> {
        let row = self.0.one_row(&sql::FIND_ID, &[]).await?;
        read(row.ok_or_else(|| StoreError::Corrupt("the id of the installation is missing".to_owned()))?)
    }

    /// A small write that tries whether the database takes writes; `false` if it belongs to another installation.
    pub async fn probe(self, id: InstallationId, now: Timestamp) -> Result<bool, StoreError> {
        self.0.changed(&sql::PROBE, &[Param::Bytes(&id.0), Param::from(now)]).await
    }
}

/// Reads the id.
pub(crate) fn read(mut row: Row) -> Result<InstallationId, StoreError> {
    let bytes = row.bytes("id")?;
    bytes.try_into().map(InstallationId).map_err(|_| row.unreadable("id", "16 bytes"))
}
