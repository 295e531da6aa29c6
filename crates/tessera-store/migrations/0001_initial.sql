-- Version 1. One text for both engines; the words in braces are spelled by src/dialect.rs.
-- Time is BIGINT seconds, ids are 16 bytes, what is never searched is JSON text.

CREATE TABLE counters (
    name {key} NOT NULL PRIMARY KEY,
    value {int} NOT NULL
){table};
INSERT INTO counters (name, value) VALUES ('catalog', 1), ('revocations', 0);

CREATE TABLE users (
    id {bytes} NOT NULL PRIMARY KEY,
    username {key} NOT NULL,
    name TEXT,
    email TEXT,
    email_verified {int} NOT NULL CHECK (email_verified IN (0, 1)),
    status TEXT NOT NULL CHECK (status IN ('active', 'locked', 'disabled')),
    status_at {int},
    password_hash TEXT,
    created_at {int} NOT NULL,
    updated_at {int} NOT NULL,
    CHECK ((status = 'active') = (status_at IS NULL))
){table};
CREATE UNIQUE INDEX users_username ON users (username);

CREATE TABLE clients (
    id {key} NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('active', 'disabled')),
    status_at {int},
    settings TEXT NOT NULL,
    secrets TEXT NOT NULL,
    created_at {int} NOT NULL,
    updated_at {int} NOT NULL,
    CHECK ((status = 'active') = (status_at IS NULL))
){table};

CREATE TABLE apis (
    audience {key} NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('active', 'disabled')),
    status_at {int},
    settings TEXT NOT NULL,
    created_at {int} NOT NULL,
    updated_at {int} NOT NULL,
    CHECK ((status = 'active') = (status_at IS NULL))
){table};

-- keep_until is the end of the session or of its longest grant: a purge never takes a session away under a living grant.
CREATE TABLE sessions (
    id {bytes} NOT NULL PRIMARY KEY,
    secret {bytes} NOT NULL,
    user_id {bytes} NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    auth_time {int} NOT NULL,
    acr TEXT NOT NULL,
    amr TEXT NOT NULL,
    created_at {int} NOT NULL,
    last_seen_at {int} NOT NULL,
    idle_expires_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    ended_at {int},
    user_agent TEXT,
    ip TEXT,
    keep_until {int} NOT NULL
){hot_table};
CREATE UNIQUE INDEX sessions_secret ON sessions (secret);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_keep_until ON sessions (keep_until);

-- Rotation touches no indexed column, so that PostgreSQL updates the row in its page.
CREATE TABLE grants (
    id {bytes} NOT NULL PRIMARY KEY,
    client_id {key} NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    user_id {bytes} NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    session_id {bytes} NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    auth_time {int} NOT NULL,
    acr TEXT NOT NULL,
    amr TEXT NOT NULL,
    scope TEXT NOT NULL,
    audiences TEXT NOT NULL,
    nonce TEXT,
    stage TEXT NOT NULL CHECK (stage IN ('code', 'active', 'revoked')),
    code_expires_at {int},
    redirect_uri TEXT,
    redirect_uri_sent {int} NOT NULL CHECK (redirect_uri_sent IN (0, 1)),
    code_challenge TEXT,
    code_failures {int} NOT NULL,
    refresh_leaf {int},
    refresh_parent {int} CHECK (refresh_parent < refresh_leaf),
    refresh_rotated_at {int},
    refresh_retried_at {int},
    refresh_idle_expires_at {int},
    revoked_at {int},
    revoke_reason TEXT,
    created_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    CHECK (stage <> 'code' OR (code_expires_at IS NOT NULL AND redirect_uri IS NOT NULL)),
    CHECK ((refresh_leaf IS NULL) = (refresh_rotated_at IS NULL)),
    CHECK ((refresh_leaf IS NULL) = (refresh_idle_expires_at IS NULL)),
    CHECK (refresh_retried_at IS NULL OR refresh_parent IS NOT NULL),
    CHECK ((stage = 'revoked') = (revoked_at IS NOT NULL)),
    CHECK ((stage = 'revoked') = (revoke_reason IS NOT NULL))
){hot_table};
CREATE INDEX grants_session ON grants (session_id);
CREATE INDEX grants_user ON grants (user_id);
CREATE INDEX grants_client ON grants (client_id);
CREATE INDEX grants_expires_at ON grants (expires_at);

CREATE TABLE consents (
    user_id {bytes} NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client_id {key} NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    scope TEXT NOT NULL,
    granted_at {int} NOT NULL,
    PRIMARY KEY (user_id, client_id)
){table};
CREATE INDEX consents_client ON consents (client_id);

CREATE TABLE throttles (
    key {bytes} NOT NULL PRIMARY KEY,
    failures {int} NOT NULL,
    blocked_until {int} NOT NULL
){hot_table};
CREATE INDEX throttles_blocked_until ON throttles (blocked_until);

-- At most one key that signs and one that is about to, per purpose.
CREATE TABLE signing_keys (
    id {bytes} NOT NULL PRIMARY KEY,
    purpose {key} NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('next', 'active', 'retired')),
    retired_at {int},
    sealed {bytes} NOT NULL,
    created_at {int} NOT NULL,
    activated_at {int},
    CHECK ((state = 'retired') = (retired_at IS NOT NULL))
){table};
CREATE UNIQUE INDEX signing_keys_active ON signing_keys (purpose) WHERE state = 'active';
CREATE UNIQUE INDEX signing_keys_next ON signing_keys (purpose) WHERE state = 'next';

CREATE TABLE revocations (
    seq {int} NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    target {bytes} NOT NULL,
    issued_before {int} NOT NULL,
    expires_at {int} NOT NULL
){table};
CREATE UNIQUE INDEX revocations_target ON revocations (kind, target);
CREATE INDEX revocations_expires_at ON revocations (expires_at);

-- No foreign keys: an event outlives what it is about.
CREATE TABLE audit (
    at {int} NOT NULL,
    id {bytes} NOT NULL,
    code TEXT NOT NULL,
    actor TEXT NOT NULL,
    user_id {bytes},
    client_id {key},
    session_id {bytes},
    grant_id {bytes},
    ip TEXT,
    request_id TEXT,
    detail TEXT,
    PRIMARY KEY (at, id)
){table};
CREATE INDEX audit_user ON audit (user_id, at, id) WHERE user_id IS NOT NULL;
