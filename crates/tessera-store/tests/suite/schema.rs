//! Opening databases with a foreign, newer or damaged schema, and opening one at the same time.

use tessera_model::ClientStatus;
use tessera_store::{Location, Store, StoreError};
use tokio::task::JoinSet;

use super::bed::{Bed, patiently};
use super::sample::{api, at, client, client_id, plant, user_id};

async fn open(bed: &Bed) -> Result<(), StoreError> {
    Store::open(&bed.location).await.map(drop)
}

pub async fn f14_a_newer_schema_is_refused(bed: Bed) {
    bed.execute("INSERT INTO tessera_schema (version) VALUES (1000)");
    assert!(matches!(open(&bed).await, Err(StoreError::NewerSchema { found: 1000, .. })));
}

pub async fn f14_a_foreign_database_is_refused(bed: Bed) {
    bed.execute("DROP TABLE tessera_schema");
    let refused = open(&bed).await;
    assert!(matches!(refused, Err(StoreError::Foreign(_))), "{refused:?}");
    bed.execute("CREATE TABLE tessera_schema (version BIGINT)");
    let refused = open(&bed).await;
    assert!(matches!(refused, Err(StoreError::Corrupt(_))), "{refused:?}");
}

pub async fn f14_tables_that_do_not_fit_are_refused(bed: Bed) {
    bed.execute("ALTER TABLE users RENAME COLUMN email TO mail");
    let Err(StoreError::Corrupt(why)) = open(&bed).await else { panic!("opened") };
    assert!(why.contains("users::") && why.contains("email"), "{why}");
}

pub async fn unreadable_rows_are_reported_without_their_values(bed: Bed) {
    plant(&bed, 1).await;
    bed.execute(
        "UPDATE users SET username = 'Not A Name'; UPDATE clients SET settings = '{\"secret\":\"hunter2\"}'",
    );
    let user = bed.store.read(|tx| async move { tx.users().find(user_id(1)).await }).await;
    let Err(StoreError::Corrupt(why)) = user else { panic!("{user:?}") };
    assert!(!why.contains("Not A Name"), "{why}");
    let client = bed.store.read(|tx| async move { tx.clients().find(&client_id(1)).await }).await;
    let Err(StoreError::Corrupt(why)) = client else { panic!("{client:?}") };
    assert!(!why.contains("hunter2"), "{why}");
}

pub async fn an_unreadable_row_of_the_catalog_hides_no_other(bed: Bed) {
    bed.write(|tx| async move {
        for number in 1..=3 {
            tx.clients().insert(&client(number)).await?;
            tx.apis().insert(&api(number)).await?;
        }
        Ok(())
    })
    .await;
    bed.execute(
        "UPDATE clients SET settings = '{\"secret\":\"hunter2\"}' WHERE id = 'client-2'; \
         UPDATE apis SET settings = '[]' WHERE audience = 'https://api-1.example/'",
    );
    let clients = bed.read(|tx| async move { tx.clients().list().await }).await;
    assert_eq!(clients.entries, [client(1), client(3)]);
    let has =
        async |number| bed.read(|tx| async move { tx.clients().exists(&client_id(number)).await }).await;
    assert!(has(1).await && has(2).await && !has(9).await, "readable or not");
    assert_eq!(clients.unreadable.len(), 1);
    assert_eq!(clients.unreadable[0].name, "client-2");
    assert!(!clients.unreadable[0].why.to_string().contains("hunter2"), "{clients:?}");
    let apis = bed.read(|tx| async move { tx.apis().list().await }).await;
    assert_eq!((apis.entries, &*apis.unreadable[0].name), (vec![api(2), api(3)], "https://api-1.example/"));
}

pub async fn many_may_open_an_empty_database_at_once(bed: Bed) {
    bed.drop_all();
    let mut opening = JoinSet::new();
    for _ in 0..8 {
        let location = bed.location.clone();
        opening.spawn(async move { Store::open_or_create(&location).await });
    }
    let mut inserted = 0;
    for store in opening.join_all().await {
        let store = store.unwrap();
        inserted += u32::from(
            patiently(&store, |tx| async move { tx.clients().insert(&client(1)).await }).await.unwrap(),
        );
        let found = store.read(|tx| async move { tx.clients().find(&client_id(1)).await }).await.unwrap();
        assert_eq!(found.unwrap().status, ClientStatus::Active);
    }
    assert_eq!(inserted, 1);
}

pub async fn f14_only_create_initialises_an_empty_database(bed: Bed) {
    let already = Store::create(&bed.location).await.map(drop);
    assert!(matches!(already, Err(StoreError::AlreadyInitialised(_))), "{already:?}");
    bed.drop_all();
    let refused = open(&bed).await;
    assert!(matches!(refused, Err(StoreError::NotInitialised(_))), "{refused:?}");
    let left = bed.try_execute("INSERT INTO tessera_schema (version) VALUES (1)");
    assert!(left.is_err(), "nothing was made");
    match bed.location {
        // The file that is there may be the rest of a database.
        Location::Sqlite { .. } => assert!(Store::create(&bed.location).await.is_err()),
        Location::Postgres { .. } => assert!(Store::create(&bed.location).await.is_ok()),
    }
}

pub async fn i03_a_probe_writes_and_knows_the_installation(bed: Bed) {
    let id = bed.read(|tx| async move { tx.installation().id().await }).await;
    let again = bed.reopen().await;
    let same = again.read(|tx| async move { tx.installation().id().await }).await;
    assert_eq!(same, Ok(id), "it is made with the database");
    assert_eq!(again.probe(at(1)).await, Ok(()));
    assert_eq!(again.why_lost(), None);
    let changed = bed.write(|tx| async move { tx.installation().probe(id, at(2)).await }).await;
    assert!(changed);
    let other = bed.blob(&[9; 16]);
    bed.execute(&format!("UPDATE installation SET id = {other}"));
    let asked = bed.write(|tx| async move { tx.installation().probe(id, at(3)).await }).await;
    assert!(!asked, "it belongs to another installation");
    let probed = bed.store.probe(at(3)).await;
    match bed.location {
        // Each commit has looked at the file, and it is the same.
        Location::Sqlite { .. } => assert_eq!(probed, Ok(())),
        // A commit says nothing about where it went.
        Location::Postgres { .. } => assert_eq!(Err(bed.store.why_lost().unwrap()), probed),
    }
}
