//! Removing what can never count again. In small steps, so that nobody waits long behind one.

use tessera_model::Timestamp;

use crate::sql::{audit, grants, sessions};
use crate::value::params;
use crate::{StoreError, Tx};

/// Most rows of one table that one purge call removes.
pub(crate) const PURGE_BATCH: u32 = 500;

impl Tx {
    /// Removes grants past their end, and sessions past their end with no grant left. At most 500 of each in one call:
    /// call again, in a transaction of its own, while it answers anything but zero.
    pub async fn purge_expired(&self, now: Timestamp) -> Result<u64, StoreError> {
        let grants = self.sweep(&grants::PURGE, params![now, PURGE_BATCH]).await?;
        let sessions = self.sweep(&sessions::PURGE, params![now, PURGE_BATCH]).await?;
        Ok(grants + sessions)
    }

    /// Removes audit events of the time before `before`: at most 500 in one call, call again while it answers anything but zero.
    pub async fn purge_events(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.sweep(&audit::PURGE, params![before, PURGE_BATCH]).await
    }
}
