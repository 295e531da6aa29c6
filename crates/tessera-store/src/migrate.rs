//! Schema versions. Migrations go forward only, in one transaction, and never touch the database of another program.

use crate::StoreError;

/// All migrations, oldest first. The first makes version 1. A released migration is never edited.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_initial.sql"),
    include_str!("../migrations/0002_clients_and_people.sql"),
    include_str!("../migrations/0003_refresh.sql"),
    include_str!("../migrations/0004_growth.sql"),
    include_str!("../migrations/0005_bounds.sql"),
    include_str!("../migrations/0006_speed.sql"),
    include_str!("../migrations/0007_generations.sql"),
    include_str!("../migrations/0008_groups.sql"),
    include_str!("../migrations/0009_authenticators.sql"),
    include_str!("../migrations/0010_outbox.sql"),
    include_str!("../migrations/0011_fobs.sql"),
];

/// Creates the table that holds the version.
pub(crate) const SCHEMA_TABLE: &str =
    "CREATE TABLE IF NOT EXISTS tessera_schema (version {int} NOT NULL PRIMARY KEY)";
/// Reads the version from that table.
pub(crate) const FIND_VERSION: &str = "SELECT max(version) FROM tessera_schema";

/// The newest schema version that this program can make.
pub fn newest() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// The migrations after one version up to another one, each with the version that it makes.
pub(crate) fn between(from: i64, to: i64) -> impl Iterator<Item = (i64, &'static str)> {
    (1..).zip(MIGRATIONS.iter().copied()).filter(move |&(version, _)| from < version && version <= to)
}

/// The state of a database before migration.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SchemaState {
    /// Number of tables of any kind.
    pub(crate) tables: i64,
    /// Schema version. `None` without a schema table.
    pub(crate) version: Option<i64>,
}

/// Which databases an opening takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    /// One that was initialised. An empty one is refused.
    Existing,
    /// A new one. One that was initialised is refused.
    New,
    /// Either.
    ExistingOrNew,
}

impl Opening {
    /// Checks a database before it is migrated. `place` names it to the operator.
    pub(crate) fn check(self, found: SchemaState, place: &str) -> Result<(), StoreError> {
        match (self, found.version) {
            (Self::Existing, None) if found.tables == 0 => Err(StoreError::NotInitialised(place.to_owned())),
            (Self::New, Some(_)) => Err(StoreError::AlreadyInitialised(place.to_owned())),
            (Self::Existing | Self::New | Self::ExistingOrNew, _) => Ok(()),
        }
    }
}

/// The migrations that are still to run, each with the version that it makes.
pub(crate) fn pending(found: SchemaState) -> Result<Vec<(i64, &'static str)>, StoreError> {
    let done = match found.version {
        None if found.tables > 0 => {
            return Err(StoreError::Foreign(format!(
                "it holds {} tables and no tessera_schema",
                found.tables
            )));
        }
        None => 0,
        Some(version) if version < 1 => {
            return Err(StoreError::Corrupt(format!("schema version {version} never existed")));
        }
        Some(version) => version,
    };
    let all: Vec<_> = (1..).zip(MIGRATIONS.iter().copied()).collect();
    let known = all.last().map_or(0, |&(version, _)| version);
    if done > known {
        return Err(StoreError::NewerSchema { found: done, known });
    }
    Ok(all.into_iter().filter(|&(version, _)| version > done).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f14_an_empty_database_is_initialised_only_where_that_was_asked_for() {
        let check =
            |opening: Opening, tables, version| opening.check(SchemaState { tables, version }, "here");
        let here = || "here".to_owned();
        assert_eq!(check(Opening::Existing, 0, None), Err(StoreError::NotInitialised(here())));
        assert_eq!(check(Opening::Existing, 13, Some(4)), Ok(()));
        assert_eq!(check(Opening::Existing, 3, None), Ok(()), "`pending` refuses it as foreign");
        assert_eq!(check(Opening::New, 0, None), Ok(()));
        assert_eq!(check(Opening::New, 13, Some(4)), Err(StoreError::AlreadyInitialised(here())));
        assert_eq!(check(Opening::ExistingOrNew, 0, None), Ok(()));
        assert_eq!(check(Opening::ExistingOrNew, 13, Some(4)), Ok(()));
    }

    #[test]
    fn f14_only_an_empty_database_or_an_older_one_of_ours_is_migrated() {
        let latest = i64::try_from(MIGRATIONS.len()).unwrap();
        let plan = |tables, version| pending(SchemaState { tables, version }).map(|steps| steps.len());
        assert_eq!(plan(0, None), Ok(MIGRATIONS.len()));
        assert_eq!(plan(13, Some(latest)), Ok(0));
        assert_eq!(
            plan(13, Some(latest + 1)),
            Err(StoreError::NewerSchema { found: latest + 1, known: latest })
        );
        assert!(matches!(plan(3, None), Err(StoreError::Foreign(_))));
        assert!(matches!(plan(3, Some(0)), Err(StoreError::Corrupt(_))));
    }
}
