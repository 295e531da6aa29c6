//! APIs.

use super::statement::statements;

/// Columns of a row.
macro_rules! columns {
    () => {
        "audience, name, status, status_at, settings, created_at, updated_at"
    };
}

statements! { "apis";
    INSERT = concat!("INSERT INTO apis (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING");
    FIND = concat!("SELECT ", columns!(), " FROM apis WHERE audience = $1");
    FIND_FOR_UPDATE = concat!("SELECT ", columns!(), " FROM apis WHERE audience = $1{for_update}");
    SETTINGS_FOR_UPDATE = "SELECT settings FROM apis WHERE audience = $1{for_update}";
    UPDATE = "UPDATE apis SET name = $2, settings = $3, updated_at = $4 WHERE audience = $1";
    LIST = concat!("SELECT ", columns!(), " FROM apis ORDER BY audience");
}
