//! Keys of the issuer.

use super::statement::statements;

/// Columns of a row.
macro_rules! columns {
    () => {
        "id, purpose, state, retired_at, sealed, created_at, activated_at, due_at"
    };
}

statements! { "keys";
    INSERT = concat!("INSERT INTO signing_keys (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
        ON CONFLICT DO NOTHING");
    LIST = concat!("SELECT ", columns!(), " FROM signing_keys ORDER BY created_at, id");
    ACTIVATE = "UPDATE signing_keys SET state = 'active', activated_at = $2, due_at = NULL WHERE id = $1 AND state = 'next' \
        AND NOT EXISTS (SELECT 1 FROM signing_keys AS other \
          WHERE other.purpose = signing_keys.purpose AND other.state = 'active')";
    RETIRE = "UPDATE signing_keys SET state = 'retired', retired_at = $2, due_at = NULL WHERE id = $1 AND state = 'active'";
    PLAN = "UPDATE signing_keys SET due_at = $2 WHERE id = $1 AND (due_at IS NULL OR due_at <> $2)";
    BRING_BACK = "UPDATE signing_keys SET due_at = NULL, \
        created_at = CASE WHEN created_at > $1 THEN $1 ELSE created_at END, \
        activated_at = CASE WHEN activated_at > $1 THEN $1 ELSE activated_at END, \
        retired_at = CASE WHEN retired_at > $1 THEN $1 ELSE retired_at END \
        WHERE created_at > $1 OR activated_at > $1 OR retired_at > $1";
    REMOVE = "DELETE FROM signing_keys WHERE id = $1 AND state = 'retired'";
}
