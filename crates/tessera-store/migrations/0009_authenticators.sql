-- Version 9. What people prove themselves with beside a password, and logins that are under way.

CREATE TABLE authenticators (
    id {bytes} NOT NULL PRIMARY KEY,
    user_id {bytes} NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    -- Of a public key credential. No two people have the same.
    credential_id {bytes},
    properties TEXT NOT NULL,
    -- Sealed.
    secret {bytes},
    counter {int} NOT NULL,
    created_at {int} NOT NULL,
    last_used_at {int}
){table};
CREATE INDEX authenticators_user ON authenticators (user_id);
CREATE UNIQUE INDEX authenticators_credential ON authenticators (credential_id);

CREATE TABLE recovery_codes (
    user_id {bytes} NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    digest {bytes} NOT NULL,
    created_at {int} NOT NULL,
    PRIMARY KEY (user_id, digest)
){table};

-- Only somebody who has proven something has a row.
CREATE TABLE logins (
    id {bytes} NOT NULL PRIMARY KEY,
    user_id {bytes} NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    browser {bytes} NOT NULL,
    proofs TEXT NOT NULL,
    steps {int} NOT NULL,
    wrong {int} NOT NULL,
    security_version {int} NOT NULL,
    expires_at {int} NOT NULL
){table};
CREATE INDEX logins_user ON logins (user_id);
CREATE INDEX logins_expiry ON logins (expires_at);
