//! PostgreSQL's error codes as facts of the store (PostgreSQL manual, appendix A).

use tokio_postgres::Error;

use crate::StoreError;

/// What an error of PostgreSQL means. Keeps its code and message, never its detail, which would hold values of rows.
pub(super) fn store_error(error: &Error) -> StoreError {
    let Some(db) = error.as_db_error() else {
        return StoreError::Unavailable(error.to_string());
    };
    let code = db.code().code();
    let text = format!("{} ({code})", db.message());
    match &code[..2] {
        "23" => StoreError::Conflict,
        // Syntax and missing tables, wrong data, features that are not there, internal errors.
        "22" | "42" | "0A" | "XX" => StoreError::Corrupt(text),
        _ => StoreError::Unavailable(text),
    }
}

/// Whether the transaction lost against another one and the same work may succeed now: `serialization_failure` and
/// `deadlock_detected`.
pub(super) fn is_lost_race(error: &Error) -> bool {
    matches!(error.code().map(tokio_postgres::error::SqlState::code), Some("40001" | "40P01"))
}
