-- Version 5. Bounds against strangers, and what survives every fault.

-- The epoch that the numbers of the revocation rules belong to. Every restore begins a new one.
INSERT INTO counters (name, value) VALUES ('epoch', 0);
-- The highest time that a server has seen, and how often an administrator has accepted another clock.
INSERT INTO counters (name, value) VALUES ('clock', 0), ('clock_accepted', 0);

-- Somebody made a job due while it ran: it runs again at once.
ALTER TABLE jobs ADD COLUMN woken {int} NOT NULL DEFAULT 0 CHECK (woken IN (0, 1));
-- When the next step of a key is due, as the server that moves keys on has planned it.
ALTER TABLE signing_keys ADD COLUMN due_at {int};

-- Which installation this database belongs to, and the last write that only tried whether the database takes one. One row.
CREATE TABLE installation (
    id {bytes} NOT NULL PRIMARY KEY,
    probed_at {int} NOT NULL
){hot_table};
INSERT INTO installation (id, probed_at) VALUES ({random_id}, 0);

-- Requests that were refused are found by the reference that their answer shows. Ordinary successes tell no reference, and there are
-- too many of them for one more index. The statement audit::REFERENCE repeats these conditions.
CREATE INDEX audit_reference ON audit (request_id) WHERE request_id IS NOT NULL
    AND code NOT IN ('client_credentials.issued', 'refresh.rotated', 'code.issued', 'code.redeemed', 'login.succeeded');

-- Codes of a session and client in the order in which they were issued: only the last few are kept.
ALTER TABLE grants ADD COLUMN code_number {int};
DROP INDEX grants_session;
CREATE INDEX grants_session ON grants (session_id, client_id);
CREATE INDEX grants_codes ON grants (session_id, client_id, code_number) WHERE stage = 'code';

-- The end of a session is one row. Its grants are dead by it, and removed later.
ALTER TABLE sessions ADD COLUMN swept {int} NOT NULL DEFAULT 0 CHECK (swept IN (0, 1));
CREATE INDEX sessions_unswept ON sessions (ended_at) WHERE ended_at IS NOT NULL AND swept = 0;

-- Whose tokens a rule hits. Rules fold by person and by client.
ALTER TABLE revocations ADD COLUMN subject {bytes};
ALTER TABLE revocations ADD COLUMN client {bytes};
CREATE INDEX revocations_subject ON revocations (subject) WHERE subject IS NOT NULL;
CREATE INDEX revocations_client ON revocations (client, subject) WHERE client IS NOT NULL;

-- Failures count within one UTC day, and an attempt is known to be under way. All counters of an account can be cleared. Counters
-- from before do not say whose they are, so they begin anew.
DELETE FROM throttles;
ALTER TABLE throttles ADD COLUMN account {bytes};
ALTER TABLE throttles ADD COLUMN day {int} NOT NULL DEFAULT 0;
ALTER TABLE throttles ADD COLUMN pending_until {int};
CREATE INDEX throttles_account ON throttles (account);
-- The day of a row stays while it is counted on, so that PostgreSQL updates the row in its page.
CREATE INDEX throttles_day ON throttles (day);
DROP INDEX throttles_blocked_until;
