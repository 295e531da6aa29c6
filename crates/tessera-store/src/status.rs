//! `active` or `disabled since`, as clients and APIs keep it in two columns.

use tessera_model::Timestamp;

use crate::StoreError;
use crate::value::Row;

/// The text of the first column; the second is `disabled_at` itself.
pub(crate) const fn name(disabled_at: Option<Timestamp>) -> &'static str {
    match disabled_at {
        None => "active",
        Some(_) => "disabled",
    }
}

/// Reads the two columns: since when it is disabled, if it is.
pub(crate) fn read(row: &mut Row) -> Result<Option<Timestamp>, StoreError> {
    let status = row.text()?;
    match (status.as_str(), row.opt_time()?) {
        ("active", None) => Ok(None),
        ("disabled", Some(at)) => Ok(Some(at)),
        _ => Err(row.unreadable("active, or disabled with its time")),
    }
}
