//! Failure counters of logins (policy P3, invariant I5). An attempt is counted before it is verified, so that neither a crash nor
//! parallel attempts give a free guess.

use std::time::Duration;

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

/// How long a counter is kept after its day. Longer than a delay lasts beyond midnight and than the clocks of servers differ.
const KEPT: Duration = Duration::from_secs(3_600);

impl Throttles<'_> {
    /// Counts an attempt as a failure in advance. `None` while attempts are blocked. Of simultaneous attempts one is allowed.
    /// After `most` failures of a day, attempts are blocked until it is over. `account` names all counters of one account, for
    /// [`Self::clear_account`].
    pub async fn begin(
        self,
        key: &Digest,
        account: &Digest,
        most: i64,
        now: Timestamp,
    ) -> Result<Option<Throttle>, StoreError> {
        self.begin_until(Throttle::next_day(now), (key, account), most, now).await
    }

    /// [`Self::begin`] while the clock may be wrong: nothing is blocked for more than ten seconds.
    pub async fn begin_in_doubt(
        self,
        key: &Digest,
        account: &Digest,
        most: i64,
        now: Timestamp,
    ) -> Result<Option<Throttle>, StoreError> {
        self.begin_until(Throttle::next_attempt(most - 1, now), (key, account), most, now).await
    }

    /// `most` failures block until `last`.
    async fn begin_until(
        self,
        last: Timestamp,
        (key, account): (&Digest, &Digest),
        most: i64,
        now: Timestamp,
    ) -> Result<Option<Throttle>, StoreError> {
        // The first number of failures of each step. The statement has the same steps.
        let [first, third, ninth, twenty_fifth] =
            [1, 3, 9, 25].map(|failures| Throttle::next_attempt(failures, now));
        let first = if most <= 1 { last } else { first };
        let (pending, latest) = (now.after(Throttle::LONGEST_ATTEMPT), Throttle::latest_block(now));
        let params = params![
            key,
            account,
            Throttle::day(now),
            first,
            third,
            ninth,
            twenty_fifth,
            last,
            pending,
            now,
            latest,
            most,
        ];
        self.0.one_row(&sql::BEGIN, params).await?.map(read).transpose()
    }

    /// The state of a counter.
    pub async fn find(self, key: &Digest) -> Result<Option<Throttle>, StoreError> {
        self.0.one_row(&sql::FIND, params![key]).await?.map(read).transpose()
    }

    /// The attempt that [`Self::begin`] answered with this was wrong. Those that wait for its outcome are now blocked.
    pub async fn settle(self, key: &Digest, begun: &Throttle) -> Result<(), StoreError> {
        let params = params![key, begun.failures, begun.blocked_until];
        self.0.execute(&sql::SETTLE, params).await.map(drop)
    }

    /// Takes back what [`Self::begin`] counted, because nothing was verified.
    pub async fn retract(self, key: &Digest, begun: &Throttle, now: Timestamp) -> Result<(), StoreError> {
        let params = params![key, begun.failures, begun.blocked_until, now];
        self.0.execute(&sql::RETRACT, params).await.map(drop)
    }

    /// Removes a counter after a success.
    pub async fn clear(self, key: &Digest) -> Result<(), StoreError> {
        self.0.execute(&sql::CLEAR, params![key]).await.map(drop)
    }

    /// Removes all counters of an account.
    pub async fn clear_account(self, account: &Digest) -> Result<u64, StoreError> {
        self.0.execute(&sql::CLEAR_ACCOUNT, params![account]).await
    }

    /// Removes counters of days that are over. It removes at most `most` in one call. Call it until it returns zero.
    pub async fn purge(self, now: Timestamp, most: u32) -> Result<u64, StoreError> {
        let today = Throttle::day(now.before(KEPT));
        self.0.sweep(&sql::PURGE, params![today, now, most]).await
    }
}

pub(crate) fn read(mut row: Row) -> Result<Throttle, StoreError> {
    Ok(Throttle {
        day: row.int("day")?,
        failures: row.int("failures")?,
        blocked_until: row.time("blocked_until")?,
        pending_until: row.opt_time("pending_until")?,
    })
}
