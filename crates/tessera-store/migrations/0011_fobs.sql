-- Version 11. Key fobs of the organisation, which people get and give back.

-- A fob that somebody has is an authenticator of theirs, too. It has a row here all the same: what it has counted outlives its person,
-- so that no code that was used counts for the next one. Whatever removes the authenticator gives the fob back.
CREATE TABLE fobs (
    id {bytes} NOT NULL PRIMARY KEY,
    serial {key} NOT NULL,
    -- Empty if nobody said who made it.
    manufacturer {key} NOT NULL,
    kind TEXT NOT NULL,
    properties TEXT NOT NULL,
    -- Sealed. Empty if the fob is lost.
    secret {bytes} NOT NULL,
    counter {int} NOT NULL,
    imported_at {int} NOT NULL,
    last_used_at {int},
    authenticator_id {bytes} REFERENCES authenticators (id) ON DELETE SET NULL,
    user_id {bytes} REFERENCES users (id) ON DELETE SET NULL,
    lost_at {int}
){table};
CREATE UNIQUE INDEX fobs_label ON fobs (serial, manufacturer);
CREATE UNIQUE INDEX fobs_authenticator ON fobs (authenticator_id);
CREATE INDEX fobs_user ON fobs (user_id);
