//! Keys: rotated on schedule, closed to whoever lacks the key-encryption key.

mod kek;
mod rotate;

use std::collections::BTreeSet;

use tessera_jose::Algorithm;
use tessera_model::{KeyPurpose, KeyState, StoredKey};
use tessera_testkit::server::TestServer;

pub(crate) const DAY: u64 = 86_400;

pub(crate) const ACCESS: KeyPurpose = KeyPurpose::Access(Algorithm::Es256);

pub(crate) async fn stored(server: &TestServer) -> Vec<StoredKey> {
    server.store().await.read(|tx| async move { tx.keys().list().await }).await.unwrap()
}

pub(crate) async fn key(server: &TestServer, state: fn(KeyState) -> bool) -> StoredKey {
    stored(server).await.into_iter().find(|key| key.purpose == ACCESS && state(key.state)).unwrap()
}

pub(crate) async fn published(server: &TestServer) -> BTreeSet<String> {
    server.keys().await.keys.iter().map(|jwk| jwk.kid().unwrap().to_owned()).collect()
}
