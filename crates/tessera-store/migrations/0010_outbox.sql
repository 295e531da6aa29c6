-- Version 10. Messages that wait until another system has taken them.

CREATE TABLE outbox (
    id {bytes} NOT NULL PRIMARY KEY,
    channel {key} NOT NULL,
    kind {key} NOT NULL,
    user_id {bytes} REFERENCES users (id) ON DELETE CASCADE,
    -- The recipient and the message, sealed under the key-encryption key: it may hold a link or a code that gives access.
    sealed {bytes} NOT NULL,
    -- 1 if somebody waits for it: it goes before what only tells.
    urgent {int} NOT NULL,
    attempts {int} NOT NULL DEFAULT 0,
    -- A code of ours, never what the other system said.
    last_error TEXT,
    next_attempt_at {int} NOT NULL,
    created_at {int} NOT NULL,
    expires_at {int} NOT NULL
){hot_table};
CREATE INDEX outbox_due ON outbox (channel, urgent, next_attempt_at);
CREATE INDEX outbox_user ON outbox (user_id);
