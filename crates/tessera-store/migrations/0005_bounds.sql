-- Version 5. Bounds against strangers, and what survives every fault.

-- The epoch that the numbers of the revocation rules belong to. Every restore begins a new one.
INSERT INTO counters (name, value) VALUES ('epoch', 0);

-- Which installation this database belongs to, and the last write that only tried whether the database takes one. One row.
CREATE TABLE installation (
    id {bytes} NOT NULL PRIMARY KEY,
    probed_at {int} NOT NULL
){hot_table};
INSERT INTO installation (id, probed_at) VALUES ({random_id}, 0);
