//! A server whose background job fails says so at `/readyz/write`, and one whose database is gone stays ready for what needs none.

use tessera_model::{KeyId, KeyPurpose, KeyState, StoredKey, Timestamp};
use tessera_store::{Location, Store};

use crate::support::{Installation, Server, eventually};

/// A key that was sealed under the key-encryption key of another installation.
fn foreign_key() -> StoredKey {
    StoredKey {
        id: KeyId::from_bytes([7; 16]),
        purpose: KeyPurpose::parse("access:ES256").unwrap(),
        state: KeyState::Retired { at: Timestamp::from_seconds(1) },
        sealed: vec![0; 64],
        created_at: Timestamp::from_seconds(0),
        activated_at: Some(Timestamp::from_seconds(0)),
        due_at: None,
    }
}

#[tokio::test]
async fn f44_a_server_that_cannot_follow_its_database_says_so_until_it_can() {
    let installation = Installation::init();
    let server = Server::start(installation.command(&["serve"]));
    assert_eq!(server.ops("/readyz/write").await, (200, "ready\n".to_owned()));
    let store = Store::open(&Location::Sqlite { path: installation.file("tessera.db") }).await.unwrap();
    let key = &foreign_key();
    assert!(store.write(|tx| async move { tx.keys().insert(key).await }).await.unwrap());
    let failing = (503, "catalog.refresh fails\n".to_owned());
    eventually("the server says what fails", async || server.ops("/readyz/write").await == failing).await;
    assert_eq!(server.logged("a background job fails")["job"], "catalog.refresh");
    assert_eq!(server.ops("/readyz").await.0, 200, "every instance has the same keys");
    assert_eq!(server.ops("/healthz").await.0, 200, "a restart would not help");
    assert!(store.write(|tx| async move { tx.keys().remove(key.id).await }).await.unwrap());
    eventually("it is ready again", async || server.ops("/readyz/write").await.0 == 200).await;
    server.logged("a background job works again");
}
