//! Sessions.

use super::statement::statements;

/// Columns of a row.
macro_rules! columns {
    () => {
        "id, secret, user_id, proofs, created_at, last_seen_at, idle_expires_at, expires_at, ended_at, \
         user_agent, ip"
    };
}

statements! { "sessions";
    INSERT = concat!("INSERT INTO sessions (", columns!(), ", keep_until) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)");
    FIND = concat!("SELECT ", columns!(), " FROM sessions WHERE id = $1");
    FIND_FOR_UPDATE = concat!("SELECT ", columns!(), " FROM sessions WHERE id = $1{for_update}");
    FIND_BY_SECRET = concat!("SELECT ", columns!(), " FROM sessions WHERE secret = $1");
    TOUCH = "UPDATE sessions SET last_seen_at = $2, idle_expires_at = $3 \
        WHERE id = $1 AND ended_at IS NULL AND $2 < idle_expires_at AND $2 < expires_at";
    RENEW = "UPDATE sessions SET secret = $2, proofs = $3, last_seen_at = $4, idle_expires_at = $5, expires_at = $6, \
        keep_until = CASE WHEN keep_until < $6 THEN $6 ELSE keep_until END WHERE id = $1 AND ended_at IS NULL";
    END = "UPDATE sessions SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL";
    END_ALL_OF_USER = "UPDATE sessions SET ended_at = $2 WHERE user_id = $1 AND ended_at IS NULL RETURNING id";
    END_OTHERS_OF_USER = "UPDATE sessions SET ended_at = $2 WHERE user_id = $1 AND ended_at IS NULL AND id <> $3";
    LIST_OF_USER = concat!("SELECT ", columns!(), " FROM sessions WHERE user_id = $1 ORDER BY created_at DESC, id");
    // Also where it changes nothing: it locks the row.
    KEEP_UNTIL = "UPDATE sessions SET keep_until = CASE WHEN keep_until < $2 THEN $2 ELSE keep_until END \
        WHERE id = $1 AND ended_at IS NULL";
    UNSWEPT = "SELECT id FROM sessions WHERE ended_at IS NOT NULL AND swept = 0 ORDER BY ended_at LIMIT $1";
    MARK_SWEPT = "UPDATE sessions SET swept = 1 WHERE id = $1 AND ended_at IS NOT NULL";
    PURGE = "DELETE FROM sessions WHERE id IN \
        (SELECT id FROM sessions WHERE keep_until <= $1 ORDER BY keep_until LIMIT $2)";
}
