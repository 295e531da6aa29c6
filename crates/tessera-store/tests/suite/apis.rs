//! APIs.

use tessera_model::{Api, ApiStatus, ScopeDefinition};
use tessera_store::StoreError;
use tokio::task::JoinSet;

use super::bed::Bed;
use super::sample::{api, at};

pub async fn an_api_reads_back(bed: Bed) {
    let all = &[api(1), Api { status: ApiStatus::Disabled { at: at(3) }, ..api(2) }];
    bed.write(|tx| async move {
        for one in all {
            assert!(tx.apis().insert(one).await?);
            assert!(!tx.apis().insert(one).await?, "the audience is taken");
            assert_eq!(tx.apis().find(&one.audience).await?.as_ref(), Some(one));
        }
        Ok(())
    })
    .await;
    assert_eq!(bed.read(|tx| async move { tx.apis().list().await }).await.entries, all);
    assert_eq!(
        bed.read(|tx| async move { tx.apis().find("https://api-1.example").await }).await,
        None,
        "byte for byte"
    );
}

pub async fn name_and_settings_of_an_api_are_replaced(bed: Bed) {
    let (one, other) = (&api(1), &api(2));
    let mut changed = Api { name: "Other".to_owned(), updated_at: at(50), ..one.clone() };
    changed.settings.access_token_seconds = 30;
    changed.settings.scopes.clear();
    let changed = &changed;
    // An update changes neither the time of creation nor the status.
    let asked = &Api { created_at: at(9), status: ApiStatus::Disabled { at: at(9) }, ..changed.clone() };
    bed.write(|tx| async move {
        assert!(tx.apis().insert(one).await? && tx.apis().insert(other).await?);
        assert_eq!(tx.apis().find_for_update(&one.audience).await?.as_ref(), Some(one));
        assert!(tx.apis().update(asked).await?);
        assert_eq!(tx.apis().find(&one.audience).await?.as_ref(), Some(changed));
        assert!(!tx.apis().update(&api(3)).await?, "there is none");
        assert_eq!(tx.apis().find_for_update("https://api-3.example/").await?, None);
        assert_eq!(tx.apis().find(&other.audience).await?.as_ref(), Some(other));
        Ok(())
    })
    .await;
    let read_only = bed.store.read(|tx| async move { tx.apis().find_for_update(&one.audience).await }).await;
    assert!(
        matches!(read_only, Err(StoreError::Misuse(_))),
        "{read_only:?}: there is nothing to hold a lock in a read"
    );
}

pub async fn of_changes_at_the_same_moment_none_is_lost(bed: Bed) {
    bed.write(|tx| async move { tx.apis().insert(&api(1)).await }).await;
    let audience = api(1).audience;
    let mut changes = JoinSet::new();
    for n in 0..16 {
        let (store, audience) = (bed.store.clone(), audience.clone());
        changes.spawn(async move {
            let audience = &audience;
            store
                .write(|tx| async move {
                    let mut held = tx.apis().find_for_update(audience).await?.unwrap();
                    let scope = ScopeDefinition {
                        name: format!("s{n}").parse().unwrap(),
                        description: String::new(),
                    };
                    held.settings.scopes.push(scope);
                    tx.apis().update(&held).await
                })
                .await
        });
    }
    let outcomes = changes.join_all().await;
    assert!(outcomes.iter().all(|outcome| *outcome == Ok(true)), "{outcomes:?}");
    let scopes =
        bed.read(|tx| async move { tx.apis().find(&api(1).audience).await }).await.unwrap().settings.scopes;
    assert_eq!(scopes.len(), 1 + 16, "{scopes:?}");
}
