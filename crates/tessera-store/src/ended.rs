//! Why a transaction was not committed, for both engines.

use crate::StoreError;

/// Why a transaction was not committed.
pub(crate) enum Ended {
    /// It lost against another transaction. A retry may succeed.
    Lost,
    /// It failed, and is not retried.
    Failed(StoreError),
}
