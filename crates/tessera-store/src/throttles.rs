//! Failure counters (policy P3, invariant I5). The attempt is counted before it is looked at, so that neither a crash nor a
//! hundred attempts at once get one for free.

use tessera_model::{Digest, Throttle, Timestamp};

use crate::purge::PURGE_BATCH;
use crate::row::Row;
use crate::sql::throttles as sql;
use crate::value::params;
use crate::{StoreError, Tx};

impl Tx {
    /// Begins an attempt, counted as a failure ahead; `None` while attempts are blocked. Of attempts that come together
    /// one goes through.
    pub async fn begin_attempt(&self, key: &Digest, now: Timestamp) -> Result<Option<Throttle>, StoreError> {
        // The first failure count of each step; the statement has the same steps.
        let [first, third, ninth, twenty_fifth, hundredth] =
            [1, 3, 9, 25, 100].map(|failures| Throttle::next_attempt(failures, now));
        let params = params![key, first, third, ninth, twenty_fifth, hundredth, now];
        self.one_row(&sql::BEGIN, params).await?.map(read).transpose()
    }

    /// Where a counter stands.
    pub async fn throttle(&self, key: &Digest) -> Result<Option<Throttle>, StoreError> {
        self.one_row(&sql::FIND, params![key]).await?.map(read).transpose()
    }

    /// Forgets the failures after a success.
    pub async fn clear_attempts(&self, key: &Digest) -> Result<(), StoreError> {
        self.execute(&sql::CLEAR, params![key]).await.map(drop)
    }

    /// Forgets counters that block nobody since `before`: at most 500 in one call, call again while it
    /// answers that many.
    pub async fn purge_attempts(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.sweep(&sql::PURGE, params![before, PURGE_BATCH]).await
    }
}

pub(crate) fn read(mut row: Row) -> Result<Throttle, StoreError> {
    Ok(Throttle { failures: row.int("failures")?, blocked_until: row.time("blocked_until")? })
}
