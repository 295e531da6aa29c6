//! The version of the catalog.

use super::statement::statements;

statements! { "catalog";
    VERSION = "SELECT value FROM counters WHERE name = 'catalog'";
    RESTART = "UPDATE counters SET value = $1 WHERE name = 'catalog'";
    BUMP = "UPDATE counters SET value = value + 1 WHERE name = 'catalog'";
}
