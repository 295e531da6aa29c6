-- Version 5. Bounds against strangers, and what survives every fault.

-- The epoch that the numbers of the revocation rules belong to. Every restore begins a new one.
INSERT INTO counters (name, value) VALUES ('epoch', 0);

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
