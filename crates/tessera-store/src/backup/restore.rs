//! A database that becomes what a backup says, or that loses what a restore ends: all of it, or nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::part::Part;
use super::tables::{Fate, Layout, list, numbers, with_fate};
use crate::claim::RestoreClaim;
use crate::location::Location;
use crate::migrate::{SCHEMA_TABLE, between};
use crate::new_file::NewFile;
use crate::sole::Sole;
use crate::tx::{Backend, Tx};
use crate::value::{Cell, Param};
use crate::{StoreError, migrate, postgres, sqlite};

/// Most values of one statement. SQLite allows 32,766, PostgreSQL 65,535.
const MAX_VALUES: usize = 30_000;

/// A restore under way. Dropping it changes nothing.
pub struct Restore {
    sole: Arc<Sole>,
    schema_version: i64,
    /// A new SQLite file, which gets its name at the end.
    new_file: Option<NewFile>,
    /// No server can start on the SQLite file meanwhile. It is given back after the connection to the file is closed.
    _claim: Option<RestoreClaim>,
}

impl Restore {
    /// Makes a new database with tables of this schema version: a SQLite file that does not exist, or an empty PostgreSQL schema.
    ///
    /// # Errors
    /// [`StoreError::NewerSchema`], [`StoreError::AlreadyServed`] while a server lives, [`StoreError::Location`] if there is a
    /// database already.
    pub async fn into_new(location: &Location, schema_version: i64) -> Result<Self, StoreError> {
        let known = migrate::newest();
        if schema_version > known {
            return Err(StoreError::NewerSchema { found: schema_version, known });
        }
        let (sole, new_file, claim) = match location {
            Location::Sqlite { path } => {
                let claim = RestoreClaim::on(path)?;
                let file = new_file(path)?;
                (Sole::fill(file.path())?, Some(file), Some(claim))
            }
            Location::Postgres { .. } => {
                let sole = Self::of_postgres(location).await?;
                require_empty(&sole).await?;
                (sole, None, None)
            }
        };
        let this = Self { sole: Arc::new(sole), schema_version: 0, new_file, _claim: claim };
        this.migrated_to(schema_version).await
    }

    /// Changes a database as it stands, after it was migrated to the newest schema.
    ///
    /// # Errors
    /// As for [`Restore::into_new`].
    pub async fn in_place(location: &Location) -> Result<Self, StoreError> {
        let (sole, claim) = match location {
            Location::Sqlite { path } => {
                let claim = RestoreClaim::on(path)?;
                let file =
                    claim.database().ok_or_else(|| StoreError::NotInitialised(path.display().to_string()))?;
                (Sole::Sqlite(sqlite::Sole::change(file)?), Some(claim))
            }
            Location::Postgres { .. } => (Self::of_postgres(location).await?, None),
        };
        let version = sole.cells(migrate::FIND_VERSION, &[]).await?;
        let Some([Cell::Int(schema_version)]) = version.first().map(Vec::as_slice) else {
            return Err(StoreError::Foreign("it has no schema version".to_owned()));
        };
        let schema_version = *schema_version;
        if schema_version > migrate::newest() {
            return Err(StoreError::NewerSchema { found: schema_version, known: migrate::newest() });
        }
        let this = Self { sole: Arc::new(sole), schema_version, new_file: None, _claim: claim };
        this.migrated().await
    }

    async fn of_postgres(location: &Location) -> Result<Sole, StoreError> {
        match location {
            Location::Postgres { url, ca, .. } => {
                postgres::Sole::change(url, ca.as_deref()).await.map(Sole::Postgres)
            }
            Location::Sqlite { .. } => Err(StoreError::Misuse("a file is not PostgreSQL")),
        }
    }

    /// The changes so far, and further ones.
    pub fn tx(&self) -> Tx {
        Tx::new(Backend::Sole(Arc::clone(&self.sole)))
    }

