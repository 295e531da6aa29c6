-- Version 2. Clients that learn PKCE, and the claims of OpenID Connect core section 5.1 about people.

ALTER TABLE clients ADD COLUMN pkce_proven_at {int};
UPDATE clients SET settings = replace(replace(settings, '"require_pkce":true', '"pkce":"required"'), '"require_pkce":false', '"pkce":"off"');

-- Tokens for itself are a web client's choice now. Without an API it could never have got one.
UPDATE clients SET settings = replace(settings, ',"client_credentials"]', ']') WHERE kind = 'web' AND settings LIKE '%"audiences":[]%';

ALTER TABLE users ADD COLUMN claims TEXT NOT NULL DEFAULT '{}';
