//! Failure counters of logins (policy P3, invariant I5). An attempt is counted before it is verified, so that neither a crash nor
//! parallel attempts give a free guess.

use tessera_model::{Digest, Throttle, Timestamp};

use crate::row::Row;
use crate::sql::throttles as sql;
use crate::value::params;
use crate::{StoreError, Tx};

/// Failure counters, in a transaction or a read.
#[derive(Clone, Copy)]
pub struct Throttles<'t>(&'t Tx);

impl Tx {
    /// Failure counters.
    pub const fn throttles(&self) -> Throttles<'_> {
        Throttles(self)
    }
}

impl Throttles<'_> {
    /// Counts an attempt as a failure in advance. `None` while attempts are blocked. Of simultaneous attempts one is allowed.
    pub async fn begin(self, key: &Digest, now: Timestamp) -> Result<Option<Throttle>, StoreError> {
        // The first number of failures of each step. The statement has the same steps.
        let [first, third, ninth, twenty_fifth, hundredth] =
            [1, 3, 9, 25, 100].map(|failures| Throttle::next_attempt(failures, now));
        let params = params![key, first, third, ninth, twenty_fifth, hundredth, now];
        self.0.one_row(&sql::BEGIN, params).await?.map(read).transpose()
    }

    /// The state of a counter.
    pub async fn find(self, key: &Digest) -> Result<Option<Throttle>, StoreError> {
        self.0.one_row(&sql::FIND, params![key]).await?.map(read).transpose()
    }

    /// Removes a counter after a success.
    pub async fn clear(self, key: &Digest) -> Result<(), StoreError> {
        self.0.execute(&sql::CLEAR, params![key]).await.map(drop)
    }

    /// Removes counters that have not blocked anybody since `before`. It removes at most `most` in one call. Call it until it
    /// returns zero.
    pub async fn purge(self, before: Timestamp, most: u32) -> Result<u64, StoreError> {
        self.0.sweep(&sql::PURGE, params![before, most]).await
    }
}

pub(crate) fn read(mut row: Row) -> Result<Throttle, StoreError> {
    Ok(Throttle { failures: row.int("failures")?, blocked_until: row.time("blocked_until")? })
}
