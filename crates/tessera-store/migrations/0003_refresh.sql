-- Whether the grant lasts while the person is away. Who asked for that before this version gets it.
ALTER TABLE grants ADD COLUMN offline {int} NOT NULL DEFAULT 0 CHECK (offline IN (0, 1));
UPDATE grants SET offline = 1 WHERE replace(' ' || scope || ' ', ' offline_access ', '') <> ' ' || scope || ' ';

-- Who rotated first, how often the parent came back from elsewhere, and in how many rotations running it did.
ALTER TABLE grants ADD COLUMN refresh_ip TEXT;
ALTER TABLE grants ADD COLUMN refresh_elsewhere {int} NOT NULL DEFAULT 0;
ALTER TABLE grants ADD COLUMN refresh_shadow_run {int} NOT NULL DEFAULT 0;
