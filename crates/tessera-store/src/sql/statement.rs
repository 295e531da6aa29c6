//! One statement, and the macro that lists those of an entity.

use std::fmt;
use std::sync::OnceLock;

use crate::dialect::Dialect;

/// One text of the registry. The spelling of each engine is made once, when its first store opens.
pub(crate) struct Statement {
    name: &'static str,
    /// As it stands in the registry, before the dialect spells its words.
    pub(super) text: &'static str,
    sqlite: OnceLock<String>,
    postgres: OnceLock<String>,
}

impl Statement {
    /// For [`statements`].
    pub(super) const fn new(name: &'static str, text: &'static str) -> Self {
        Self { name, text, sqlite: OnceLock::new(), postgres: OnceLock::new() }
    }

    /// The text for SQLite.
    pub(crate) fn sqlite(&self) -> &str {
        self.sqlite.get_or_init(|| Dialect::Sqlite.render(self.text))
    }

    /// The text for PostgreSQL.
    pub(crate) fn postgres(&self) -> &str {
        self.postgres.get_or_init(|| Dialect::Postgres.render(self.text))
    }

    /// Whether the statement changes or locks rows and so belongs into a write.
    pub(crate) fn writes(&self) -> bool {
        !self.text.starts_with("SELECT") || self.text.contains("{for_update}")
    }
}

/// The entity and the name of the statement, for errors.
impl fmt::Debug for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Declares the statements of an entity, and `ALL` of them, so that none escapes the check when a store opens.
macro_rules! statements {
    ($entity:literal; $($name:ident = $text:expr;)+) => {
        $(pub(crate) static $name: $crate::sql::statement::Statement =
            $crate::sql::statement::Statement::new(concat!($entity, "::", stringify!($name)), $text);)+

        /// Every statement of this entity.
        pub(super) const ALL: &[&$crate::sql::statement::Statement] = &[$(&$name,)+];
    };
}
pub(super) use statements;
