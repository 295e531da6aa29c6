//! APIs.

use tessera_model::{Api, ApiStatus};

use super::bed::Bed;
use super::sample::{api, at};

pub async fn an_api_reads_back(bed: Bed) {
    let all = &[api(1), Api { status: ApiStatus::Disabled { at: at(3) }, ..api(2) }];
    bed.write(|tx| async move {
        for one in all {
            assert!(tx.insert_api(one).await?);
            assert!(!tx.insert_api(one).await?, "the audience is taken");
            assert_eq!(tx.api(&one.audience).await?.as_ref(), Some(one));
        }
        Ok(())
    })
    .await;
    assert_eq!(bed.read(|tx| async move { tx.apis().await }).await.entries, all);
    assert_eq!(
        bed.read(|tx| async move { tx.api("https://api-1.example").await }).await,
        None,
        "byte for byte"
    );
}
