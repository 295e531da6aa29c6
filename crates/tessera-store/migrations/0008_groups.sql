-- Version 8. Groups of people.

CREATE TABLE user_groups (
    name {key} NOT NULL PRIMARY KEY,
    description TEXT,
    created_at {int} NOT NULL,
    -- A large group is removed in steps. From the first one on it counts for nothing.
    deleted_at {int}
){table};

CREATE TABLE memberships (
    group_name {key} NOT NULL REFERENCES user_groups (name),
    user_id {bytes} NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    added_at {int} NOT NULL,
    PRIMARY KEY (group_name, user_id)
){table};
CREATE INDEX memberships_user ON memberships (user_id);
