-- Version 5. Bounds against strangers, and what survives every fault.

-- The epoch that the numbers of the revocation rules belong to. Every restore begins a new one.
INSERT INTO counters (name, value) VALUES ('epoch', 0);

-- Requests that were refused are found by the reference that their answer shows. Ordinary successes tell no reference, and there are
-- too many of them for one more index. The statement audit::REFERENCE repeats these conditions.
CREATE INDEX audit_reference ON audit (request_id) WHERE request_id IS NOT NULL
    AND code NOT IN ('client_credentials.issued', 'refresh.rotated', 'code.issued', 'code.redeemed', 'login.succeeded');
