//! Keys of the issuer.

use tessera_jose::Algorithm;
use tessera_model::{KeyPurpose, KeyState, StoredKey};

use super::bed::Bed;
use super::sample::{at, key};

async fn insert(bed: &Bed, key: &StoredKey) -> bool {
    bed.write(|tx| async move { tx.keys().insert(key).await }).await
}

async fn state(bed: &Bed, key: &StoredKey) -> KeyState {
    let keys = bed.read(|tx| async move { tx.keys().list().await }).await;
    keys.into_iter().find(|one| one.id == key.id).unwrap().state
}

pub async fn a_key_reads_back(bed: Bed) {
    let id_token = KeyPurpose::IdToken(Algorithm::Es256);
    let all = [
        key(1, KeyState::Next),
        StoredKey { activated_at: Some(at(2)), ..key(2, KeyState::Active) },
        key(3, KeyState::Retired { at: at(9) }),
        StoredKey { purpose: id_token, ..key(4, KeyState::Next) },
        StoredKey { purpose: KeyPurpose::GrantTokens, ..key(5, KeyState::Active) },
        StoredKey { purpose: KeyPurpose::Browser, ..key(6, KeyState::Active) },
        StoredKey { purpose: KeyPurpose::ClientSecrets, ..key(7, KeyState::Active) },
    ];
    for one in all.iter().rev() {
        assert!(insert(&bed, one).await);
    }
    assert_eq!(bed.read(|tx| async move { tx.keys().list().await }).await, all, "oldest first");
}

pub async fn f04_one_active_and_one_next_key_per_purpose(bed: Bed) {
    assert!(insert(&bed, &key(1, KeyState::Active)).await);
    assert!(!insert(&bed, &key(2, KeyState::Active)).await, "a second key that signs");
    assert!(insert(&bed, &key(3, KeyState::Next)).await);
    assert!(!insert(&bed, &key(4, KeyState::Next)).await, "a second successor");
    assert!(!insert(&bed, &key(1, KeyState::Retired { at: at(1) })).await, "the id is taken");
    assert!(insert(&bed, &key(5, KeyState::Retired { at: at(1) })).await);
    assert!(insert(&bed, &key(6, KeyState::Retired { at: at(1) })).await);
    assert!(insert(&bed, &StoredKey { purpose: KeyPurpose::GrantTokens, ..key(7, KeyState::Active) }).await);
}

pub async fn i04_a_key_never_goes_back(bed: Bed) {
    let (old, new) = (&key(1, KeyState::Active), &key(2, KeyState::Next));
    assert!(insert(&bed, old).await && insert(&bed, new).await);
    let activate =
        async |key: &StoredKey| bed.write(|tx| async move { tx.keys().activate(key.id, at(10)).await }).await;
    let retire =
        async |key: &StoredKey| bed.write(|tx| async move { tx.keys().retire(key.id, at(11)).await }).await;
    let remove = async |key: &StoredKey| bed.write(|tx| async move { tx.keys().remove(key.id).await }).await;

    assert!(!activate(new).await, "the old one still signs");
    assert!(!remove(old).await && !remove(new).await, "only what is retired");
    assert!(!retire(new).await);
    assert!(retire(old).await && !retire(old).await && !activate(old).await);
    assert!(activate(new).await);
    assert_eq!(state(&bed, old).await, KeyState::Retired { at: at(11) });
    assert_eq!(state(&bed, new).await, KeyState::Active);
    assert!(remove(old).await && !remove(old).await);
    let keys = bed.read(|tx| async move { tx.keys().list().await }).await;
    assert_eq!(keys, [StoredKey { state: KeyState::Active, activated_at: Some(at(10)), ..new.clone() }]);
}
