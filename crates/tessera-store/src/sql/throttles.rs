//! Failure counters.

use super::statement::statements;

statements! { "throttles";
    BEGIN = "INSERT INTO throttles (key, account, day, failures, blocked_until, pending_until) VALUES ($1, $2, $3, 1, $4, $9) \
        ON CONFLICT (key) DO UPDATE SET account = $2, day = $3, \
        failures = CASE WHEN throttles.day = $3 THEN throttles.failures + 1 ELSE 1 END, \
        blocked_until = CASE WHEN throttles.day <> $3 THEN $4 WHEN throttles.failures + 1 >= $12 THEN $8 \
          WHEN throttles.failures + 1 < 3 THEN $4 WHEN throttles.failures + 1 < 9 THEN $5 \
          WHEN throttles.failures + 1 < 25 THEN $6 ELSE $7 END, \
        pending_until = $9 \
        WHERE throttles.blocked_until <= $10 OR throttles.blocked_until > $11 \
        RETURNING day, failures, blocked_until, pending_until";
    FIND = "SELECT day, failures, blocked_until, pending_until FROM throttles WHERE key = $1";
    SETTLE = "UPDATE throttles SET pending_until = NULL WHERE key = $1 AND failures = $2 AND blocked_until = $3";
    RETRACT = "UPDATE throttles SET failures = failures - 1, blocked_until = $4, pending_until = NULL \
        WHERE key = $1 AND failures = $2 AND blocked_until = $3";
    CLEAR = "DELETE FROM throttles WHERE key = $1";
    CLEAR_ACCOUNT = "DELETE FROM throttles WHERE account = $1";
    PURGE = "DELETE FROM throttles WHERE key IN \
        (SELECT key FROM throttles WHERE day < $1 AND blocked_until <= $2 ORDER BY day LIMIT $3)";
}
