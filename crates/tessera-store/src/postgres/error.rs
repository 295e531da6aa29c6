//! Maps PostgreSQL's error codes to errors of the store (PostgreSQL manual, appendix A).

use tokio_postgres::Error;
use tokio_postgres::error::{DbError, Severity};

use crate::StoreError;

/// Maps an error of PostgreSQL. Keeps its code and message, but not its detail, which may hold values of rows.
pub(super) fn store_error(error: &Error) -> StoreError {
    let Some(db) = error.as_db_error() else {
        return StoreError::Unavailable(error.to_string());
    };
    let code = db.code().code();
    let text = format!("{} ({code})", db.message());
    match &code[..2] {
        "23" => StoreError::Conflict,
        // Syntax errors and missing tables, wrong data, unsupported features, internal errors.
        "22" | "42" | "0A" | "XX" => StoreError::Corrupt(text),
        _ => StoreError::Unavailable(text),
    }
}

/// Whether the transaction lost against another one, so that a retry may succeed: `serialization_failure` or
/// `deadlock_detected`.
pub(super) fn is_lost_race(error: &Error) -> bool {
    matches!(error.code().map(tokio_postgres::error::SqlState::code), Some("40001" | "40P01"))
}

/// Whether the server said that it refuses the statement, and goes on. Anything else may have come after the work was done.
pub(super) fn ends_the_transaction_only(error: &Error) -> bool {
    error.as_db_error().and_then(DbError::parsed_severity) == Some(Severity::Error)
}
