//! The differences between the SQL of the two engines, as named functions. The rest of the crate knows one SQL.
//!
//! Statements have placeholders in braces, and bound values as `$1, $2, …`. [`Dialect::render`] replaces both.

/// The database engine that a statement is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// SQLite 3.
    Sqlite,
    /// PostgreSQL, and databases that speak its protocol.
    Postgres,
}

impl Dialect {
    /// Replaces the placeholders for this engine.
    pub(crate) fn render(self, text: &str) -> String {
        let words = [
            ("{int}", self.integer()),
            ("{bytes}", self.bytes()),
            ("{key}", self.key_text()),
            ("{table}", self.table()),
            ("{hot_table}", self.hot_table()),
            ("{for_update}", self.row_lock()),
            ("{clock}", self.clock()),
            ("{random_id}", self.random_id()),
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

    /// A text column that is searched and sorted byte by byte, in any locale of the server.
    const fn key_text(self) -> &'static str {
        match self {
            Self::Sqlite => "TEXT",
            Self::Postgres => "TEXT COLLATE \"C\"",
        }
    }

    /// The end of a table definition. SQLite checks types, and stores rows in the index of the primary key.
    const fn table(self) -> &'static str {
        match self {
            Self::Sqlite => " STRICT, WITHOUT ROWID",
            Self::Postgres => "",
        }
    }

    /// The end of the definition of a table that is updated often. PostgreSQL leaves room in each page for new row versions.
    const fn hot_table(self) -> &'static str {
        match self {
            Self::Sqlite => " STRICT, WITHOUT ROWID",
            Self::Postgres => " WITH (fillfactor = 70)",
        }
    }

    /// Locks the rows until the transaction ends. SQLite needs no lock, because it has one writer.
    const fn row_lock(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE",
        }
    }

    /// What the clock of the database says, in whole seconds. That of SQLite is the clock of this machine.
    const fn clock(self) -> &'static str {
        match self {
            Self::Sqlite => "CAST(strftime('%s', 'now') AS INTEGER)",
            Self::Postgres => "CAST(floor(extract(epoch FROM clock_timestamp())) AS BIGINT)",
        }
    }

    /// 16 bytes that no other database has. They are no secret.
    const fn random_id(self) -> &'static str {
        match self {
            Self::Sqlite => "randomblob(16)",
            Self::Postgres => "decode(replace(gen_random_uuid()::text, '-', ''), 'hex')",
        }
    }

    /// The character before the number of a bound value. SQLite would read `$1` as a name, and number names by first appearance.
    const fn value(self) -> &'static str {
        match self {
            Self::Sqlite => "?",
            Self::Postgres => "$",
        }
    }

    /// The columns of the table `$1` in order, each with its place in the primary key, from 1 on, or 0.
    pub(crate) const fn columns_of_table(self) -> &'static str {
        match self {
            Self::Sqlite => "SELECT name, pk FROM pragma_table_info($1) ORDER BY cid",
            Self::Postgres => {
                "SELECT a.attname::text, coalesce(array_position(k.conkey, a.attnum), 0)::bigint \
                 FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
                 LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p' \
                 WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND c.relname = $1::text \
                 ORDER BY a.attnum"
            }
        }
    }

    /// Counts all tables, to tell an empty database from one of another program.
    pub(crate) const fn count_tables(self) -> &'static str {
        match self {
            Self::Sqlite => {
                "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"
            }
            Self::Postgres => "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()",
        }
    }

    /// Counts the tables named `tessera_schema`. There is one in a database of ours.
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
