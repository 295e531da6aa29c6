//! Grants. What may succeed once is one conditional statement (invariant I1).

use super::statement::statements;

/// Columns of a row.
macro_rules! columns {
    () => {
        "id, client_id, holder, user_id, session_id, proofs, scope, audiences, nonce, stage, \
         code_expires_at, redirect_uri, code_challenge, code_failures, refresh_leaf, refresh_parent, \
         refresh_rotated_at, refresh_rotated_from, refresh_retried_at, refresh_elsewhere, refresh_shadow_run, \
         refresh_idle_expires_at, revoked_at, revoke_reason, last_used_ip, created_at, expires_at, security_version"
    };
}

/// Not dead because its session was ended. An offline grant outlives its session, but its code does not.
macro_rules! session_lives {
    () => {
        "NOT EXISTS (SELECT 1 FROM sessions WHERE sessions.id = grants.session_id AND sessions.ended_at IS NOT NULL \
          AND (grants.holder = 'session' OR grants.stage = 'code'))"
    };
}

/// Not dead because the person's credentials are of a later generation.
macro_rules! generation_lives {
    () => {
        "NOT EXISTS (SELECT 1 FROM users WHERE users.id = grants.user_id \
          AND users.security_version <> grants.security_version)"
    };
}

statements! { "grants";
    INSERT = concat!("INSERT INTO grants (", columns!(), ", code_number) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, \
        $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29)");
    PENDING_CODES = "SELECT id, code_number FROM grants WHERE session_id = $1 AND client_id = $2 AND stage = 'code'";
    REMOVE_CODE = "DELETE FROM grants WHERE id = $1 AND stage = 'code'";
    FIND = concat!("SELECT ", columns!(), " FROM grants WHERE id = $1");
    REDEEM_CODE = concat!("UPDATE grants SET stage = 'active', refresh_leaf = $2, refresh_rotated_at = $3, \
        refresh_idle_expires_at = $4, last_used_ip = $7 \
        WHERE id = $1 AND stage = 'code' AND code_expires_at > $5 AND expires_at > $5 AND code_failures < $6 \
        RETURNING ", columns!());
    FIND_CODE = "SELECT code_expires_at, redirect_uri, code_challenge, code_failures \
        FROM grants WHERE id = $1";
    FAIL_CODE = concat!("UPDATE grants SET code_failures = code_failures + 1, \
        stage = CASE WHEN code_failures + 1 < $2 THEN stage ELSE 'revoked' END, \
        revoked_at = CASE WHEN code_failures + 1 < $2 THEN revoked_at ELSE $3 END, \
        revoke_reason = CASE WHEN code_failures + 1 < $2 THEN revoke_reason ELSE $4 END \
        WHERE id = $1 AND stage = 'code' AND ", session_lives!(), " RETURNING code_failures");
    // The leaf moves on; its parent, in time, gets the same leaf again. The values on the right are those before.
    ROTATE_REFRESH = concat!("UPDATE grants SET \
        refresh_leaf = CASE WHEN refresh_leaf = $2 THEN refresh_leaf + 1 ELSE refresh_leaf END, \
        refresh_parent = $2, \
        refresh_rotated_at = CASE WHEN refresh_leaf = $2 THEN $3 ELSE refresh_rotated_at END, \
        refresh_rotated_from = CASE WHEN refresh_leaf = $2 THEN $6 ELSE refresh_rotated_from END, \
        refresh_retried_at = CASE WHEN refresh_leaf = $2 THEN NULL ELSE $3 END, \
        refresh_elsewhere = CASE WHEN refresh_leaf = $2 THEN 0 WHEN refresh_rotated_from <> $6 THEN refresh_elsewhere + 1 \
          ELSE refresh_elsewhere END, \
        refresh_shadow_run = CASE WHEN refresh_leaf = $2 AND refresh_elsewhere = 0 THEN 0 \
          WHEN refresh_leaf <> $2 AND refresh_elsewhere = 0 AND refresh_rotated_from <> $6 THEN refresh_shadow_run + 1 \
          ELSE refresh_shadow_run END, \
        refresh_idle_expires_at = CASE WHEN refresh_leaf <> $2 THEN refresh_idle_expires_at \
          WHEN holder = 'offline' THEN $4 ELSE expires_at END, \
        last_used_ip = CASE WHEN refresh_leaf = $2 THEN $7 ELSE last_used_ip END \
        WHERE id = $1 AND stage = 'active' AND expires_at > $3 AND refresh_idle_expires_at > $3 \
        AND (refresh_leaf = $2 OR (refresh_parent = $2 AND refresh_rotated_at >= $5)) \
        RETURNING ", columns!());
    REVOKE = concat!("UPDATE grants SET stage = 'revoked', revoked_at = $2, revoke_reason = $3 WHERE id = $1 AND stage <> 'revoked' \
        AND ", session_lives!(), " AND ", generation_lives!());
    REVOKE_WITHOUT_GENERATION = concat!("UPDATE grants SET stage = 'revoked', revoked_at = $2, revoke_reason = $3 \
        WHERE user_id = $1 AND security_version IS NULL AND stage <> 'revoked' AND ", session_lives!());
    REMOVE_OF_SESSION = "DELETE FROM grants WHERE id IN \
        (SELECT id FROM grants WHERE session_id = $1 AND (holder = 'session' OR stage = 'code') LIMIT $2)";
    ANY_OF_SESSION = "SELECT id FROM grants WHERE session_id = $1 AND (holder = 'session' OR stage = 'code') LIMIT 1";
    REMOVE_OF_USER = "DELETE FROM grants WHERE id IN (SELECT id FROM grants WHERE user_id = $1 LIMIT $2)";
    ANY_OF_USER = "SELECT id FROM grants WHERE user_id = $1 LIMIT 1";
    REMOVE_OF_CLIENT = "DELETE FROM grants WHERE id IN (SELECT id FROM grants WHERE client_id = $1 LIMIT $2)";
    ANY_OF_CLIENT = "SELECT id FROM grants WHERE client_id = $1 LIMIT 1";
    CLIENTS_OF_SESSION = "SELECT min(client_id) AS first, max(client_id) AS last FROM grants WHERE session_id = $1";
    PURGE = "DELETE FROM grants WHERE id IN \
        (SELECT id FROM grants WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
}
