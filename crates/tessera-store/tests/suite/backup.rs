//! Backups: the same rows on either engine, as of one moment, and all or nothing.

use std::path::PathBuf;

use tessera_store::{Location, Part, Restore, Snapshot, Store, StoreError};
use tessera_testkit::postgres::{TestDatabase, TestPostgres};

use super::bed::Bed;
use super::fobs::fob;
use super::groups::group;
use super::sample::{api, at, plant, user, user_id};

/// Places for a new database on both engines, and what holds them.
fn places() -> (Vec<Location>, (tempfile::TempDir, TestDatabase)) {
    let (home, database) = (tempfile::tempdir().unwrap(), TestPostgres::shared().database());
    let locations = vec![
        Location::Sqlite { path: home.path().join("tessera.db") },
        Location::Postgres { url: database.url(), max_connections: 1, ca: None },
    ];
    (locations, (home, database))
}

async fn rest(snapshot: &mut Snapshot) -> Vec<Part> {
    let mut parts = Vec::new();
    while let Some(part) = snapshot.next_part().await.unwrap() {
        parts.push(Part::from_bytes(&part.to_bytes().unwrap()).unwrap());
    }
    parts
}

async fn parts(location: &Location) -> Vec<Part> {
    rest(&mut Snapshot::read_only(location).await.unwrap()).await
}

async fn fill(bed: &Bed) {
    plant(bed, 1).await;
    bed.write(|tx| async move {
        for number in 2..1_203 {
            tx.users().insert(&user(number)).await?;
        }
        tx.fobs().insert(&fob(1, "A-1", None)).await?;
        tx.groups().insert(&group("ops")).await?;
        tx.groups().add_member(&group("ops").name, user_id(7), at(1)).await?;
        tx.apis().insert(&api(1)).await
    })
    .await;
}

pub async fn f53_a_backup_reads_back_on_either_engine(bed: Bed) {
    fill(&bed).await;
    let mut snapshot = bed.store.snapshot().await.unwrap();
    let counts = snapshot.counts().await.unwrap();
    let of = |table: &str| counts.iter().find(|part| part.table == table).unwrap().rows;
    assert_eq!((of("users"), of("clients"), of("apis"), of("audit")), (1_202, 1, 1, 0), "{counts:?}");
    let written = rest(&mut snapshot).await;
    assert_eq!(
        written.len(),
        8,
        "three pages of people: {:?}",
        written.iter().map(Part::summary).collect::<Vec<_>>()
    );
    let (locations, _homes) = places();
    for location in &locations {
        let restore = Restore::into_new(location, snapshot.schema_version()).await.unwrap();
        for part in &written {
            restore.load(part).await.unwrap();
        }
        restore.migrated().await.unwrap().commit().await.unwrap();
        assert!(parts(location).await == written, "{location:?}");
        let store = Store::open(location).await.unwrap();
        let found = store.read(|tx| async move { tx.users().find(user_id(7)).await }).await.unwrap();
        assert_eq!(found, Some(user(7)));
        let groups = store.read(|tx| async move { tx.groups().of_user(user_id(7)).await }).await;
        assert_eq!(groups, Ok(vec![group("ops").name]));
        let fobs = store.read(|tx| async move { tx.fobs().list(None, 10).await }).await;
        assert_eq!(fobs, Ok(vec![fob(1, "A-1", None)]));
        let grants = store.read(|tx| async move { tx.grants().find(super::sample::grant_id(1)).await }).await;
        assert_eq!(grants, Ok(None), "no backup holds a grant");
    }
}

pub async fn f53_a_backup_is_one_state_of_the_database(bed: Bed) {
    fill(&bed).await;
    let before = parts_of(&bed).await;
    let mut snapshot = bed.store.snapshot().await.unwrap();
    let mut read = vec![snapshot.next_part().await.unwrap().unwrap()];
    bed.write(|tx| async move {
        tx.users().insert(&user(5_000)).await?;
        tx.users().delete(user_id(1_100)).await?;
        tx.apis().insert(&api(2)).await
    })
    .await;
    read.extend(rest(&mut snapshot).await);
    assert!(read == before, "it has what came later");
    assert!(parts_of(&bed).await != before);
}

async fn parts_of(bed: &Bed) -> Vec<Part> {
    rest(&mut bed.store.snapshot().await.unwrap()).await
}

