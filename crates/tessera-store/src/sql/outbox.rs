//! Messages that wait until another system has taken them.

use super::statement::statements;

/// Columns of a row.
macro_rules! columns {
    () => {
        "id, channel, kind, user_id, sealed, urgent, attempts, last_error, next_attempt_at, created_at, expires_at"
    };
}

statements! { "outbox";
    INSERT = concat!("INSERT INTO outbox (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)");
    DUE = concat!("SELECT ", columns!(), " FROM outbox WHERE channel = $1 AND urgent = $2 \
        AND (next_attempt_at <= $3 OR next_attempt_at > $4) ORDER BY next_attempt_at LIMIT $5");
    NEXT = "SELECT next_attempt_at FROM outbox WHERE channel = $1 AND urgent = $2 ORDER BY next_attempt_at LIMIT 1";
    LIST = concat!("SELECT ", columns!(), " FROM outbox WHERE channel = $1 ORDER BY next_attempt_at, id LIMIT $2");
    // Whoever counts the attempt makes it.
    ATTEMPT = "UPDATE outbox SET attempts = attempts + 1, next_attempt_at = $3 WHERE id = $1 AND attempts = $2";
    FAIL = "UPDATE outbox SET last_error = $3 WHERE id = $1 AND attempts = $2";
    DELETE = "DELETE FROM outbox WHERE id = $1 AND attempts = $2";
}
