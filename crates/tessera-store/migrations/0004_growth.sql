-- Version 4. Names and types that factors, token kinds and administration need.

-- The key of codes and refresh tokens gets its name.
UPDATE signing_keys SET purpose = 'grant_tokens' WHERE purpose = 'tickets';

-- What a person has proven, as a list. Until now it was a password.
ALTER TABLE sessions ADD COLUMN proofs TEXT NOT NULL DEFAULT '[]';
UPDATE sessions SET proofs = '[{"method":"password","at":' || CAST(auth_time AS TEXT) || '}]';
ALTER TABLE sessions DROP COLUMN auth_time;
ALTER TABLE sessions DROP COLUMN acr;
ALTER TABLE sessions DROP COLUMN amr;
ALTER TABLE grants ADD COLUMN proofs TEXT NOT NULL DEFAULT '[]';
UPDATE grants SET proofs = '[{"method":"password","at":' || CAST(auth_time AS TEXT) || '}]';
ALTER TABLE grants DROP COLUMN auth_time;
ALTER TABLE grants DROP COLUMN acr;
ALTER TABLE grants DROP COLUMN amr;

-- Which generation of a person's credentials counts.
ALTER TABLE users ADD COLUMN security_version {int} NOT NULL DEFAULT 1;
