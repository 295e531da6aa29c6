//! Key fobs.

use super::statement::statements;

/// Columns of a row.
macro_rules! columns {
    () => {
        "id, serial, manufacturer, kind, properties, secret, counter, imported_at, last_used_at, authenticator_id, user_id, lost_at"
    };
}

statements! { "fobs";
    INSERT = concat!("INSERT INTO fobs (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
        ON CONFLICT DO NOTHING");
    WITH_SERIAL = concat!("SELECT ", columns!(), " FROM fobs WHERE serial = $1 ORDER BY manufacturer LIMIT 10");
    LIST = concat!("SELECT ", columns!(), " FROM fobs WHERE serial > $1 OR (serial = $1 AND manufacturer > $2) \
        ORDER BY serial, manufacturer LIMIT $3");
    LIST_IN_STOCK = concat!("SELECT ", columns!(), " FROM fobs WHERE authenticator_id IS NULL AND lost_at IS NULL \
        AND (serial > $1 OR (serial = $1 AND manufacturer > $2)) ORDER BY serial, manufacturer LIMIT $3");
    OF_USER = concat!("SELECT ", columns!(), " FROM fobs WHERE user_id = $1 AND authenticator_id IS NOT NULL \
        ORDER BY serial, manufacturer");
    ASSIGN = "UPDATE fobs SET authenticator_id = $2, user_id = $3 \
        WHERE id = $1 AND authenticator_id IS NULL AND lost_at IS NULL";
    // What it has counted as an authenticator, it has counted.
    FOLLOW = "UPDATE fobs SET counter = $2, properties = $3, last_used_at = $4 \
        WHERE authenticator_id = $1 AND counter < $2";
    USE = "UPDATE fobs SET counter = $2, properties = $3, last_used_at = $4 \
        WHERE id = $1 AND counter < $2 AND authenticator_id IS NULL AND lost_at IS NULL";
    LOSE = "UPDATE fobs SET lost_at = $2, secret = $3 WHERE id = $1 AND authenticator_id IS NULL AND lost_at IS NULL";
    // One that was used stays, or its used codes would count again after another import. So does one that is lost.
    DELETE = "DELETE FROM fobs \
        WHERE id = $1 AND authenticator_id IS NULL AND lost_at IS NULL AND last_used_at IS NULL";
}
