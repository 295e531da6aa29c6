//! Keys of the issuer.

use super::statement::statements;

/// Columns of a row.
macro_rules! columns {
    () => {
        "id, purpose, state, retired_at, sealed, created_at, activated_at"
    };
}

statements! { "keys";
    INSERT = concat!("INSERT INTO signing_keys (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7) \
        ON CONFLICT DO NOTHING");
    LIST = concat!("SELECT ", columns!(), " FROM signing_keys ORDER BY created_at, id");
    ACTIVATE = "UPDATE signing_keys SET state = 'active', activated_at = $2 WHERE id = $1 AND state = 'next' \
        AND NOT EXISTS (SELECT 1 FROM signing_keys AS other \
          WHERE other.purpose = signing_keys.purpose AND other.state = 'active')";
    RETIRE = "UPDATE signing_keys SET state = 'retired', retired_at = $2 WHERE id = $1 AND state = 'active'";
    REMOVE = "DELETE FROM signing_keys WHERE id = $1 AND state = 'retired'";
}
