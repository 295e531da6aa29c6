//! People.

use super::statement::statements;

/// Columns of a row.
macro_rules! columns {
    () => {
        "id, username, name, email, email_verified, claims, status, status_at, password_hash, security_version, created_at, updated_at"
    };
}

statements! { "users";
    INSERT = concat!("INSERT INTO users (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
        ON CONFLICT DO NOTHING");
    FIND = concat!("SELECT ", columns!(), " FROM users WHERE id = $1");
    // With the last revocation rule about them, and whether a client is active.
    FIND_HOLDER = concat!("SELECT ", columns!(), ", seq AS rule_seq, issued_before AS rule_before, active_client FROM users \
        LEFT JOIN (SELECT id AS active_client FROM clients WHERE status = 'active') AS active ON active_client = $3 \
        LEFT JOIN revocations ON kind = 'subject' AND target = $2 WHERE id = $1");
    FIND_FOR_UPDATE = concat!("SELECT ", columns!(), " FROM users WHERE id = $1{for_update}");
    FIND_BY_USERNAME = concat!("SELECT ", columns!(), " FROM users WHERE username = $1");
    LIST_AFTER = concat!("SELECT ", columns!(), " FROM users WHERE username > $1 ORDER BY username LIMIT $2");
    CLAIMS_FOR_UPDATE = "SELECT claims FROM users WHERE id = $1{for_update}";
    UPDATE = "UPDATE users SET name = $2, email = $3, email_verified = $4, claims = $5, updated_at = $6 WHERE id = $1";
    LOCK = "UPDATE users SET status = 'locked', status_at = $2, updated_at = $2 WHERE id = $1 AND status = 'active'";
    UNLOCK = "UPDATE users SET status = 'active', status_at = NULL, updated_at = $2 \
        WHERE id = $1 AND status = 'locked'";
    DISABLE = "UPDATE users SET status = 'disabled', status_at = $2, updated_at = $2, password_hash = NULL, \
        security_version = security_version + 1 \
        WHERE id = $1 AND status IN ('active', 'locked')";
    // After the cost come a salt of 16 bytes and an output of 32 bytes, both in base64 and after a dollar sign.
    PASSWORD_COSTS = "SELECT cost, count(*) AS accounts FROM (\
          SELECT substr(password_hash, 1, length(password_hash) - 67) AS cost FROM users \
          WHERE length(password_hash) > 67) AS costs GROUP BY cost ORDER BY cost LIMIT 16";
    SET_PASSWORD = "UPDATE users SET password_hash = $2, updated_at = $3, security_version = security_version + 1 WHERE id = $1";
    CONFIRM = "UPDATE users SET password_hash = coalesce($3, password_hash) WHERE id = $1 AND security_version = $2";
    RENEW_CREDENTIALS = "UPDATE users SET security_version = security_version + 1 WHERE id = $1 AND security_version = $2";
    DELETE = "DELETE FROM users WHERE id = $1";
}
