//! The registry of SQL texts: one text per query, for both engines.
//!
//! Single use is always one conditional statement, never a SELECT followed by an UPDATE (invariant I1). Column lists stand
//! once, in the order in which the entity files read them. Opening a store prepares every statement.

/// Columns of a user, in reading order.
macro_rules! user {
    () => {
        "id, username, name, email, email_verified, claims, status, status_at, password_hash, created_at, updated_at"
    };
}
/// Columns of a client, in reading order.
macro_rules! client {
    () => {
        "id, kind, name, status, status_at, settings, secrets, pkce_proven_at, created_at, updated_at"
    };
}
/// Columns of an API, in reading order.
macro_rules! api {
    () => {
        "audience, name, status, status_at, settings, created_at, updated_at"
    };
}
/// Columns of a session, in reading order.
macro_rules! session {
    () => {
        "id, secret, user_id, auth_time, acr, amr, created_at, last_seen_at, idle_expires_at, expires_at, ended_at, \
         user_agent, ip"
    };
}
/// Columns of a grant, in reading order.
macro_rules! grant {
    () => {
        "id, client_id, user_id, session_id, auth_time, acr, amr, scope, audiences, nonce, offline, stage, \
         code_expires_at, redirect_uri, redirect_uri_sent, code_challenge, code_failures, refresh_leaf, refresh_parent, \
         refresh_rotated_at, refresh_ip, refresh_retried_at, refresh_elsewhere, refresh_shadow_run, \
         refresh_idle_expires_at, revoked_at, revoke_reason, created_at, expires_at"
    };
}
/// What the end of a grant changes; the condition with `$1` picks the grants.
macro_rules! revoke_grants_where {
    ($condition:literal) => {
        concat!(
            "UPDATE grants SET stage = 'revoked', revoked_at = $2, revoke_reason = $3 WHERE ",
            $condition,
            " AND stage <> 'revoked' RETURNING id"
        )
    };
}
/// Columns of a key, in reading order.
macro_rules! key {
    () => {
        "id, purpose, state, retired_at, sealed, created_at, activated_at"
    };
}
/// Columns of an audit event, in reading order.
macro_rules! event {
    () => {
        "id, at, code, actor, user_id, client_id, session_id, grant_id, ip, request_id, detail"
    };
}

/// Declares the statements and the list of all of them, so that none escapes the check when a store opens.
macro_rules! statements {
    ($($name:ident = $text:expr;)+) => {
        /// One statement of the registry.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Sql { $($name,)+ }

        impl Sql {
            /// Every statement, in the order of the declaration.
            pub(crate) const ALL: &[Self] = &[$(Self::$name,)+];

            /// The text, before the dialect spells its words in braces.
            pub(crate) const fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }
    };
}

impl Sql {
    /// Whether the statement changes or locks rows and so belongs into a write.
    pub(crate) fn writes(self) -> bool {
        !self.text().starts_with("SELECT") || self.text().contains("{for_update}")
    }
}

