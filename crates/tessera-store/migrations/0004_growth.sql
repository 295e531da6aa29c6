-- Version 4. Names and types that factors, token kinds and administration need.

-- The key of codes and refresh tokens gets its name.
UPDATE signing_keys SET purpose = 'grant_tokens' WHERE purpose = 'tickets';

-- What a person has proven, as a list. Until now it was a password.
ALTER TABLE sessions ADD COLUMN proofs TEXT NOT NULL DEFAULT '[]';
UPDATE sessions SET proofs = '[{"method":"password","at":' || CAST(auth_time AS TEXT) || '}]';
ALTER TABLE sessions DROP COLUMN auth_time;
ALTER TABLE sessions DROP COLUMN acr;
ALTER TABLE sessions DROP COLUMN amr;

-- Which generation of a person's credentials counts.
ALTER TABLE users ADD COLUMN security_version {int} NOT NULL DEFAULT 1;

-- Grants without a browser or a person. The columns of the holder and of the stage are bound to them. SQLite changes no constraint
-- of a table that is there, so the table is made anew.
-- Rotation touches no indexed column, so that PostgreSQL updates the row in its page.
CREATE TABLE new_grants (
    id {bytes} NOT NULL PRIMARY KEY,
    client_id {key} NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    holder TEXT NOT NULL CHECK (holder IN ('session', 'offline', 'machine')),
    user_id {bytes} REFERENCES users (id) ON DELETE CASCADE,
    session_id {bytes} REFERENCES sessions (id) ON DELETE CASCADE,
    proofs TEXT,
    scope TEXT NOT NULL,
    audiences TEXT NOT NULL,
    nonce TEXT,
    stage TEXT NOT NULL CHECK (stage IN ('code', 'active', 'revoked')),
    code_expires_at {int},
    redirect_uri TEXT,
    code_challenge TEXT,
    code_failures {int} NOT NULL,
    refresh_leaf {int},
    refresh_parent {int} CHECK (refresh_parent < refresh_leaf),
    refresh_rotated_at {int},
    refresh_rotated_from TEXT,
    refresh_retried_at {int},
    refresh_elsewhere {int} NOT NULL,
    refresh_shadow_run {int} NOT NULL,
    refresh_idle_expires_at {int},
    revoked_at {int},
    revoke_reason TEXT,
    last_used_ip TEXT,
    created_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    -- A machine has no person. A grant that ends with its session has one.
    CHECK ((holder = 'machine') = (user_id IS NULL)),
    CHECK ((holder = 'machine') = (proofs IS NULL)),
    CHECK (holder <> 'session' OR session_id IS NOT NULL),
    CHECK (holder <> 'machine' OR session_id IS NULL),
    -- A code comes from a browser, and what it was bound to stays when it is spent.
    CHECK (stage <> 'code' OR code_expires_at IS NOT NULL),
    CHECK ((code_expires_at IS NULL) = (redirect_uri IS NULL)),
    CHECK (code_expires_at IS NULL OR session_id IS NOT NULL),
    CHECK (code_challenge IS NULL OR code_expires_at IS NOT NULL),
    CHECK (code_failures = 0 OR code_expires_at IS NOT NULL),
    -- Refresh tokens follow the code.
    CHECK (stage <> 'code' OR refresh_leaf IS NULL),
    CHECK ((refresh_leaf IS NULL) = (refresh_rotated_at IS NULL)),
    CHECK ((refresh_leaf IS NULL) = (refresh_idle_expires_at IS NULL)),
    CHECK (refresh_parent IS NULL OR refresh_leaf IS NOT NULL),
    CHECK (refresh_rotated_from IS NULL OR refresh_leaf IS NOT NULL),
    CHECK (refresh_retried_at IS NULL OR refresh_parent IS NOT NULL),
    CHECK ((refresh_elsewhere = 0 AND refresh_shadow_run = 0) OR refresh_leaf IS NOT NULL),
    CHECK ((stage = 'revoked') = (revoked_at IS NOT NULL)),
    CHECK ((stage = 'revoked') = (revoke_reason IS NOT NULL))
){hot_table};
-- Where a grant was last used was not written down. For IPv6 the rotation knows the network alone, which is nobody's address.
INSERT INTO new_grants (id, client_id, holder, user_id, session_id, proofs, scope, audiences, nonce, stage,
    code_expires_at, redirect_uri, code_challenge, code_failures, refresh_leaf, refresh_parent, refresh_rotated_at,
    refresh_rotated_from, refresh_retried_at, refresh_elsewhere, refresh_shadow_run, refresh_idle_expires_at,
    revoked_at, revoke_reason, last_used_ip, created_at, expires_at)
SELECT id, client_id, CASE WHEN offline = 1 THEN 'offline' ELSE 'session' END, user_id, session_id,
    '[{"method":"password","at":' || CAST(auth_time AS TEXT) || '}]', scope, audiences, nonce, stage, code_expires_at, redirect_uri, code_challenge, code_failures, refresh_leaf,
    refresh_parent, refresh_rotated_at, refresh_ip, refresh_retried_at, refresh_elsewhere, refresh_shadow_run,
    refresh_idle_expires_at, revoked_at, revoke_reason, CASE WHEN refresh_ip LIKE '%:%' THEN NULL ELSE refresh_ip END,
    created_at, expires_at
FROM grants;
DROP TABLE grants;
ALTER TABLE new_grants RENAME TO grants;
CREATE INDEX grants_session ON grants (session_id);
CREATE INDEX grants_user ON grants (user_id);
CREATE INDEX grants_client ON grants (client_id);
CREATE INDEX grants_expires_at ON grants (expires_at);

-- Single-use things that are not a grant, and the jobs that one of several instances does at a time.
CREATE TABLE spent (
    kind {key} NOT NULL,
    digest {bytes} NOT NULL,
    expires_at {int} NOT NULL,
    PRIMARY KEY (kind, digest)
){table};
CREATE INDEX spent_expires_at ON spent (expires_at);
CREATE TABLE jobs (
    name {key} NOT NULL PRIMARY KEY,
    holder TEXT,
    lease_until {int},
    last_started_at {int} NOT NULL,
    last_finished_at {int},
    last_succeeded_at {int},
    last_error TEXT,
    progress {int} NOT NULL DEFAULT 0,
    next_run_at {int} NOT NULL,
    CHECK ((holder IS NULL) = (lease_until IS NULL))
){hot_table};
