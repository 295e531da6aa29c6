-- Version 4. The key of codes and refresh tokens gets its name.

UPDATE signing_keys SET purpose = 'grant_tokens' WHERE purpose = 'tickets';
