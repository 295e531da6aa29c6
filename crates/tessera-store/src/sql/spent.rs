//! Single-use things that are not a grant.

use super::statement::statements;

statements! { "spent";
    SPEND = "INSERT INTO spent (kind, digest, expires_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    PURGE = "DELETE FROM spent WHERE (kind, digest) IN \
        (SELECT kind, digest FROM spent WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)";
}
