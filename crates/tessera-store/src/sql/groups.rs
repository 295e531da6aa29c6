//! Groups of people.

use super::statement::statements;

/// Columns of a row.
macro_rules! columns {
    () => {
        "name, description, created_at"
    };
}

statements! { "groups";
    INSERT = concat!("INSERT INTO user_groups (", columns!(), ") VALUES ($1, $2, $3) ON CONFLICT DO NOTHING");
    FIND = concat!("SELECT ", columns!(), " FROM user_groups WHERE name = $1 AND deleted_at IS NULL");
    LOCK = "SELECT name FROM user_groups WHERE name = $1 AND deleted_at IS NULL{for_update}";
    CLOSE = "UPDATE user_groups SET deleted_at = $2 WHERE name = $1 AND deleted_at IS NULL";
    EXISTS = "SELECT name FROM user_groups WHERE name = $1";
    DESCRIBE = "UPDATE user_groups SET description = $2 WHERE name = $1";
    LIST = concat!("SELECT ", columns!(), ", members FROM user_groups \
        LEFT JOIN (SELECT group_name, count(*) AS members FROM memberships GROUP BY group_name) AS counted ON group_name = name \
        WHERE deleted_at IS NULL ORDER BY name");
    // While somebody is in it, the row stays.
    DELETE = "DELETE FROM user_groups WHERE name = $1 AND deleted_at IS NOT NULL \
        AND NOT EXISTS (SELECT 1 FROM memberships WHERE group_name = $1)";
    ADD_MEMBER = "INSERT INTO memberships (group_name, user_id, added_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    REMOVE_MEMBER = "DELETE FROM memberships WHERE group_name = $1 AND user_id = $2";
    REMOVE_MEMBERS = "DELETE FROM memberships WHERE group_name = $1 AND user_id IN \
        (SELECT user_id FROM memberships WHERE group_name = $1 LIMIT $2)";
    MEMBERS_AFTER = "SELECT username FROM memberships JOIN users ON id = user_id \
        WHERE group_name = $1 AND username > $2 ORDER BY username LIMIT $3";
    OF_USER = "SELECT group_name FROM memberships JOIN user_groups ON name = group_name \
        WHERE user_id = $1 AND deleted_at IS NULL ORDER BY group_name";
    COUNT_OF_USER = "SELECT count(*) AS groups FROM memberships JOIN user_groups ON name = group_name \
        WHERE user_id = $1 AND deleted_at IS NULL";
}
