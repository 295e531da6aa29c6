//! `[database]`: SQLite or PostgreSQL.

use std::path::PathBuf;

use tessera_store::ConnectError;
use url::Url;

use super::document::Document;
use super::key::{Fallback, Key, Section, ValueKind};
use super::problem::ValueOrigin;

/// Which database.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Database {
    /// `tessera.db` in `data_dir`.
    Sqlite,
    /// A PostgreSQL server.
    Postgres {
        /// May hold the password: never print or log it.
        url: String,
        /// A file with the password.
        password_file: Option<PathBuf>,
        /// Most connections of this process.
        max_connections: usize,
        /// The certificates that the server's certificate must chain to.
        ca_file: Option<PathBuf>,
    },
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "Sqlite",
            Self::Postgres { .. } => "Postgres(…)",
        })
    }
}

/// The keys of the section, before they become a [`Database`].
#[derive(Default)]
pub(super) struct DatabaseKeys {
    /// `None` for SQLite.
    url: Option<Url>,
    password_file: Option<PathBuf>,
    max_connections: usize,
    ca_file: Option<PathBuf>,
}

const URL: &str = "database.url";
const PASSWORD_FILE: &str = "database.password_file";
const CA_FILE: &str = "database.ca_file";
const MAX_CONNECTIONS: &str = "database.max_connections";

pub(super) static KEYS: Section<DatabaseKeys> = Section {
    name: "database",
    doc: "SQLite for one server, PostgreSQL for any number of them.",
    keys: &[
        Key {
            name: URL,
            kind: ValueKind::Text {
                values: "`\"sqlite\"` or `postgres://user@host:port/database`",
                set: |database, text| {
                    database.url = parse_url(text)?;
                    Ok(())
                },
            },
            default: Fallback::Value("sqlite"),
            doc: "`\"sqlite\"` is the file `tessera.db` in `data_dir`. A PostgreSQL URL in the file must not hold the password.",
        },
        Key {
            name: PASSWORD_FILE,
            kind: ValueKind::Path(|database, path| database.password_file = Some(path)),
            default: Fallback::Unset { means: "", example: "database-password" },
            doc: "A file with the PostgreSQL password. Or put the whole URL into the variable `TESSERA_DATABASE_URL`.",
        },
        Key {
            name: CA_FILE,
            kind: ValueKind::Path(|database, path| database.ca_file = Some(path)),
            default: Fallback::Unset { means: "", example: "database-ca.pem" },
            doc: "PEM certificates that the certificate of the PostgreSQL server must chain to; the connection then always uses TLS. A PostgreSQL server on another machine needs it.",
        },
        Key {
            name: MAX_CONNECTIONS,
            kind: ValueKind::Count { most: 1_000, set: |database, count| database.max_connections = count },
            default: Fallback::Value("16"),
            doc: "Most connections of one process to PostgreSQL.",
        },
    ],
};

pub(super) fn read(document: &mut Document<'_>) -> Database {
    let keys = KEYS.read(document, DatabaseKeys::default());
    if let Some(url) = keys.url {
        check_url(document, &url, keys.ca_file.is_some());
        return Database::Postgres {
            url: url.into(),
            password_file: keys.password_file,
            max_connections: keys.max_connections,
            ca_file: keys.ca_file,
        };
    }
    if !document.is_refused(URL) {
        for key in [MAX_CONNECTIONS, PASSWORD_FILE, CA_FILE] {
            if document.is_set(key) && !document.is_refused(key) {
                document.refuse(key, "only means something with a database.url of PostgreSQL");
            }
        }
    }
    Database::Sqlite
}

/// `None` for SQLite.
fn parse_url(text: &str) -> Result<Option<Url>, String> {
    if text == "sqlite" {
        return Ok(None);
    }
    // The text may hold a password: the error does not repeat it.
    let url = Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "postgres" | "postgresql") && url.has_host())
        .ok_or("use \"sqlite\" or a URL such as \"postgres://tessera@db.example.com/tessera\"")?;
    Ok(Some(url))
}

fn check_url(document: &mut Document<'_>, url: &Url, ca_given: bool) {
    let in_file = matches!(document.origin(URL), ValueOrigin::Line(_));
    if in_file && (url.password().is_some() || url.query_pairs().any(|(name, _)| name == "password")) {
        document.refuse(URL, "must not hold the password: put it in a file and name that in database.password_file, or give the whole URL in TESSERA_DATABASE_URL");
    }
    match tessera_store::check_postgres_url(url.as_str(), ca_given) {
        Err(error @ ConnectError::Url) => document.refuse(URL, error),
        Err(error) => document.missing(CA_FILE, URL, error),
        Ok(()) => {}
    }
}
