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

pub async fn a_plan_is_written_down_and_ends_with_the_step(bed: Bed) {
    let (old, new) = (&key(1, KeyState::Active), &key(2, KeyState::Next));
    assert!(insert(&bed, old).await && insert(&bed, new).await);
    let version = async || bed.read(|tx| async move { tx.catalog().version().await }).await;
    let before = version().await;
    let plan = async |due| bed.write(|tx| async move { tx.keys().plan(new.id, at(due)).await }).await;
    assert!(plan(500).await && !plan(500).await);
    assert_eq!(version().await, before + 1, "servers tell verifiers");
    let due = async || {
        let keys = bed.read(|tx| async move { tx.keys().list().await }).await;
        keys.into_iter().map(|key| key.due_at).collect::<Vec<_>>()
    };
    assert_eq!(due().await, [None, Some(at(500))]);
    bed.write(|tx| async move {
        tx.keys().retire(old.id, at(500)).await?;
        tx.keys().activate(new.id, at(500)).await
    })
    .await;
    assert_eq!(due().await, [None, None], "what comes next is another step");
}

pub async fn what_a_clock_that_was_ahead_wrote_is_brought_back(bed: Bed) {
    let ahead = StoredKey { created_at: at(900), due_at: Some(at(990)), ..key(1, KeyState::Next) };
    let active = StoredKey { activated_at: Some(at(800)), ..key(2, KeyState::Active) };
    let retired = key(3, KeyState::Retired { at: at(700) });
    let untouched = StoredKey { due_at: Some(at(990)), ..key(4, KeyState::Retired { at: at(50) }) };
    for one in [&ahead, &active, &retired, &untouched] {
        assert!(insert(&bed, one).await);
    }
    assert!(bed.write(|tx| async move { tx.keys().bring_back(at(100)).await }).await);
    let expected = [
        StoredKey { activated_at: Some(at(100)), ..active },
        StoredKey { state: KeyState::Retired { at: at(100) }, ..retired },
        untouched,
        StoredKey { created_at: at(100), due_at: None, ..ahead },
    ];
    assert_eq!(bed.read(|tx| async move { tx.keys().list().await }).await, expected);
}
