//! Audit events.
//!
//! Lists go back in time. Each statement looks at a stretch of the order `(at, id)`, whose other end `STRETCH` finds, so that no read
//! goes through the whole table to find few rows.

use super::statement::statements;

/// Columns of a row.
macro_rules! columns {
    () => {
        "id, at, code, actor, user_id, client_id, session_id, grant_id, ip, request_id, detail"
    };
}

/// What a filter asks of a row.
macro_rules! filter {
    () => {
        "(at, id) < ($1, $2) AND (at, id) >= ($3, $4) AND (code = $5 OR $5 IS NULL) \
        AND (client_id = $6 OR $6 IS NULL) AND (request_id = $7 OR $7 IS NULL)"
    };
}

statements! { "audit";
    APPEND = concat!("INSERT INTO audit (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
        ON CONFLICT DO NOTHING");
    LIST = concat!("SELECT ", columns!(), " FROM audit WHERE ", filter!(), " ORDER BY at DESC, id DESC LIMIT $8");
    LIST_OF_USER = concat!("SELECT ", columns!(), " FROM audit WHERE ", filter!(), " AND user_id = $8 \
        ORDER BY at DESC, id DESC LIMIT $9");
    STRETCH = "SELECT at, id FROM audit WHERE (at, id) < ($1, $2) AND at >= $3 ORDER BY at DESC, id DESC LIMIT 1 OFFSET $4";
    STRETCH_OF_USER = "SELECT at, id FROM audit WHERE (at, id) < ($1, $2) AND at >= $3 AND user_id = $4 \
        ORDER BY at DESC, id DESC LIMIT 1 OFFSET $5";
    // The conditions on the code are those of the index.
    REFERENCE = "SELECT min(at) AS first, max(at) AS last FROM audit WHERE request_id = $1 AND request_id IS NOT NULL \
        AND code <> 'client_credentials.issued' AND code <> 'refresh.rotated' AND code <> 'code.issued' \
        AND code <> 'code.redeemed' AND code <> 'login.succeeded'";
    PURGE = "DELETE FROM audit WHERE (at, id) IN \
        (SELECT at, id FROM audit WHERE at < $1 ORDER BY at, id LIMIT $2)";
}
