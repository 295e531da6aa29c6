//! The test bed of a case: a fresh store on one engine, on a runtime with several threads as in the server.

use std::future::Future;
use std::sync::Arc;

use tempfile::TempDir;
use tessera_store::{Location, Store, StoreError, Tx};
use tessera_testkit::postgres::{TestDatabase, TestPostgres};

/// A fresh store and where it lives.
#[derive(Clone)]
pub struct Bed {
    pub store: Store,
    pub location: Location,
    home: Arc<Home>,
}

/// The data, which is removed at the end of the case.
enum Home {
    Sqlite { _directory: TempDir },
    Postgres(TestDatabase),
}

impl Bed {
    /// A second store on the same data, as after a restart or in another process.
    pub async fn reopen(&self) -> Store {
        Store::open_or_create(&self.location).await.unwrap()
    }

    /// Runs a statement past the store.
    pub fn execute(&self, sql: &str) {
        self.try_execute(sql).unwrap();
    }

    /// The same with statements that may fail.
    pub fn try_execute(&self, sql: &str) -> Result<(), String> {
        match (&*self.home, &self.location) {
            (Home::Postgres(database), _) => database.try_execute(sql),
            (Home::Sqlite { .. }, Location::Sqlite { path }) => {
                let connection = rusqlite::Connection::open(path).unwrap();
                connection.execute_batch(sql).map_err(|error| error.to_string())
            }
            (Home::Sqlite { .. }, Location::Postgres { .. }) => unreachable!(),
        }
    }

    /// Bytes as the engine writes them in a statement.
    pub fn blob(&self, bytes: &[u8]) -> String {
        let hex = bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        match self.location {
            Location::Sqlite { .. } => format!("X'{hex}'"),
            Location::Postgres { .. } => format!("'\\x{hex}'::bytea"),
        }
    }

    /// Takes every table away, as if nobody had ever opened the database.
    pub fn drop_all(&self) {
        // A table goes before those that it refers to.
        let tables = [
            "audit",
            "fobs",
            "authenticators",
            "recovery_codes",
            "logins",
            "memberships",
            "outbox",
            "user_groups",
            "consents",
            "grants",
            "sessions",
            "users",
            "clients",
            "apis",
            "throttles",
            "counters",
            "signing_keys",
            "revocations",
            "spent",
            "jobs",
            "installation",
            "tessera_schema",
        ];
        self.execute(&tables.map(|table| format!("DROP TABLE {table};")).concat());
        if let Location::Sqlite { .. } = self.location {
            // An empty file belongs to no installation, and what its log says is in it.
            self.execute("PRAGMA application_id = 0; PRAGMA user_version = 0; PRAGMA wal_checkpoint");
        }
    }

    /// Commits one closure.
    pub async fn write<T, Fut>(&self, f: impl Fn(Tx) -> Fut) -> T
    where
        Fut: Future<Output = Result<T, StoreError>>,
    {
        self.store.write(f).await.unwrap()
    }

    /// Reads with one closure.
    pub async fn read<T, Fut>(&self, f: impl Fn(Tx) -> Fut) -> T
    where
        Fut: Future<Output = Result<T, StoreError>>,
    {
        self.store.read(f).await.unwrap()
    }
}

/// A write among many others, also on a machine that is too busy. After two seconds PostgreSQL cancels a statement, and nothing is
/// written. The write is repeated then.
#[expect(clippy::print_stdout, reason = "how busy it was is worth knowing")]
pub async fn patiently<T, F, Fut>(store: &Store, write: F) -> Result<T, StoreError>
where
    F: Fn(Tx) -> Fut,
    Fut: Future<Output = Result<T, StoreError>>,
{
    for _ in 0..50 {
        match store.write(&write).await {
            Err(starved) if starved.is_unavailable() => println!("comes again: {starved}"),
            answer => return answer,
        }
    }
    panic!("the database never has time")
}

/// Runs a case on a new SQLite file.
pub fn on_sqlite<Fut: Future<Output = ()>>(case: fn(Bed) -> Fut) {
    let home = tempfile::tempdir().unwrap();
    let location = Location::Sqlite { path: home.path().join("data").join("tessera.db") };
    run(Home::Sqlite { _directory: home }, location, case);
}

/// Runs a case on a new PostgreSQL database.
pub fn on_postgres<Fut: Future<Output = ()>>(case: fn(Bed) -> Fut) {
    let home = TestPostgres::shared().database();
    let location = Location::Postgres { url: home.url(), max_connections: 16, ca: None };
    run(Home::Postgres(home), location, case);
}

fn run<Fut: Future<Output = ()>>(home: Home, location: Location, case: fn(Bed) -> Fut) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::create(&location).await.unwrap();
        case(Bed { store, location, home: Arc::new(home) }).await;
    });
}
