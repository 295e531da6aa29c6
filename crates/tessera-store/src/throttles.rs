//! Failure counters (policy P3, invariant I5). The attempt is counted before it is looked at, so that neither a crash nor a
//! hundred attempts at once get one for free.

use tessera_model::{Digest, Throttle, Timestamp};

use crate::row::Row;
use crate::sql::throttles as sql;
use crate::tx::PURGE_BATCH;
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
    /// Begins an attempt, counted as a failure ahead; `None` while attempts are blocked. Of attempts that come together
    /// one goes through.
    pub async fn begin(self, key: &Digest, now: Timestamp) -> Result<Option<Throttle>, StoreError> {
        // The first failure count of each step; the statement has the same steps.
        let [first, third, ninth, twenty_fifth, hundredth] =
            [1, 3, 9, 25, 100].map(|failures| Throttle::next_attempt(failures, now));
        let params = params![key, first, third, ninth, twenty_fifth, hundredth, now];
        self.0.one_row(&sql::BEGIN, params).await?.map(read).transpose()
    }

    /// Where a counter stands.
    pub async fn find(self, key: &Digest) -> Result<Option<Throttle>, StoreError> {
        self.0.one_row(&sql::FIND, params![key]).await?.map(read).transpose()
    }

    /// Forgets the failures after a success.
    pub async fn clear(self, key: &Digest) -> Result<(), StoreError> {
        self.0.execute(&sql::CLEAR, params![key]).await.map(drop)
    }

    /// Forgets counters that block nobody since `before`: at most 500 in one call, call again until it
    /// answers zero.
    pub async fn purge(self, before: Timestamp) -> Result<u64, StoreError> {
        self.0.sweep(&sql::PURGE, params![before, PURGE_BATCH]).await
    }
}

pub(crate) fn read(mut row: Row) -> Result<Throttle, StoreError> {
    Ok(Throttle { failures: row.int("failures")?, blocked_until: row.time("blocked_until")? })
}
