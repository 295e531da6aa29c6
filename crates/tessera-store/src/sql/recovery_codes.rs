//! Recovery codes.

use super::statement::statements;

statements! { "recovery_codes";
    INSERT = "INSERT INTO recovery_codes (user_id, digest, created_at) VALUES ($1, $2, $3)";
    COUNT = "SELECT count(*) AS codes FROM recovery_codes WHERE user_id = $1";
    SPEND = "DELETE FROM recovery_codes WHERE user_id = $1 AND digest = $2";
    DELETE = "DELETE FROM recovery_codes WHERE user_id = $1";
}
