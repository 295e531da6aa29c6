//! Authenticators.

use super::statement::statements;

/// Columns of a row.
macro_rules! columns {
    () => {
        "id, user_id, kind, name, credential_id, properties, secret, counter, created_at, last_used_at"
    };
}

statements! { "authenticators";
    INSERT = concat!("INSERT INTO authenticators (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
        ON CONFLICT DO NOTHING");
    FIND_BY_CREDENTIAL = concat!("SELECT ", columns!(), " FROM authenticators WHERE credential_id = $1");
    OF_USER = concat!("SELECT ", columns!(), " FROM authenticators WHERE user_id = $1 ORDER BY created_at, id");
    // The counter of a security key that does not count stays at zero.
    USE = "UPDATE authenticators SET counter = $2, last_used_at = $3 \
        WHERE id = $1 AND (counter < $2 OR (counter = 0 AND $2 = 0 AND kind = 'webauthn'))";
    PROPERTIES_FOR_UPDATE = "SELECT properties FROM authenticators WHERE id = $1{for_update}";
    DESCRIBE = "UPDATE authenticators SET properties = $2 WHERE id = $1";
    RENAME = "UPDATE authenticators SET name = $3 WHERE user_id = $1 AND id = $2";
    DELETE = "DELETE FROM authenticators WHERE user_id = $1 AND id = $2";
    DELETE_ALL = "DELETE FROM authenticators WHERE user_id = $1";
}
