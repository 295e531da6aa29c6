//! Counting an attempt as wrong before it is verified (invariant I5), whatever it presents.

use tessera_model::{Digest, Throttle};
use tessera_store::{StoreError, Tx};

use crate::Cx;

/// Counts an attempt. `None` while it has to wait. While the clock may be wrong, nothing is blocked for long.
pub(crate) async fn count_attempt(
    cx: &Cx,
    tx: &Tx,
    (counter, account): (&Digest, &Digest),
    most: i64,
) -> Result<Option<Throttle>, StoreError> {
    if cx.app.time.is_quiet() {
        tx.throttles().begin_in_doubt(counter, account, most, cx.now).await
    } else {
        tx.throttles().begin(counter, account, most, cx.now).await
    }
}
