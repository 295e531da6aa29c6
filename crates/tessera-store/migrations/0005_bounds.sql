-- Version 5. Bounds against strangers, and what survives every fault.

-- The epoch that the numbers of the revocation rules belong to. Every restore begins a new one.
INSERT INTO counters (name, value) VALUES ('epoch', 0);
