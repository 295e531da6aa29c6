//! The highest time that a server has seen. Servers raise it; only an administrator lowers it.

use tessera_model::{SeenTime, Timestamp};

use crate::row::Row;
use crate::sql::clock as sql;
use crate::tx::Backend;
use crate::value::params;
use crate::{StoreError, Tx};

/// The highest time seen, in a transaction or a read.
#[derive(Clone, Copy)]
pub struct Clock<'t>(&'t Tx);

impl Tx {
    /// The highest time that a server has seen.
    pub const fn clock(&self) -> Clock<'_> {
        Clock(self)
    }
}

impl Clock<'_> {
    /// The highest time seen.
    pub async fn seen(self) -> Result<SeenTime, StoreError> {
        let row = self.0.one_row(&sql::SEEN, &[]).await?;
        read(row.ok_or_else(|| StoreError::Corrupt("the counters of the clock are missing".to_owned()))?)
    }

    /// Raises the highest time seen. `false` if it is as high already, or if an administrator has accepted another clock since
    /// this instance read `accepted`.
    pub async fn raise(self, now: Timestamp, accepted: i64) -> Result<bool, StoreError> {
        self.0.changed(&sql::RAISE, params![now, accepted]).await
    }

    /// Makes `now` the highest time seen, whatever it was. Instances that run adopt it, because `accepted` goes up.
    pub async fn accept(self, now: Timestamp) -> Result<(), StoreError> {
        self.0.execute(&sql::SET, params![now]).await?;
        self.0.execute(&sql::ACCEPT, &[]).await.map(drop)
    }

    /// The clock of the database server. `None` on SQLite, which has none of its own, and in a restore.
    pub async fn of_database(self) -> Result<Option<Timestamp>, StoreError> {
        match &self.0.backend {
            Backend::SqliteRead(_) | Backend::SqliteWrite(_) | Backend::Sole(_) => Ok(None),
            Backend::Postgres(_) => {
                let row = self.0.one_row(&sql::OF_DATABASE, &[]).await?;
                row.map(|mut row| row.time("now")).transpose()
            }
        }
    }
}

pub(crate) fn read(mut row: Row) -> Result<SeenTime, StoreError> {
    let highest = row.time("highest")?;
    let highest = (highest > Timestamp::from_seconds(0)).then_some(highest);
    Ok(SeenTime { highest, accepted: row.int("accepted")? })
}
