//! Remembered answers.

use tessera_model::Consent;
use tessera_store::StoreError;

use super::bed::Bed;
use super::sample::{at, client_id, plant, user_id};

pub async fn an_answer_is_remembered_and_replaced(bed: Bed) {
    plant(&bed, 1).await;
    let first = Consent {
        user_id: user_id(1),
        client_id: client_id(1),
        scope: "openid".parse().unwrap(),
        granted_at: at(1),
    };
    let second = Consent { scope: "openid profile".parse().unwrap(), granted_at: at(2), ..first.clone() };
    let find = async || bed.read(|tx| async move { tx.consent(user_id(1), &client_id(1)).await }).await;
    assert_eq!(find().await, None);
    for answer in [&first, &second] {
        bed.write(|tx| async move { tx.put_consent(answer).await }).await;
        assert_eq!(find().await.as_ref(), Some(answer));
    }
    let stranger = &Consent { client_id: client_id(2), ..first };
    let refused = bed.store.write(|tx| async move { tx.put_consent(stranger).await }).await;
    assert_eq!(refused, Err(StoreError::Conflict));
}
