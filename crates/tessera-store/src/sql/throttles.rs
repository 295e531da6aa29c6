//! Failure counters.

use super::statement::statements;

statements! { "throttles";
    BEGIN = "INSERT INTO throttles (key, failures, blocked_until) VALUES ($1, 1, $2) \
        ON CONFLICT (key) DO UPDATE SET failures = throttles.failures + 1, \
        blocked_until = CASE WHEN throttles.failures + 1 < 3 THEN $2 WHEN throttles.failures + 1 < 9 THEN $3 \
          WHEN throttles.failures + 1 < 25 THEN $4 WHEN throttles.failures + 1 < 100 THEN $5 ELSE $6 END \
        WHERE throttles.blocked_until <= $7 RETURNING failures, blocked_until";
    FIND = "SELECT failures, blocked_until FROM throttles WHERE key = $1";
    CLEAR = "DELETE FROM throttles WHERE key = $1";
    PURGE = "DELETE FROM throttles WHERE key IN \
        (SELECT key FROM throttles WHERE blocked_until < $1 ORDER BY blocked_until LIMIT $2)";
}
