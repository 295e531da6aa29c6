//! Recovery codes. Each is one row, which the first use deletes (invariant I1).

use tessera_model::{Digest, Timestamp, UserId};

use crate::sql::recovery_codes as sql;
use crate::value::params;
use crate::{StoreError, Tx};

/// Recovery codes, in a transaction or a read.
#[derive(Clone, Copy)]
pub struct RecoveryCodes<'t>(&'t Tx);

impl Tx {
    /// Recovery codes of people.
    pub const fn recovery_codes(&self) -> RecoveryCodes<'_> {
        RecoveryCodes(self)
    }
}

impl RecoveryCodes<'_> {
    /// Puts new codes in the place of all that a person had. [`StoreError::Conflict`] if there is no such person.
    pub async fn replace(self, user: UserId, codes: &[Digest], now: Timestamp) -> Result<(), StoreError> {
        self.delete(user).await?;
        for digest in codes {
            self.0.execute(&sql::INSERT, params![&user, digest, now]).await?;
        }
        Ok(())
    }

    /// How many codes a person has left.
    pub async fn count(self, user: UserId) -> Result<u64, StoreError> {
        let row = self.0.one_row(&sql::COUNT, params![&user]).await?;
        row.ok_or_else(|| StoreError::Corrupt("a count has no row".to_owned()))?.count("codes")
    }

    /// Spends a code. `false` if the person has no such code any more.
    pub async fn spend(self, user: UserId, digest: &Digest) -> Result<bool, StoreError> {
        self.0.changed(&sql::SPEND, params![&user, digest]).await
    }

    /// Removes all codes of a person.
    pub async fn delete(self, user: UserId) -> Result<(), StoreError> {
        self.0.execute(&sql::DELETE, params![&user]).await.map(drop)
    }
}
