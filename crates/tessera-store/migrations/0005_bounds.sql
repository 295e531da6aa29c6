-- Version 5. Bounds against strangers, and what survives every fault.

-- The epoch that the numbers of the revocation rules belong to. Every restore begins a new one.
INSERT INTO counters (name, value) VALUES ('epoch', 0);
-- The highest time that a server has seen, and how often an administrator has accepted another clock.
INSERT INTO counters (name, value) VALUES ('clock', 0), ('clock_accepted', 0);

-- Somebody made a job due while it ran: it runs again at once.
ALTER TABLE jobs ADD COLUMN woken {int} NOT NULL DEFAULT 0 CHECK (woken IN (0, 1));
-- When the next step of a key is due, as the server that moves keys on has planned it.
ALTER TABLE signing_keys ADD COLUMN due_at {int};
