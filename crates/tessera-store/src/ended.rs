//! What both engines answer when a transaction was not committed.

use crate::StoreError;

/// How a transaction ended without its commit.
pub(crate) enum Ended {
    /// Another transaction won; the same work may succeed now.
    Lost,
    /// For good.
    Failed(StoreError),
}
