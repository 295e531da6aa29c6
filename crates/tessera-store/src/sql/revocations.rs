//! Revocation rules and their numbers.

use super::statement::statements;

statements! { "revocations";
    NEXT_SEQ = "UPDATE counters SET value = value + 1 WHERE name = 'revocations' RETURNING value";
    LOCK_SEQ = "SELECT value FROM counters WHERE name = 'revocations'{for_update}";
    LAST_SEQ = "SELECT value FROM counters WHERE name = 'revocations'";
    // The epoch that the numbers belong to.
    EPOCH = "SELECT value FROM counters WHERE name = 'epoch'";
    BEGIN_EPOCH = "UPDATE counters SET value = $1 WHERE name = 'epoch' AND value = 0";
    RAISE_SEQ = "UPDATE counters SET value = $1 WHERE name = 'revocations' AND value < $1";
    SET_EPOCH = "UPDATE counters SET value = $1 WHERE name = 'epoch'";
    PUT = "INSERT INTO revocations (seq, kind, target, issued_before, expires_at) VALUES ($1, $2, $3, $4, $5) \
        ON CONFLICT (kind, target) DO UPDATE SET seq = excluded.seq, \
        issued_before = CASE WHEN excluded.issued_before > revocations.issued_before \
          THEN excluded.issued_before ELSE revocations.issued_before END, \
        expires_at = CASE WHEN excluded.expires_at > revocations.expires_at \
          THEN excluded.expires_at ELSE revocations.expires_at END";
    FIND_EQUAL = "SELECT seq FROM revocations WHERE kind = $1 AND target = $2 AND issued_before >= $3 AND expires_at >= $4";
    LIST_AFTER = "SELECT seq, kind, target, issued_before, expires_at FROM revocations WHERE seq > $1 \
        ORDER BY seq LIMIT $2";
    FIND_AGAINST = "SELECT seq FROM revocations WHERE issued_before >= $1 AND ((kind = 'token' AND target = $2) \
        OR (kind = 'grant' AND target = $3) OR (kind = 'subject' AND target = $4) \
        OR (kind = 'client' AND target = $5)) LIMIT 1";
    PURGE = "DELETE FROM revocations WHERE seq IN \
        (SELECT seq FROM revocations WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
}
