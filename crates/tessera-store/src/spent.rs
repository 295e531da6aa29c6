//! Single-use things that are not a grant. The first to write the entry has spent the thing (invariant I1).

use tessera_model::{Digest, SpentKind, Timestamp};

use crate::sql::spent as sql;
use crate::value::{named, params};
use crate::{StoreError, Tx};

/// What has been spent, in a transaction.
#[derive(Clone, Copy)]
pub struct Spent<'t>(&'t Tx);

impl Tx {
    /// Single-use things that are not a grant.
    pub const fn spent(&self) -> Spent<'_> {
        Spent(self)
    }
}

impl Spent<'_> {
    /// Spends a thing; `false` if it was spent before. The database forgets it some time after `expires_at`. Until then it
    /// stays spent, also when it has expired: whoever spends a thing checks its expiry apart from this.
    pub async fn spend(
        self,
        kind: SpentKind,
        digest: &Digest,
        expires_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let values = named![kind = kind.as_str(), digest = digest, expires_at = expires_at];
        self.0.changed(&sql::SPEND, values.of(&sql::SPEND)?).await
    }

    /// Removes what expired before this moment: at most `most` in one call. Call it until it returns zero.
    pub async fn purge(self, before: Timestamp, most: u32) -> Result<u64, StoreError> {
        self.0.sweep(&sql::PURGE, params![before, most]).await
    }
}
