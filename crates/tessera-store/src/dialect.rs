//! Everything in which the two engines differ, as named functions; the rest of the crate knows one SQL.
//!
//! Texts carry a few words in braces, and bound values as `$1, $2, …`; [`Dialect::render`] spells both out.

/// The database engine that a text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// SQLite 3.
    Sqlite,
    /// PostgreSQL and what speaks its protocol.
    Postgres,
}

impl Dialect {
    /// Spells the words in braces for this engine.
    pub(crate) fn render(self, text: &str) -> String {
        let words = [
            ("{int}", self.integer()),
            ("{bytes}", self.bytes()),
            ("{key}", self.key_text()),
            ("{table}", self.table()),
            ("{hot_table}", self.hot_table()),
            ("{for_update}", self.row_lock()),
            ("$", self.value()),
        ];
        words.iter().fold(text.to_owned(), |text, (word, spelling)| text.replace(word, spelling))
    }

    /// A 64-bit integer column.
    const fn integer(self) -> &'static str {
        match self {
            Self::Sqlite => "INTEGER",
            Self::Postgres => "BIGINT",
        }
    }

    /// A column of raw bytes.
    const fn bytes(self) -> &'static str {
        match self {
            Self::Sqlite => "BLOB",
            Self::Postgres => "BYTEA",
        }
    }

    /// A text column that is searched and sorted byte by byte, whatever the locale of the server.
    const fn key_text(self) -> &'static str {
        match self {
            Self::Sqlite => "TEXT",
            Self::Postgres => "TEXT COLLATE \"C\"",
        }
    }

    /// End of a table definition: SQLite checks types, and keeps the row in its primary key.
    const fn table(self) -> &'static str {
        match self {
            Self::Sqlite => " STRICT, WITHOUT ROWID",
            Self::Postgres => "",
        }
    }

    /// A table whose rows are updated often: PostgreSQL leaves room in each page for the new version.
    const fn hot_table(self) -> &'static str {
        match self {
            Self::Sqlite => " STRICT, WITHOUT ROWID",
            Self::Postgres => " WITH (fillfactor = 70)",
        }
    }

    /// Holds the rows read until the transaction ends; SQLite has one writer anyway.
    const fn row_lock(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE",
        }
    }

    /// What stands before the number of a bound value. SQLite reads `$1` as a name and counts by first appearance.
    const fn value(self) -> &'static str {
        match self {
            Self::Sqlite => "?",
            Self::Postgres => "$",
        }
    }

    /// Counts the tables that are there, to tell an empty database from somebody else's.
    pub(crate) const fn count_tables(self) -> &'static str {
        match self {
            Self::Sqlite => {
                "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"
            }
            Self::Postgres => "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()",
        }
    }

    /// Counts the tables named `tessera_schema`: one in a database of ours.
    pub(crate) const fn count_schema_table(self) -> &'static str {
        match self {
            Self::Sqlite => {
                "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'tessera_schema'"
            }
            Self::Postgres => {
                "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'tessera_schema'"
            }
        }
    }
}
