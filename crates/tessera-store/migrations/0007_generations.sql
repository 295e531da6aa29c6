-- Version 7. A new password or a closed account ends all grants of a person at once, however many there are.

-- The generation of the person's credentials under which a grant was made. Servers of older versions write none.
ALTER TABLE grants ADD COLUMN security_version {int};
DROP INDEX grants_user;
CREATE INDEX grants_user ON grants (user_id, security_version);
