//! One SQL statement, and the macro that declares those of an entity.

use std::fmt;
use std::sync::OnceLock;

use crate::StoreError;
use crate::dialect::Dialect;

/// A statement of the registry. Its text for an engine is rendered once, when the first store of that engine opens.
pub(crate) struct Statement {
    name: &'static str,
    /// The text in the registry, before the dialect replaces its placeholders.
    pub(super) text: &'static str,
    sqlite: OnceLock<String>,
    sqlite_in_two: OnceLock<Option<InTwo>>,
    postgres: OnceLock<String>,
    columns: OnceLock<Vec<&'static str>>,
    inserted: OnceLock<Vec<&'static str>>,
}

/// An `UPDATE` of one row, and the `SELECT` of the same.
pub(crate) struct InTwo {
    pub(crate) update: String,
    /// Its only parameter is the first one of the update.
    pub(crate) select: String,
}

impl Statement {
    /// Only for the macro [`statements`].
    pub(super) const fn new(name: &'static str, text: &'static str) -> Self {
        Self {
            name,
            text,
            sqlite: OnceLock::new(),
            sqlite_in_two: OnceLock::new(),
            postgres: OnceLock::new(),
            columns: OnceLock::new(),
            inserted: OnceLock::new(),
        }
    }

    /// The text for SQLite.
    pub(crate) fn sqlite(&self) -> &str {
        self.sqlite.get_or_init(|| Dialect::Sqlite.render(self.text))
    }

    /// The text for SQLite in two steps, if it is an `UPDATE … RETURNING` of the row whose id is `$1`. SQLite would keep what it returns
    /// in a table of its own, with a page cache and a journal of 150 KB. Both steps run in one write transaction, so nobody changes the
    /// row in between. No update changes an id.
    pub(crate) fn sqlite_in_two(&self) -> Option<&InTwo> {
        let in_two = || {
            let (update, columns) = self.text.split_once(" RETURNING ")?;
            let table = update.strip_prefix("UPDATE ")?.split(' ').next()?;
            let select = format!("SELECT {columns} FROM {table} WHERE id = $1");
            let render = |text| Dialect::Sqlite.render(text);
            let is_of_one_row = update.contains(" WHERE id = $1 AND ");
            is_of_one_row.then(|| InTwo { update: render(update), select: render(&select) })
        };
        self.sqlite_in_two.get_or_init(in_two).as_ref()
    }

    /// The text for PostgreSQL.
    pub(crate) fn postgres(&self) -> &str {
        self.postgres.get_or_init(|| Dialect::Postgres.render(self.text))
    }

    /// The names of the columns that it returns. Empty if it returns no rows.
    pub(crate) fn columns(&self) -> &[&'static str] {
        self.columns.get_or_init(|| columns_of_rows(self.text))
    }

    /// The names of the columns that an `INSERT` fills.
    pub(crate) fn inserted(&self) -> &[&'static str] {
        self.inserted.get_or_init(|| columns_inserted(self.text))
    }

    /// Checks that the engine names the columns as this parser does.
    pub(crate) fn check_columns<'n>(&self, engine: impl Iterator<Item = &'n str>) -> Result<(), StoreError> {
        if engine.eq(self.columns().iter().copied()) {
            Ok(())
        } else {
            Err(StoreError::Corrupt(format!("{self:?}: the engine gives its columns other names")))
        }
    }

    /// Whether the statement changes or locks rows, which only a write may do.
    pub(crate) fn writes(&self) -> bool {
        !self.text.starts_with("SELECT") || self.text.ends_with("{for_update}")
    }
}

/// The columns between `SELECT` and `FROM`, or after `RETURNING`. Opening a store compares them with those of the engine.
fn columns_of_rows(text: &'static str) -> Vec<&'static str> {
    let list = match (text.split_once(" RETURNING "), text.strip_prefix("SELECT ")) {
        (Some((_, list)), _) => list,
        (None, Some(rest)) => rest.split_once(" FROM ").map_or(rest, |(list, _)| list),
        (None, None) => return Vec::new(),
    };
    list.split(", ").map(|column| column.split_once(" AS ").map_or(column, |(_, name)| name)).collect()
}

fn columns_inserted(text: &'static str) -> Vec<&'static str> {
    let list =
        text.strip_prefix("INSERT INTO ").and_then(|rest| rest.split_once(" (")?.1.split_once(") VALUES"));
    list.map_or_else(Vec::new, |(list, _)| list.split(", ").collect())
}

/// Shows the entity and the name of the statement, for errors.
impl fmt::Debug for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Declares the statements of an entity, and `ALL` of them, so that each is checked when a store opens.
macro_rules! statements {
    ($entity:literal; $($name:ident = $text:expr;)+) => {
        $(pub(crate) static $name: $crate::sql::statement::Statement =
            $crate::sql::statement::Statement::new(concat!($entity, "::", stringify!($name)), $text);)+

        /// Every statement of this entity.
        pub(super) const ALL: &[&$crate::sql::statement::Statement] = &[$(&$name,)+];
    };
}
pub(super) use statements;
