//! Clients and the catalog version.

use tessera_jose::Algorithm;
use tessera_model::client::ClientSettings;
use tessera_model::{Client, ClientKind, ClientStatus, Consent, KeyPurpose, KeyState, PkcePolicy, StoredKey};
use tessera_store::StoreError;

use super::bed::Bed;
use super::sample::{api, at, client, client_id, digest, key, plant, user};

async fn find(bed: &Bed, number: u32) -> Option<Client> {
    bed.read(|tx| async move { tx.clients().find(&client_id(number)).await }).await
}

async fn insert(bed: &Bed, client: &Client) -> bool {
    bed.write(|tx| async move { tx.clients().insert(client).await }).await
}

pub async fn a_client_reads_back(bed: Bed) {
    let mut all = Vec::new();
    for (number, kind) in
        (1..).zip([ClientKind::Web, ClientKind::Spa, ClientKind::Native, ClientKind::Service])
    {
        let mut one = Client { kind, ..client(number) };
        if !kind.is_confidential() {
            one.secrets = Vec::new();
            one.status = ClientStatus::Disabled { at: at(7) };
        }
        assert!(insert(&bed, &one).await);
        assert!(!insert(&bed, &one).await, "the id is taken");
        assert_eq!(find(&bed, number).await.as_ref(), Some(&one));
        all.push(one);
    }
    assert_eq!(bed.read(|tx| async move { tx.clients().list().await }).await.entries, all);
    assert_eq!(find(&bed, 9).await, None);
}

pub async fn secrets_are_replaced(bed: Bed) {
    insert(&bed, &client(1)).await;
    let changed = bed
        .write(|tx| async move {
            let mut held = tx.clients().find_for_update(&client_id(1)).await?.unwrap();
            held.rotate_secret(digest(7), at(50), std::time::Duration::from_secs(10));
            assert!(tx.clients().set_secrets(&held.id, &held.secrets, at(50)).await?);
            Ok(held)
        })
        .await;
    assert_eq!(find(&bed, 1).await, Some(Client { updated_at: at(50), ..changed }));
    assert!(!bed.write(|tx| async move { tx.clients().set_secrets(&client_id(2), &[], at(50)).await }).await);
    let read_only =
        bed.store.read(|tx| async move { tx.clients().find_for_update(&client_id(1)).await }).await;
    assert!(matches!(read_only, Err(StoreError::Misuse(_))), "there is nothing to hold a lock in a read");
}

pub async fn what_is_chosen_for_a_client_is_replaced(bed: Bed) {
    let before = &client(1);
    insert(&bed, before).await;
    let settings =
        ClientSettings { pkce: PkcePolicy::Off, require_consent: false, ..before.settings.clone() };
    let name = "Another name".to_owned();
    let after = &Client { name, settings, pkce_proven_at: Some(at(3)), updated_at: at(50), ..before.clone() };
    assert!(bed.write(|tx| async move { tx.clients().update(after).await }).await);
    assert_eq!(find(&bed, 1).await.as_ref(), Some(after));
    let status = ClientStatus::Disabled { at: at(9) };
    let beyond = &Client { status, secrets: Vec::new(), created_at: at(9), ..after.clone() };
    bed.write(|tx| async move { tx.clients().update(beyond).await }).await;
    assert_eq!(find(&bed, 1).await.as_ref(), Some(after), "status and secrets have statements of their own");
    let nobody = &client(2);
    assert!(!bed.write(|tx| async move { tx.clients().update(nobody).await }).await);
}

pub async fn o05_a_client_proves_pkce_once(bed: Bed) {
    insert(&bed, &client(1)).await;
    let prove = async |now| {
        bed.write(|tx| async move { tx.clients().prove_pkce(&client_id(1), at(now)).await }).await
    };
    assert!(prove(5).await && !prove(6).await);
    assert_eq!(find(&bed, 1).await.unwrap().pkce_proven_at, Some(at(5)));
}

pub async fn a_client_is_disabled_once(bed: Bed) {
    insert(&bed, &client(1)).await;
    let disable =
        async |now| bed.write(|tx| async move { tx.clients().disable(&client_id(1), at(now)).await }).await;
    assert!(disable(5).await && !disable(6).await);
    assert_eq!(find(&bed, 1).await.unwrap().status, ClientStatus::Disabled { at: at(5) });
}

pub async fn deleting_a_client_takes_its_grants_and_consents(bed: Bed) {
    let (gone, kept) = (&plant(&bed, 1).await, &plant(&bed, 2).await);
    bed.write(|tx| async move {
        let (user_id, client_id) = (gone.holder.user_id().unwrap(), gone.client_id.clone());
        tx.consents()
            .allow(&Consent { user_id, client_id, scope: gone.scope.clone(), granted_at: at(1) })
            .await?;
        assert!(tx.clients().delete(&gone.client_id).await?);
        assert!(!tx.clients().delete(&gone.client_id).await?);
        assert_eq!(tx.grants().find(gone.id).await?, None);
        assert_eq!(tx.consents().find(gone.holder.user_id().unwrap(), &gone.client_id).await?, None);
        assert!(
            tx.sessions().find(gone.holder.session_id().unwrap()).await?.is_some(),
            "the person stays logged in"
        );
        assert!(tx.grants().find(kept.id).await?.is_some());
        Ok(())
    })
    .await;
}

pub async fn every_change_of_the_catalog_shows_in_its_version(bed: Bed) {
    let version = async || bed.read(|tx| async move { tx.catalog().version().await }).await;
    macro_rules! bumps {
        ($by:expr, |$tx:ident| $call:expr) => {{
            let before = version().await;
            bed.write(|$tx| async move { $call.await }).await;
            assert_eq!(version().await - before, $by, stringify!($call));
        }};
    }
    let next = &key(1, KeyState::Next);
    let foreign = &StoredKey { purpose: KeyPurpose::IdToken(Algorithm::Es256), ..key(2, KeyState::Active) };
    bumps!(1, |tx| tx.clients().insert(&client(1)));
    bumps!(0, |tx| tx.clients().insert(&client(1)));
    bumps!(1, |tx| tx.clients().set_secrets(&client_id(1), &[], at(1)));
    bumps!(1, |tx| tx.clients().update(&client(1)));
    bumps!(1, |tx| tx.clients().prove_pkce(&client_id(1), at(1)));
    bumps!(0, |tx| tx.clients().prove_pkce(&client_id(1), at(2)));
    bumps!(1, |tx| tx.clients().disable(&client_id(1), at(1)));
    bumps!(0, |tx| tx.clients().disable(&client_id(1), at(1)));
    bumps!(1, |tx| tx.clients().delete(&client_id(1)));
    bumps!(0, |tx| tx.clients().delete(&client_id(1)));
    bumps!(1, |tx| tx.apis().insert(&api(1)));
    bumps!(0, |tx| tx.apis().insert(&api(1)));
    bumps!(1, |tx| tx.apis().update(&api(1)));
    bumps!(0, |tx| tx.apis().update(&api(2)));
    bumps!(1, |tx| tx.keys().insert(next));
    bumps!(1, |tx| tx.keys().insert(foreign));
    bumps!(1, |tx| tx.keys().activate(next.id, at(1)));
    bumps!(0, |tx| tx.keys().activate(next.id, at(1)));
    bumps!(1, |tx| tx.keys().retire(next.id, at(2)));
    bumps!(1, |tx| tx.keys().remove(next.id));
    bumps!(0, |tx| tx.users().insert(&user(1)));
}
