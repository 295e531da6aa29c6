//! Both engines have the same tables: columns, mapped types, nullability, defaults of keys, indexes.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};

use tessera_store::{Location, Store};
use tessera_testkit::postgres::TestPostgres;
use tokio_postgres::NoTls;

#[derive(Debug, Default, PartialEq, Eq)]
struct Schema {
    /// (table, column) to (type, nullable).
    columns: BTreeMap<(String, String), (String, bool)>,
    /// Table to the columns of its primary key.
    primary_keys: BTreeMap<String, Vec<String>>,
    /// Index to (table, unique, partial, columns).
    indexes: BTreeMap<String, (String, bool, bool, Vec<String>)>,
    /// (table, column) to (referenced table, cascade).
    references: BTreeSet<(String, String, String, bool)>,
}

#[tokio::test]
async fn both_engines_have_the_same_schema() {
    let sqlite = of_sqlite().await;
    let postgres = of_postgres().await;
    assert!(
        sqlite.columns.len() > 80 && sqlite.indexes.len() > 12 && sqlite.references.len() == 14,
        "{sqlite:#?}"
    );
    assert_eq!(sqlite.columns, postgres.columns);
    assert_eq!(sqlite.primary_keys, postgres.primary_keys);
    assert_eq!(sqlite.indexes, postgres.indexes);
    assert_eq!(sqlite.references, postgres.references);
}

async fn of_sqlite() -> Schema {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("tessera.db");
    let _store = Store::create(&Location::Sqlite { path: path.clone() }).await.unwrap();
    let conn = rusqlite::Connection::open(&path).unwrap();
    let rows = |sql: &str| {
        let mut statement = conn.prepare(sql).unwrap();
        let columns = statement.column_count();
        let read = |row: &rusqlite::Row<'_>| {
            (0..columns)
                .map(|n| {
                    let value: rusqlite::types::Value = row.get(n)?;
                    Ok(match value {
                        rusqlite::types::Value::Integer(number) => number.to_string(),
                        rusqlite::types::Value::Text(text) => text,
                        other => panic!("{other:?}"),
                    })
                })
                .collect::<rusqlite::Result<Vec<String>>>()
        };
        statement.query_map([], read).unwrap().collect::<rusqlite::Result<Vec<_>>>().unwrap()
    };
    collect(
        rows(
            "SELECT m.name, c.name, c.type, c.\"notnull\" = 0, c.pk FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY 1, c.pk",
        ),
        rows(
            "SELECT i.name, m.name, i.\"unique\", i.partial, c.name FROM sqlite_master m, pragma_index_list(m.name) i, pragma_index_info(i.name) c WHERE m.type = 'table' AND i.origin = 'c' ORDER BY i.name, c.seqno",
        ),
        rows(
            "SELECT m.name, f.\"from\", f.\"table\", f.on_delete = 'CASCADE' FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'",
        ),
    )
}

async fn of_postgres() -> Schema {
    let database = TestPostgres::shared().database();
    let url = database.url();
    let _store =
        Store::create(&Location::Postgres { url: url.clone(), max_connections: 1, ca: None }).await.unwrap();
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    tokio::spawn(connection);
    let rows = async |sql: &str| {
        let rows = client.query(sql, &[]).await.unwrap();
        let read = |row: &tokio_postgres::Row| (0..row.len()).map(|n| row.get::<_, String>(n)).collect();
        rows.iter().map(read).collect::<Vec<Vec<String>>>()
    };
    collect(
        rows("SELECT c.relname::text, a.attname::text, format_type(a.atttypid, NULL), (NOT a.attnotnull)::int::text, \
              coalesce(array_position(k.conkey, a.attnum), 0)::text \
              FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
              LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p' \
              WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace ORDER BY 1, 5")
        .await,
        rows("SELECT i.relname::text, t.relname::text, x.indisunique::int::text, (x.indpred IS NOT NULL)::int::text, a.attname::text \
              FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid \
              CROSS JOIN LATERAL unnest(x.indkey::int2[]) WITH ORDINALITY AS k (attnum, n) \
              JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum \
              WHERE NOT x.indisprimary AND t.relnamespace = current_schema()::regnamespace ORDER BY i.relname, k.n")
        .await,
        rows("SELECT c.relname::text, a.attname::text, r.relname::text, (k.confdeltype = 'c')::int::text \
              FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class r ON r.oid = k.confrelid \
              JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1] WHERE k.contype = 'f'")
        .await,
    )
}

fn collect(columns: Vec<Vec<String>>, indexes: Vec<Vec<String>>, references: Vec<Vec<String>>) -> Schema {
    let mut schema = Schema::default();
    for row in columns {
        let [table, column, kind, nullable, key] = row.try_into().unwrap();
        let kind = match kind.to_lowercase().as_str() {
            "integer" | "bigint" => "integer",
            "blob" | "bytea" => "bytes",
            "text" => "text",
            other => panic!("{table}.{column}: {other} has no counterpart"),
        };
        if key != "0" {
            schema.primary_keys.entry(table.clone()).or_default().push(column.clone());
        }
        schema.columns.insert((table, column), (kind.to_owned(), nullable == "1"));
    }
    for row in indexes {
        let [index, table, unique, partial, column] = row.try_into().unwrap();
        let entry = schema.indexes.entry(index).or_insert((table, unique == "1", partial == "1", Vec::new()));
        entry.3.push(column);
    }
    for row in references {
        let [table, column, to, cascade] = row.try_into().unwrap();
        schema.references.insert((table, column, to, cascade == "1"));
    }
    schema
}
