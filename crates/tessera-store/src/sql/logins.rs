//! Logins that are under way.

use super::statement::statements;

/// Columns of a row.
macro_rules! columns {
    () => {
        "id, user_id, browser, proofs, steps, wrong, security_version, expires_at"
    };
}

statements! { "logins";
    INSERT = concat!("INSERT INTO logins (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
    FIND = concat!("SELECT ", columns!(), " FROM logins WHERE id = $1");
    ADVANCE = "UPDATE logins SET proofs = $3, steps = steps + 1 WHERE id = $1 AND steps = $2";
    FINISH = "DELETE FROM logins WHERE id = $1 AND steps = $2";
    COUNT_WRONG = "UPDATE logins SET wrong = wrong + 1 WHERE id = $1 RETURNING wrong";
    DELETE = "DELETE FROM logins WHERE id = $1";
    PURGE = "DELETE FROM logins WHERE id IN (SELECT id FROM logins WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
}
