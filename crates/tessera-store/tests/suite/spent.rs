//! Single-use things that are not a grant.

use tessera_model::SpentKind;

use super::bed::Bed;
use super::sample::{at, digest};

/// Two kinds of the tests alone.
pub const BADGE: SpentKind = SpentKind::new("test.badge");
const TICKET: SpentKind = SpentKind::new("test.ticket");

async fn spend(bed: &Bed, kind: SpentKind, number: u32, expires_at: i64) -> bool {
    bed.write(|tx| async move { tx.spent().spend(kind, &digest(number), at(expires_at)).await }).await
}

pub async fn i01_a_thing_is_spent_once(bed: Bed) {
    assert!(spend(&bed, BADGE, 1, 60).await);
    assert!(!spend(&bed, BADGE, 1, 60).await);
    assert!(!spend(&bed, BADGE, 1, 600).await, "another expiry makes it no other thing");
    assert!(spend(&bed, TICKET, 1, 60).await, "another kind is another thing");
    assert!(spend(&bed, BADGE, 2, 60).await);
    let refused = bed
        .store
        .write(|tx| async move {
            assert!(tx.spent().spend(BADGE, &digest(3), at(60)).await?);
            Err::<(), _>(tessera_store::StoreError::Conflict)
        })
        .await;
    assert!(refused.is_err(), "{refused:?}");
    assert!(spend(&bed, BADGE, 3, 60).await, "what was rolled back was not spent");
}

pub async fn expired_entries_are_purged_in_small_steps(bed: Bed) {
    bed.write(|tx| async move {
        for number in 0..600 {
            assert!(tx.spent().spend(BADGE, &digest(number), at(i64::from(number))).await?);
        }
        tx.spent().spend(TICKET, &digest(0), at(600)).await
    })
    .await;
    assert!(!spend(&bed, BADGE, 0, 9_999).await, "expired, and still spent");
    let purge = async || bed.write(|tx| async move { tx.spent().purge(at(599), 500).await }).await;
    assert_eq!([purge().await, purge().await, purge().await], [500, 99, 0]);
    assert!(!spend(&bed, BADGE, 599, 9_999).await, "it expires at that moment and not before");
    assert!(!spend(&bed, TICKET, 0, 9_999).await, "the purge of one kind leaves the other");
    assert!(spend(&bed, BADGE, 0, 9_999).await);
}
