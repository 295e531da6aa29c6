//! The status of clients and APIs, active or disabled, in two columns.

use tessera_model::Timestamp;

use crate::StoreError;
use crate::row::Row;

/// The text of the column `status`. The column `status_at` is `disabled_at` itself.
pub(crate) const fn name(disabled_at: Option<Timestamp>) -> &'static str {
    match disabled_at {
        None => "active",
        Some(_) => "disabled",
    }
}

/// Reads both columns. Returns when it was disabled, if it was.
pub(crate) fn read(row: &mut Row) -> Result<Option<Timestamp>, StoreError> {
    let status = row.text("status")?;
    match (status.as_str(), row.opt_time("status_at")?) {
        ("active", None) => Ok(None),
        ("disabled", Some(at)) => Ok(Some(at)),
        _ => Err(row.unreadable("status", "active, or disabled with its time")),
    }
}
