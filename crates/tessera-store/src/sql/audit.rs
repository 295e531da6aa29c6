//! Audit events.

use super::statement::statements;

/// Columns of a row.
macro_rules! columns {
    () => {
        "id, at, code, actor, user_id, client_id, session_id, grant_id, ip, request_id, detail"
    };
}

statements! { "audit";
    APPEND = concat!("INSERT INTO audit (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
        ON CONFLICT DO NOTHING");
    LIST = concat!("SELECT ", columns!(), " FROM audit WHERE (at < $1 OR (at = $1 AND id < $2)) \
        AND (code = $3 OR $3 IS NULL) AND (client_id = $4 OR $4 IS NULL) ORDER BY at DESC, id DESC LIMIT $5");
    LIST_OF_USER = concat!("SELECT ", columns!(), " FROM audit WHERE (at < $1 OR (at = $1 AND id < $2)) \
        AND (code = $3 OR $3 IS NULL) AND (client_id = $4 OR $4 IS NULL) AND user_id = $5 \
        ORDER BY at DESC, id DESC LIMIT $6");
    PURGE = "DELETE FROM audit WHERE (at, id) IN \
        (SELECT at, id FROM audit WHERE at < $1 ORDER BY at, id LIMIT $2)";
}