    /// Adds the rows of a part. Their columns must be those of the schema version.
    pub async fn load(&self, part: &Part) -> Result<(), StoreError> {
        let Part { table, columns, rows } = part;
        let layout = Layout::of(&self.sole, table).await?;
        // The names go into statements, so they must be those of the schema.
        if layout.is_none_or(|layout| layout.columns != *columns) {
            let version = self.schema_version;
            return Err(StoreError::Corrupt(format!(
                "the backup has a table with columns that schema version {version} does not have"
            )));
        }
        for rows in rows.chunks((MAX_VALUES / columns.len()).max(1)) {
            let tuples: Vec<_> = (0..rows.len())
                .map(|row| format!("({})", numbers(row * columns.len(), columns.len())))
                .collect();
            let text = format!("INSERT INTO {table} ({}) VALUES {}", list(columns), tuples.join(", "));
            let params: Vec<Param<'_>> = rows.iter().flatten().map(Cell::as_param).collect();
            self.sole.change(&text, &params).await?;
        }
        Ok(())
    }

    /// Migrates the tables with their rows to the newest schema.
    pub async fn migrated(self) -> Result<Self, StoreError> {
        self.migrated_to(migrate::newest()).await
    }

    async fn migrated_to(mut self, version: i64) -> Result<Self, StoreError> {
        for (version, text) in between(self.schema_version, version) {
            self.sole.batch(SCHEMA_TABLE).await?;
            self.sole.batch(text).await?;
            self.sole.batch(&format!("INSERT INTO tessera_schema (version) VALUES ({version})")).await?;
        }
        self.schema_version = version;
        Ok(self)
    }

    /// Removes the rows that no restore leaves.
    pub async fn end_everything(&self) -> Result<(), StoreError> {
        for table in with_fate(Fate::Ended) {
            self.sole.batch(&format!("DELETE FROM {table}")).await?;
        }
        Ok(())
    }

    /// Commits. Returns `Ok` once the database is on disk, and then has its name.
    ///
    /// # Errors
    /// [`StoreError::AlreadyServed`] if a server has started on PostgreSQL meanwhile, or the database failed. On SQLite nothing was
    /// changed then. On PostgreSQL, that is unknown if the answer to the commit is lost.
    pub async fn commit(self) -> Result<(), StoreError> {
        let sole = Arc::into_inner(self.sole).ok_or(StoreError::Misuse("a restore is still being filled"))?;
        sole.commit().await?;
        match self.new_file {
            Some(file) => {
                let target = file.path().to_owned();
                file.complete()
                    .map_err(|error| StoreError::Location(format!("{}: {error}", target.display())))
            }
            None => Ok(()),
        }
    }
}

/// Begins a SQLite file beside the one that it becomes. What a restore that was killed has left is removed: nobody else works on
/// it, because this one has the claim.
fn new_file(path: &Path) -> Result<NewFile, StoreError> {
    let beside = |ending: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    };
    for ending in ["", "-wal", "-shm", "-journal"] {
        let path = beside(ending);
        if path.symlink_metadata().is_ok() {
            // SQLite would apply the log of the old database to the new one.
            return Err(StoreError::Location(format!(
                "{}: already there; move the old database aside with its -wal and -shm files, or restore to another place",
                path.display()
            )));
        }
    }
    for ending in [".restoring", ".restoring-journal"] {
        match std::fs::remove_file(beside(ending)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(StoreError::Location(format!("{}: {error}", beside(ending).display())));
            }
            _ => {}
        }
    }
    NewFile::create(path, beside(".restoring"))
        .map_err(|error| StoreError::Location(format!("{}: {error}", path.display())))
}

async fn require_empty(sole: &Sole) -> Result<(), StoreError> {
    let tables = sole.cells(sole.dialect().count_tables(), &[]).await?;
    match tables.first().map(Vec::as_slice) {
        Some([Cell::Int(0)]) => Ok(()),
        _ => Err(StoreError::Location(
            "the PostgreSQL schema is not empty; restore into a new database or schema".to_owned(),
        )),
    }
}
