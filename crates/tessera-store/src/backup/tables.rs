//! What becomes of each table. A test compares the list with the schema.

use crate::StoreError;
use crate::sole::Sole;
use crate::value::Cell;

/// What a backup and a restore do with a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// A backup holds it, and a restore gives it back.
    Kept,
    /// No backup holds it, and a restore empties it: a backup cannot know what has ended since.
    Ended,
    /// It belongs to the database itself and not to what is in it.
    OfDatabase,
}

/// Every table. One that refers to another comes after it if it is kept, and before it if it is ended.
pub(crate) const TABLES: &[(&str, Fate)] = &[
    ("users", Fate::Kept),
    ("clients", Fate::Kept),
    ("apis", Fate::Kept),
    ("user_groups", Fate::Kept),
    ("memberships", Fate::Kept),
    ("authenticators", Fate::Kept),
    ("fobs", Fate::Kept),
    ("audit", Fate::Kept),
    // Somebody may have refused since what they had allowed. They are asked again.
    ("consents", Fate::Ended),
    // Some may have been used since.
    ("recovery_codes", Fate::Ended),
    ("logins", Fate::Ended),
    ("grants", Fate::Ended),
    ("sessions", Fate::Ended),
    // A restore makes new keys. The one that it takes over travels apart from the rows.
    ("signing_keys", Fate::Ended),
    // What they protect has ended too.
    ("revocations", Fate::Ended),
    ("spent", Fate::Ended),
    // What it says may have ended, and some of it was sent after the backup.
    ("outbox", Fate::Ended),
    ("throttles", Fate::Ended),
    ("jobs", Fate::Ended),
    ("installation", Fate::OfDatabase),
    ("counters", Fate::OfDatabase),
    ("tessera_schema", Fate::OfDatabase),
];

/// The names of the tables with this fate, in the order of the list.
pub(crate) fn with_fate(fate: Fate) -> impl Iterator<Item = &'static str> {
    TABLES.iter().filter(move |(_, of)| *of == fate).map(|(name, _)| *name)
}

/// The columns of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) columns: Vec<String>,
    /// The columns of the primary key, in its order.
    pub(crate) key: Vec<String>,
}

impl Layout {
    /// Reads the columns of a table from the schema. `None` if there is no such table.
    pub(crate) async fn of(sole: &Sole, table: &str) -> Result<Option<Self>, StoreError> {
        let rows = sole.cells(sole.dialect().columns_of_table(), &[table.into()]).await?;
        let (mut columns, mut key) = (Vec::new(), Vec::new());
        for row in rows {
            let [Cell::Text(column), Cell::Int(place)] = &row[..] else {
                return Err(StoreError::Corrupt("the schema cannot be read".to_owned()));
            };
            if *place > 0 {
                key.push((*place, column.clone()));
            }
            columns.push(column.clone());
        }
        key.sort();
        let key = key.into_iter().map(|(_, column)| column).collect();
        Ok((!columns.is_empty()).then_some(Self { columns, key }))
    }
}

/// Column names in the form in which a statement lists them.
pub(crate) fn list(columns: &[String]) -> String {
    columns.iter().map(|column| format!("\"{column}\"")).collect::<Vec<_>>().join(", ")
}

/// The numbers of so many values after the first `before`, in the form in which a statement lists them.
pub(crate) fn numbers(before: usize, count: usize) -> String {
    (before + 1..=before + count).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::Opening;
    use crate::sqlite::Sqlite;

    /// The two engines have the same tables; `tests/schema.rs` compares them.
    #[test]
    fn no_table_is_forgotten() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("tessera.db");
        let _database = Sqlite::open(&path, Opening::New).unwrap();
        let conn = rusqlite::Connection::open(&path).unwrap();
        let mut names =
            conn.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").unwrap();
        let names = names.query_map([], |row| row.get::<_, String>(0)).unwrap();
        let names: Vec<_> = names.map(Result::unwrap).collect();
        let mut listed: Vec<_> = TABLES.iter().map(|(name, _)| *name).collect();
        listed.sort_unstable();
        assert_eq!(names, listed, "say in the list what becomes of a new table");
    }
}
