//! Closed to whoever lacks the key-encryption key.

use rstest::rstest;
use tessera_app::keys::{Kek, KeyError};
use tessera_app::{App, Parts};
use tessera_jose::Algorithm;
use tessera_model::{KeyPurpose, KeyState, StoredKey};
use tessera_testkit::server::{Backend, TestServer};

use super::{key, published, stored};

#[rstest]
#[tokio::test]
async fn s10_the_wrong_key_encryption_key_stops_the_start_and_writes_nothing(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[values(false, true)] one_is_missing: bool,
) {
    let server = TestServer::start(backend).await;
    let store = server.store().await;
    if one_is_missing {
        let gone = key(&server, |state| state == KeyState::Active).await;
        store.write(|tx| async move { tx.keys().retire(gone.id, gone.created_at).await }).await.unwrap();
    }
    let before = stored(&server).await;
    let wrong = Parts { kek: Kek::new(&[8; 32]), ..server.parts(5).await };
    let Err(error) = App::start(wrong).await else { panic!("it started") };
    assert!(matches!(error, KeyError::Sealed(_)), "{error}");
    assert!(error.to_string().contains("key-encryption key"), "{error}");
    assert_eq!(stored(&server).await, before);
    App::start(server.parts(6).await).await.unwrap();
}

#[tokio::test]
async fn s01_a_key_row_that_was_changed_does_not_open() {
    let server = TestServer::start(Backend::Sqlite).await;
    let store = server.store().await;
    let genuine = key(&server, |state| state == KeyState::Active).await;
    // The sealed ID-token key put in the place of the next access-token key.
    let id_token = KeyPurpose::IdToken(Algorithm::Rs256);
    let other = stored(&server).await.into_iter().find(|key| key.purpose == id_token).unwrap();
    let moved = &StoredKey {
        id: tessera_model::KeyId::from_random([3; 16]),
        state: KeyState::Next,
        activated_at: None,
        sealed: other.sealed,
        ..genuine
    };
    store.write(|tx| async move { tx.keys().insert(moved).await }).await.unwrap();
    let refused = tessera_app::catalog::refresh(&server.app).await;
    assert!(matches!(refused, Err(KeyError::Sealed(id)) if id == moved.id), "{refused:?}");
    assert_eq!(published(&server).await.len(), 3, "the old catalog stays");
}