/// A part of version 1, spelled out.
fn old_people() -> Part {
    let mut bytes = Vec::new();
    let number = |number: usize| u32::try_from(number).unwrap().to_be_bytes();
    let text = |bytes: &mut Vec<u8>, text: &[u8], length: [u8; 4]| {
        bytes.extend(length);
        bytes.extend(text);
    };
    let columns = [
        "id",
        "username",
        "name",
        "email",
        "email_verified",
        "status",
        "status_at",
        "password_hash",
        "created_at",
        "updated_at",
    ];
    text(&mut bytes, b"users", number(5));
    bytes.extend(number(columns.len()));
    for column in columns {
        text(&mut bytes, column.as_bytes(), number(column.len()));
    }
    bytes.extend(number(1));
    bytes.push(3);
    text(&mut bytes, user_id(1).as_bytes(), number(16));
    bytes.push(2);
    text(&mut bytes, b"alice", number(5));
    bytes.extend([0, 0, 1]);
    bytes.extend(0_i64.to_be_bytes());
    bytes.push(2);
    text(&mut bytes, b"active", number(6));
    bytes.extend([0, 0]);
    for moment in [at(0), at(1)] {
        bytes.push(1);
        bytes.extend(moment.seconds().to_be_bytes());
    }
    Part::from_bytes(&bytes).unwrap()
}

pub async fn f14_an_older_backup_is_migrated_and_a_newer_one_refused(bed: Bed) {
    drop(bed);
    let newest = tessera_store::newest_schema_version();
    let (locations, _homes) = places();
    for location in &locations {
        let refused = Restore::into_new(location, newest + 1).await.err();
        assert_eq!(refused, Some(StoreError::NewerSchema { found: newest + 1, known: newest }));
        // The columns of another version go nowhere.
        let restore = Restore::into_new(location, newest).await.unwrap();
        let refused = restore.load(&old_people()).await;
        assert!(matches!(refused, Err(StoreError::Corrupt(_))), "{refused:?}");
        drop(restore);
        let restore = Restore::into_new(location, 1).await.unwrap();
        restore.load(&old_people()).await.unwrap();
        restore.migrated().await.unwrap().commit().await.unwrap();
        let store = Store::open(location).await.unwrap();
        let found = store.read(|tx| async move { tx.users().find(user_id(1)).await }).await.unwrap().unwrap();
        assert_eq!((found.username.as_str(), found.created_at), ("alice", at(0)));
    }
}

pub async fn a_database_of_an_older_version_can_still_be_read(bed: Bed) {
    bed.write(|tx| async move { tx.users().insert(&user(1)).await }).await;
    bed.execute(
        "DROP TABLE memberships; DROP TABLE user_groups; DROP TABLE fobs; DROP TABLE authenticators; \
         DROP TABLE recovery_codes; DROP TABLE logins; DELETE FROM tessera_schema WHERE version > 7",
    );
    let mut older = bed.store.snapshot().await.unwrap();
    assert_eq!(older.schema_version(), 7);
    assert_eq!(older.tx().users().find(user_id(1)).await, Ok(Some(user(1))));
    assert!(rest(&mut older).await.iter().any(|part| part.summary().table == "users"));
    let newest = tessera_store::newest_schema_version();
    bed.execute(&format!("INSERT INTO tessera_schema (version) VALUES ({newest})"));
    let broken = bed.store.snapshot().await.map(drop);
    assert!(matches!(&broken, Err(StoreError::Corrupt(why)) if why.contains("user_groups")), "{broken:?}");
}

pub async fn f08_a_restore_is_whole_or_leaves_nothing(bed: Bed) {
    fill(&bed).await;
    let written = parts_of(&bed).await;
    let (locations, (home, _database)) = places();
    for location in &locations {
        let begun = Restore::into_new(location, tessera_store::newest_schema_version()).await.unwrap();
        begun.load(&written[0]).await.unwrap();
        drop(begun);
        let files = || -> Vec<PathBuf> {
            let entries = std::fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().path());
            entries.filter(|path| path.extension().is_none_or(|ending| ending != "lock")).collect()
        };
        assert_eq!(files(), Vec::<PathBuf>::new(), "{location:?}");
        // What a restore that was killed leaves is in nobody's way.
        if let Location::Sqlite { path } = location {
            std::fs::write(path.with_file_name("tessera.db.restoring"), "half").unwrap();
            std::fs::write(path.with_file_name("tessera.db.restoring-journal"), "half").unwrap();
        }
        let again = Restore::into_new(location, tessera_store::newest_schema_version()).await.unwrap();
        for part in &written {
            again.load(part).await.unwrap();
        }
        again.commit().await.unwrap();
        assert!(parts(location).await == written, "{location:?}");
        std::fs::remove_file(home.path().join("tessera.db")).ok();
    }
}

