-- Version 5. Bounds against strangers, and what survives every fault.

-- The epoch that the numbers of the revocation rules belong to. Every restore begins a new one.
INSERT INTO counters (name, value) VALUES ('epoch', 0);

-- Failures count within one UTC day, and an attempt is known to be under way. All counters of an account can be cleared.
ALTER TABLE throttles ADD COLUMN account {bytes};
ALTER TABLE throttles ADD COLUMN day {int} NOT NULL DEFAULT 0;
ALTER TABLE throttles ADD COLUMN pending_until {int};
CREATE INDEX throttles_account ON throttles (account);
-- The day of a row stays while it is counted on, so that PostgreSQL updates the row in its page.
CREATE INDEX throttles_day ON throttles (day);
DROP INDEX throttles_blocked_until;
