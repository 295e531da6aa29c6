//! The row that tells which installation a database belongs to.

use super::statement::statements;

statements! { "installation";
    FIND_ID = "SELECT id FROM installation";
    PROBE = "UPDATE installation SET probed_at = $2 WHERE id = $1";
}