statements! {
    Ping = "SELECT value FROM counters WHERE name = 'catalog'";
    CatalogVersion = "SELECT value FROM counters WHERE name = 'catalog'";
    BumpCatalog = "UPDATE counters SET value = value + 1 WHERE name = 'catalog'";

    InsertUser = concat!("INSERT INTO users (", user!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
        ON CONFLICT DO NOTHING");
    User = concat!("SELECT ", user!(), " FROM users WHERE id = $1");
    UserForUpdate = concat!("SELECT ", user!(), " FROM users WHERE id = $1{for_update}");
    UserByUsername = concat!("SELECT ", user!(), " FROM users WHERE username = $1");
    UsersAfter = concat!("SELECT ", user!(), " FROM users WHERE username > $1 ORDER BY username LIMIT $2");
    UpdateUser = "UPDATE users SET name = $2, email = $3, email_verified = $4, claims = $5, updated_at = $6 WHERE id = $1";
    LockUser = "UPDATE users SET status = 'locked', status_at = $2, updated_at = $2 WHERE id = $1 AND status = 'active'";
    UnlockUser = "UPDATE users SET status = 'active', status_at = NULL, updated_at = $2 \
        WHERE id = $1 AND status = 'locked'";
    DisableUser = "UPDATE users SET status = 'disabled', status_at = $2, updated_at = $2, password_hash = NULL \
        WHERE id = $1 AND status IN ('active', 'locked')";
    // What follows the cost is a salt of 16 bytes and an output of 32, in base64 and with a dollar sign each.
    PasswordCosts = "SELECT DISTINCT substr(password_hash, 1, length(password_hash) - 67) FROM users \
        WHERE length(password_hash) > 67 ORDER BY 1 LIMIT 16";
    SetUserPassword = "UPDATE users SET password_hash = $2, updated_at = $3 WHERE id = $1";
    ReplacePasswordHash = "UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2";
    DeleteUser = "DELETE FROM users WHERE id = $1";

    InsertClient = concat!("INSERT INTO clients (", client!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
        ON CONFLICT DO NOTHING");
    Client = concat!("SELECT ", client!(), " FROM clients WHERE id = $1");
    HasClient = "SELECT id FROM clients WHERE id = $1";
    ClientForUpdate = concat!("SELECT ", client!(), " FROM clients WHERE id = $1{for_update}");
    Clients = concat!("SELECT ", client!(), " FROM clients ORDER BY id");
    SetClientSecrets = "UPDATE clients SET secrets = $2, updated_at = $3 WHERE id = $1";
    UpdateClient = "UPDATE clients SET name = $2, settings = $3, pkce_proven_at = $4, updated_at = $5 WHERE id = $1";
    ProvePkce = "UPDATE clients SET pkce_proven_at = $2 WHERE id = $1 AND pkce_proven_at IS NULL";
    DisableClient = "UPDATE clients SET status = 'disabled', status_at = $2, updated_at = $2 \
        WHERE id = $1 AND status = 'active'";
    DeleteClient = "DELETE FROM clients WHERE id = $1";

    InsertApi = concat!("INSERT INTO apis (", api!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING");
    Api = concat!("SELECT ", api!(), " FROM apis WHERE audience = $1");
    ApiForUpdate = concat!("SELECT ", api!(), " FROM apis WHERE audience = $1{for_update}");
    UpdateApi = "UPDATE apis SET name = $2, settings = $3, updated_at = $4 WHERE audience = $1";
    Apis = concat!("SELECT ", api!(), " FROM apis ORDER BY audience");

    InsertSession = concat!("INSERT INTO sessions (", session!(), ", keep_until) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $10)");
    Session = concat!("SELECT ", session!(), " FROM sessions WHERE id = $1");
    SessionBySecret = concat!("SELECT ", session!(), " FROM sessions WHERE secret = $1");
    TouchSession = "UPDATE sessions SET last_seen_at = $2, idle_expires_at = $3 \
        WHERE id = $1 AND ended_at IS NULL AND $2 < idle_expires_at AND $2 < expires_at";
    RenewSession = "UPDATE sessions SET secret = $2, auth_time = $3, acr = $4, amr = $5, last_seen_at = $6, \
        idle_expires_at = $7, expires_at = $8, \
        keep_until = CASE WHEN keep_until < $8 THEN $8 ELSE keep_until END WHERE id = $1 AND ended_at IS NULL";
    EndSession = "UPDATE sessions SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL";
    EndSessionsOfUser = "UPDATE sessions SET ended_at = $2 WHERE user_id = $1 AND ended_at IS NULL RETURNING id";
    SessionsOfUser = concat!("SELECT ", session!(), " FROM sessions WHERE user_id = $1 ORDER BY created_at DESC, id");
    KeepSessionUntil = "UPDATE sessions SET keep_until = $2 WHERE id = $1 AND keep_until < $2";

    InsertGrant = concat!("INSERT INTO grants (", grant!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, \
        $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29)");
    Grant = concat!("SELECT ", grant!(), " FROM grants WHERE id = $1");
    RedeemCode = concat!("UPDATE grants SET stage = 'active', refresh_leaf = $2, refresh_rotated_at = $3, \
        refresh_idle_expires_at = $4 \
        WHERE id = $1 AND stage = 'code' AND code_expires_at > $5 AND expires_at > $5 AND code_failures < $6 \
        RETURNING ", grant!());
    CodeOfGrant = "SELECT code_expires_at, redirect_uri, redirect_uri_sent, code_challenge, code_failures \
        FROM grants WHERE id = $1";
    FailCode = "UPDATE grants SET code_failures = code_failures + 1, \
        stage = CASE WHEN code_failures + 1 < $2 THEN stage ELSE 'revoked' END, \
        revoked_at = CASE WHEN code_failures + 1 < $2 THEN revoked_at ELSE $3 END, \
        revoke_reason = CASE WHEN code_failures + 1 < $2 THEN revoke_reason ELSE $4 END \
        WHERE id = $1 AND stage = 'code' RETURNING code_failures";
    // The leaf moves on; its parent, in time, gets the same leaf again. The values on the right are those before.
    RotateRefresh = concat!("UPDATE grants SET \
        refresh_leaf = CASE WHEN refresh_leaf = $2 THEN refresh_leaf + 1 ELSE refresh_leaf END, \
        refresh_parent = $2, \
        refresh_rotated_at = CASE WHEN refresh_leaf = $2 THEN $3 ELSE refresh_rotated_at END, \
        refresh_ip = CASE WHEN refresh_leaf = $2 THEN $6 ELSE refresh_ip END, \
        refresh_retried_at = CASE WHEN refresh_leaf = $2 THEN NULL ELSE $3 END, \
        refresh_elsewhere = CASE WHEN refresh_leaf = $2 THEN 0 WHEN refresh_ip <> $6 THEN refresh_elsewhere + 1 \
          ELSE refresh_elsewhere END, \
        refresh_shadow_run = CASE WHEN refresh_leaf = $2 AND refresh_elsewhere = 0 THEN 0 \
          WHEN refresh_leaf <> $2 AND refresh_elsewhere = 0 AND refresh_ip <> $6 THEN refresh_shadow_run + 1 \
          ELSE refresh_shadow_run END, \
        refresh_idle_expires_at = CASE WHEN refresh_leaf <> $2 THEN refresh_idle_expires_at \
          WHEN offline = 1 THEN $4 ELSE expires_at END \
        WHERE id = $1 AND stage = 'active' AND expires_at > $3 AND refresh_idle_expires_at > $3 \
        AND (refresh_leaf = $2 OR (refresh_parent = $2 AND refresh_rotated_at >= $5)) \
        RETURNING ", grant!());
    RevokeGrant = revoke_grants_where!("id = $1");
    // What was granted for when the person is away outlives the session, but no code does.
    RevokeGrantsOfSession = revoke_grants_where!("session_id = $1 AND (offline = 0 OR stage = 'code')");
    RevokeGrantsOfUser = revoke_grants_where!("user_id = $1");
    RevokeGrantsOfClient = revoke_grants_where!("client_id = $1");

    AccessesOfUser = "SELECT client_id, MIN(since) FROM (\
          SELECT client_id, created_at AS since FROM grants WHERE user_id = $1 AND stage = 'active' AND expires_at > $2 \
            AND (refresh_idle_expires_at > $2 OR refresh_idle_expires_at IS NULL) \
          UNION ALL SELECT client_id, granted_at AS since FROM consents WHERE user_id = $1) AS accesses \
        GROUP BY client_id ORDER BY client_id LIMIT $3";

    Consent = "SELECT user_id, client_id, scope, granted_at FROM consents WHERE user_id = $1 AND client_id = $2";
    AllowConsent = "INSERT INTO consents (user_id, client_id, scope, granted_at) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (user_id, client_id) DO UPDATE SET granted_at = excluded.granted_at \
        RETURNING user_id, client_id, scope, granted_at";
    WidenConsent = "UPDATE consents SET scope = $3 WHERE user_id = $1 AND client_id = $2";

    BeginAttempt = "INSERT INTO throttles (key, failures, blocked_until) VALUES ($1, 1, $2) \
        ON CONFLICT (key) DO UPDATE SET failures = throttles.failures + 1, \
        blocked_until = CASE WHEN throttles.failures + 1 < 3 THEN $2 WHEN throttles.failures + 1 < 9 THEN $3 \
          WHEN throttles.failures + 1 < 25 THEN $4 WHEN throttles.failures + 1 < 100 THEN $5 ELSE $6 END \
        WHERE throttles.blocked_until <= $7 RETURNING failures, blocked_until";
    Throttle = "SELECT failures, blocked_until FROM throttles WHERE key = $1";
    ClearAttempts = "DELETE FROM throttles WHERE key = $1";
    PurgeAttempts = "DELETE FROM throttles WHERE key IN \
        (SELECT key FROM throttles WHERE blocked_until < $1 ORDER BY blocked_until LIMIT $2)";

    InsertKey = concat!("INSERT INTO signing_keys (", key!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7) \
        ON CONFLICT DO NOTHING");
    Keys = concat!("SELECT ", key!(), " FROM signing_keys ORDER BY created_at, id");
    ActivateKey = "UPDATE signing_keys SET state = 'active', activated_at = $2 WHERE id = $1 AND state = 'next' \
        AND NOT EXISTS (SELECT 1 FROM signing_keys AS other \
          WHERE other.purpose = signing_keys.purpose AND other.state = 'active')";
    RetireKey = "UPDATE signing_keys SET state = 'retired', retired_at = $2 WHERE id = $1 AND state = 'active'";
    RemoveKey = "DELETE FROM signing_keys WHERE id = $1 AND state = 'retired'";

    NextRuleSeq = "UPDATE counters SET value = value + 1 WHERE name = 'revocations' RETURNING value";
    LastRuleSeq = "SELECT value FROM counters WHERE name = 'revocations'";
    PutRule = "INSERT INTO revocations (seq, kind, target, issued_before, expires_at) VALUES ($1, $2, $3, $4, $5) \
        ON CONFLICT (kind, target) DO UPDATE SET seq = excluded.seq, \
        issued_before = CASE WHEN excluded.issued_before > revocations.issued_before \
          THEN excluded.issued_before ELSE revocations.issued_before END, \
        expires_at = CASE WHEN excluded.expires_at > revocations.expires_at \
          THEN excluded.expires_at ELSE revocations.expires_at END";
    RulesAfter = "SELECT seq, kind, target, issued_before, expires_at FROM revocations WHERE seq > $1 \
        ORDER BY seq LIMIT $2";
    RuleAgainst = "SELECT seq FROM revocations WHERE issued_before >= $1 AND ((kind = 'token' AND target = $2) \
        OR (kind = 'grant' AND target = $3) OR (kind = 'subject' AND target = $4) \
        OR (kind = 'client' AND target = $5)) LIMIT 1";
    PurgeRules = "DELETE FROM revocations WHERE seq IN \
        (SELECT seq FROM revocations WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";

    AppendEvent = concat!("INSERT INTO audit (", event!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
        ON CONFLICT DO NOTHING");
    Events = concat!("SELECT ", event!(), " FROM audit WHERE (at < $1 OR (at = $1 AND id < $2)) \
        AND (code = $3 OR $3 IS NULL) AND (client_id = $4 OR $4 IS NULL) ORDER BY at DESC, id DESC LIMIT $5");
    EventsOfUser = concat!("SELECT ", event!(), " FROM audit WHERE (at < $1 OR (at = $1 AND id < $2)) \
        AND (code = $3 OR $3 IS NULL) AND (client_id = $4 OR $4 IS NULL) AND user_id = $5 \
        ORDER BY at DESC, id DESC LIMIT $6");

    PurgeEvents = "DELETE FROM audit WHERE (at, id) IN \
        (SELECT at, id FROM audit WHERE at < $1 ORDER BY at, id LIMIT $2)";
    PurgeGrants = "DELETE FROM grants WHERE id IN \
        (SELECT id FROM grants WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
    PurgeSessions = "DELETE FROM sessions WHERE id IN \
        (SELECT id FROM sessions WHERE keep_until <= $1 ORDER BY keep_until LIMIT $2)";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn values_are_numbered_from_one_without_gaps() {
        for sql in Sql::ALL {
            let numbers: BTreeSet<u32> = sql
                .text()
                .split('$')
                .skip(1)
                .map(|piece| {
                    let digits: String = piece.chars().take_while(char::is_ascii_digit).collect();
                    digits.parse().unwrap_or_else(|_| panic!("{sql:?}: ${piece}"))
                })
                .collect();
            assert!(
                numbers.iter().copied().eq(1..=u32::try_from(numbers.len()).unwrap()),
                "{sql:?}: {numbers:?}"
            );
        }
    }

    #[test]
    fn every_statement_is_one_statement() {
        for sql in Sql::ALL {
            assert!(!sql.text().contains(';'), "{sql:?}");
            let verb = sql.text().split(' ').next();
            assert!(matches!(verb, Some("SELECT" | "INSERT" | "UPDATE" | "DELETE")), "{sql:?}");
        }
    }
}