pub async fn a_restore_needs_an_empty_place_and_no_server(bed: Bed) {
    plant(&bed, 1).await;
    let newest = tessera_store::newest_schema_version();
    let refused = Restore::into_new(&bed.location, newest).await.err();
    let in_place = match &bed.location {
        Location::Sqlite { path } => {
            assert!(matches!(refused, Some(StoreError::Location(_))), "{refused:?}");
            // The log of another database must not be applied to the new one.
            let (locations, (home, _database)) = places();
            std::fs::write(home.path().join("tessera.db-wal"), "log").unwrap();
            let refused = Restore::into_new(&locations[0], newest).await.err();
            assert!(matches!(refused, Some(StoreError::Location(_))), "{refused:?}");
            let _claim = bed.store.claim_server().await.unwrap();
            let new = Location::Sqlite { path: path.clone() };
            assert!(matches!(
                Restore::into_new(&new, newest).await.err(),
                Some(StoreError::AlreadyServed(_))
            ));
            Restore::in_place(&bed.location).await.err()
        }
        Location::Postgres { .. } => {
            // The store of the bed is connected.
            assert!(matches!(refused, Some(StoreError::AlreadyServed(_))), "{refused:?}");
            Restore::in_place(&bed.location).await.err()
        }
    };
    assert!(matches!(in_place, Some(StoreError::AlreadyServed(_))), "{in_place:?}");
}

/// Ends the connections of the bed's own store to PostgreSQL, which count as a server.
fn stop(bed: &Bed) {
    if let Location::Postgres { .. } = bed.location {
        bed.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND application_name = 'tessera'",
        );
    }
}

pub async fn the_old_database_may_be_read_meanwhile_and_be_another_schema(bed: Bed) {
    fill(&bed).await;
    let written = parts_of(&bed).await;
    let new = match &bed.location {
        Location::Sqlite { path } => Location::Sqlite { path: path.with_file_name("new.db") },
        Location::Postgres { url, .. } => {
            bed.execute("CREATE SCHEMA other");
            let url = format!("{url}?options=-c%20search_path%3Dother");
            Location::Postgres { url, max_connections: 1, ca: None }
        }
    };
    stop(&bed);
    let mut old = Snapshot::read_only(&bed.location).await.unwrap();
    let restore = Restore::into_new(&new, old.schema_version()).await.unwrap();
    for part in &written {
        restore.load(part).await.unwrap();
    }
    restore.commit().await.unwrap();
    assert!(rest(&mut old).await == written && parts(&new).await == written);
}

pub async fn everything_that_was_issued_is_removed(bed: Bed) {
    let grant = plant(&bed, 1).await;
    let location = bed.location.clone();
    let Bed { store, .. } = bed.clone();
    let before = rest(&mut store.snapshot().await.unwrap()).await;
    let restore = loop {
        match Restore::in_place(&location).await {
            Err(StoreError::AlreadyServed(_)) => stop(&bed),
            outcome => break outcome.unwrap(),
        }
    };
    restore.end_everything().await.unwrap();
    let tx = restore.tx();
    assert_eq!(tx.grants().find(grant.id).await, Ok(None));
    tx.revocations().set_epoch(77).await.unwrap();
    tx.catalog().restart(1_000).await.unwrap();
    drop(tx);
    restore.commit().await.unwrap();
    let store = Store::open(&location).await.unwrap();
    let left = rest(&mut store.snapshot().await.unwrap()).await;
    assert!(left == before, "what a backup holds stays");
    let read = store.read(|tx| async move {
        Ok::<_, StoreError>((
            tx.revocations().epoch().await?,
            tx.revocations().last().await?,
            tx.catalog().version().await?,
            tx.sessions().find(super::sample::session_id(1)).await?,
        ))
    });
    assert_eq!(read.await, Ok((77, 77_000, 1_000, None)));
}

pub async fn the_first_epoch_begins_once(bed: Bed) {
    let begin = async |epoch| bed.write(|tx| async move { tx.revocations().begin_epoch(epoch).await }).await;
    let epoch = async || bed.read(|tx| async move { tx.revocations().epoch().await }).await;
    assert_eq!((epoch().await, begin(7).await, epoch().await), (0, true, 7));
    assert_eq!((begin(8).await, epoch().await), (false, 7));
}
