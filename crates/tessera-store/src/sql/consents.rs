//! Remembered consents, and which clients have access.

use super::statement::statements;

statements! { "consents";
    ACCESSES_OF_USER = "SELECT client_id, MIN(since) AS since FROM (\
          SELECT client_id, created_at AS since FROM grants WHERE user_id = $1 AND stage = 'active' AND expires_at > $2 \
            AND (refresh_idle_expires_at > $2 OR refresh_idle_expires_at IS NULL) \
            AND NOT EXISTS (SELECT 1 FROM sessions WHERE sessions.id = grants.session_id \
              AND sessions.ended_at IS NOT NULL AND grants.holder = 'session') \
            AND NOT EXISTS (SELECT 1 FROM users WHERE users.id = $1 AND users.security_version <> grants.security_version) \
          UNION ALL SELECT client_id, granted_at AS since FROM consents WHERE user_id = $1) AS accesses \
        GROUP BY client_id ORDER BY client_id LIMIT $3";
    FIND = "SELECT user_id, client_id, scope, granted_at FROM consents WHERE user_id = $1 AND client_id = $2";
    ALLOW = "INSERT INTO consents (user_id, client_id, scope, granted_at) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (user_id, client_id) DO UPDATE SET granted_at = excluded.granted_at \
        RETURNING user_id, client_id, scope, granted_at";
    REMOVE_OF_CLIENT = "DELETE FROM consents WHERE client_id = $1 \
        AND user_id IN (SELECT user_id FROM consents WHERE client_id = $1 LIMIT $2)";
    ANY_OF_CLIENT = "SELECT user_id FROM consents WHERE client_id = $1 LIMIT 1";
    WIDEN = "UPDATE consents SET scope = $3 WHERE user_id = $1 AND client_id = $2";
}
