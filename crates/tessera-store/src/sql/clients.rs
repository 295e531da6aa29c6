//! Clients.

use super::statement::statements;

/// Columns of a row.
macro_rules! columns {
    () => {
        "id, kind, name, status, status_at, settings, secrets, pkce_proven_at, created_at, updated_at"
    };
}

statements! { "clients";
    INSERT = concat!("INSERT INTO clients (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
        ON CONFLICT DO NOTHING");
    FIND = concat!("SELECT ", columns!(), " FROM clients WHERE id = $1");
    EXISTS = "SELECT id FROM clients WHERE id = $1";
    FIND_FOR_UPDATE = concat!("SELECT ", columns!(), " FROM clients WHERE id = $1{for_update}");
    LIST = concat!("SELECT ", columns!(), " FROM clients ORDER BY id");
    SETTINGS_FOR_UPDATE = "SELECT settings FROM clients WHERE id = $1{for_update}";
    SECRETS_FOR_UPDATE = "SELECT secrets FROM clients WHERE id = $1{for_update}";
    SET_SECRETS = "UPDATE clients SET secrets = $2, updated_at = $3 WHERE id = $1";
    UPDATE = "UPDATE clients SET name = $2, settings = $3, pkce_proven_at = $4, updated_at = $5 WHERE id = $1";
    PROVE_PKCE = "UPDATE clients SET pkce_proven_at = $2 WHERE id = $1 AND pkce_proven_at IS NULL";
    DISABLE = "UPDATE clients SET status = 'disabled', status_at = $2, updated_at = $2 \
        WHERE id = $1 AND status = 'active'";
    DELETE = "DELETE FROM clients WHERE id = $1";
}
