//! Revocation rules and their numbers.

use super::statement::statements;

/// Rules that name one of the things of a person.
macro_rules! of_person {
    () => {
        "subject = $1 AND kind IN ('token', 'grant', 'session')"
    };
}

statements! { "revocations";
    NEXT_SEQ = "UPDATE counters SET value = value + 1 WHERE name = 'revocations' RETURNING value";
    LOCK_SEQ = "SELECT value FROM counters WHERE name = 'revocations'{for_update}";
    LAST_SEQ = "SELECT value FROM counters WHERE name = 'revocations'";
    // The epoch that the numbers belong to.
    EPOCH = "SELECT value FROM counters WHERE name = 'epoch'";
    BEGIN_EPOCH = "UPDATE counters SET value = $1 WHERE name = 'epoch' AND value = 0";
    RAISE_SEQ = "UPDATE counters SET value = $1 WHERE name = 'revocations' AND value < $1";
    SET_EPOCH = "UPDATE counters SET value = $1 WHERE name = 'epoch'";
    PUT = "INSERT INTO revocations (seq, kind, target, issued_before, expires_at, subject, client) \
        VALUES ($1, $2, $3, $4, $5, $6, $7) \
        ON CONFLICT (kind, target) DO UPDATE SET seq = excluded.seq, subject = excluded.subject, client = excluded.client, \
        issued_before = CASE WHEN excluded.issued_before > revocations.issued_before \
          THEN excluded.issued_before ELSE revocations.issued_before END, \
        expires_at = CASE WHEN excluded.expires_at > revocations.expires_at \
          THEN excluded.expires_at ELSE revocations.expires_at END";
    FIND_EQUAL = "SELECT seq FROM revocations WHERE kind = $1 AND target = $2 AND issued_before >= $3 AND expires_at >= $4";
    LIST_AFTER = "SELECT seq, kind, target, issued_before, expires_at, subject, client FROM revocations WHERE seq > $1 \
        ORDER BY seq LIMIT $2";
    BEFORE_LAST = "SELECT seq FROM revocations ORDER BY seq DESC LIMIT 1 OFFSET $1";
    FIND_AGAINST = "SELECT seq FROM revocations WHERE issued_before >= $1 AND ((kind = 'token' AND target = $2) \
        OR (kind = 'grant' AND target = $3) OR (kind = 'session' AND target = $4) \
        OR (kind = 'subject' AND target = $5 AND seq > $7) OR (kind = 'client' AND target = $6 AND seq > $8)) LIMIT 1";
    // A rule about a client, and one about the machine that the client is.
    LIST_OF_CLIENTS = "SELECT seq, kind, target, issued_before, expires_at, subject, client FROM revocations \
        WHERE kind IN ('client', 'subject') AND client = target";
    COUNT_OF_PERSON = concat!("SELECT count(*) AS rules FROM revocations WHERE ", of_person!());
    REMOVE_OF_PERSON = concat!("DELETE FROM revocations WHERE ", of_person!());
    COUNT = "SELECT count(*) AS rules FROM revocations";
    LARGEST_CLIENT = "SELECT client, count(DISTINCT subject) AS people FROM revocations \
        WHERE client IS NOT NULL AND kind IN ('token', 'grant', 'session') GROUP BY client ORDER BY people DESC LIMIT 1";
    REMOVE_OF_CLIENT = "DELETE FROM revocations WHERE seq IN (SELECT seq FROM revocations \
        WHERE client = $1 AND kind IN ('token', 'grant', 'session') AND seq < $2 LIMIT $3)";
    PURGE = "DELETE FROM revocations WHERE seq IN \
        (SELECT seq FROM revocations WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
}
