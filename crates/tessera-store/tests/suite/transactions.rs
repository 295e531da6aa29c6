//! The guarantees of a transaction.

use std::sync::{Arc, Mutex};

use tessera_store::{StoreError, Tx};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::bed::Bed;
use super::sample::{at, plant, session, user, user_id};

async fn exists(bed: &Bed, number: u32) -> bool {
    bed.read(|tx| async move { tx.users().find(user_id(number)).await }).await.is_some()
}

/// An error of a use case. The store must pass it through.
#[derive(Debug, PartialEq)]
enum Refused {
    Policy,
    Store(StoreError),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

pub async fn i03_an_error_takes_everything_back(bed: Bed) {
    let answer: Result<(), Refused> = bed
        .store
        .write(|tx| async move {
            assert!(tx.users().insert(&user(1)).await?);
            assert!(tx.users().find(user_id(1)).await?.is_some(), "a transaction sees its own work");
            Err(Refused::Policy)
        })
        .await;
    assert_eq!(answer, Err(Refused::Policy));
    assert!(!exists(&bed, 1).await);
    let answer: Result<(), Refused> = bed
        .store
        .write(|tx| async move {
            tx.users().insert(&user(1)).await?;
            Ok(tx.sessions().insert(&session(2)).await?)
        })
        .await;
    assert_eq!(answer, Err(Refused::Store(StoreError::Conflict)));
    assert!(!exists(&bed, 1).await);
}

pub async fn a_swallowed_failure_cannot_be_committed(bed: Bed) {
    let answer: Result<(), StoreError> = bed
        .store
        .write(|tx| async move {
            tx.users().insert(&user(1)).await?;
            drop(tx.sessions().insert(&session(2)).await); // no such user: Conflict
            assert_eq!(
                tx.users().find(user_id(1)).await,
                Err(StoreError::Conflict),
                "nothing runs after a failure"
            );
            Ok(())
        })
        .await;
    assert_eq!(answer, Err(StoreError::Conflict));
    assert!(!exists(&bed, 1).await);
    bed.write(|tx| async move { tx.users().insert(&user(1)).await }).await;
    assert!(exists(&bed, 1).await);
}

pub async fn cancellation_midway_leaves_nothing(bed: Bed) {
    let reached = Arc::new(Notify::new());
    let task = tokio::spawn({
        let (bed, reached) = (bed.clone(), Arc::clone(&reached));
        async move {
            let reached = &reached;
            bed.write(|tx| async move {
                tx.users().insert(&user(1)).await?;
                reached.notify_one();
                std::future::pending::<()>().await;
                Ok(())
            })
            .await;
        }
    });
    reached.notified().await;
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    bed.write(|tx| async move { tx.users().insert(&user(2)).await }).await;
    assert!(!exists(&bed, 1).await && exists(&bed, 2).await);
    assert!(bed.write(|tx| async move { tx.users().insert(&user(1)).await }).await, "and holds nothing");
}

pub async fn a_panic_leaves_nothing(bed: Bed) {
    let task = tokio::spawn({
        let bed = bed.clone();
        async move {
            bed.write(|tx| async move {
                tx.users().insert(&user(1)).await?;
                assert!(tx.users().find(user_id(1)).await?.is_none(), "a bug in a use case");
                Ok(())
            })
            .await;
        }
    });
    assert!(task.await.unwrap_err().is_panic());
    assert!(bed.write(|tx| async move { tx.users().insert(&user(1)).await }).await);
}

pub async fn a_handle_is_dead_after_its_closure(bed: Bed) {
    let smuggled: Mutex<Vec<Tx>> = Mutex::new(Vec::new());
    let keep = |tx: Tx| {
        smuggled.lock().unwrap().push(tx);
        async { Ok(()) }
    };
    bed.write(keep).await;
    let failed: Result<(), StoreError> = bed
        .store
        .write(|tx| {
            smuggled.lock().unwrap().push(tx);
            async { Err(StoreError::Conflict) }
        })
        .await;
    assert_eq!(failed, Err(StoreError::Conflict));
    let handles = std::mem::take(&mut *smuggled.lock().unwrap());
    assert_eq!(handles.len(), 2);
    for tx in handles {
        assert!(matches!(tx.users().insert(&user(1)).await, Err(StoreError::Misuse(_))));
        assert!(matches!(tx.users().find(user_id(1)).await, Err(StoreError::Misuse(_))));
    }
    assert!(!exists(&bed, 1).await);
}

pub async fn a_read_cannot_write(bed: Bed) {
    plant(&bed, 1).await;
    let insert = bed.store.read(|tx| async move { tx.users().insert(&user(2)).await }).await;
    assert!(matches!(insert, Err(StoreError::Misuse(_))));
    let end =
        bed.store.read(|tx| async move { tx.sessions().end_all_of_user(user_id(1), at(1)).await }).await;
    assert!(matches!(end, Err(StoreError::Misuse(_))));
    assert!(!exists(&bed, 2).await);
}

/// Only compiles if the futures are `Send`, also with borrowed captures.
pub async fn futures_can_be_spawned_and_may_borrow(bed: Bed) {
    let answer: Result<bool, StoreError> = tokio::spawn(async move {
        let (borrowed, names) = (user(1), vec![user(1).username]);
        let (borrowed, names) = (&borrowed, names.as_slice());
        let inserted = bed.store.write(|tx| async move { tx.users().insert(borrowed).await }).await?;
        let found = bed
            .store
            .read(|tx| async move {
                for name in names {
                    if tx.users().find_by_username(name).await?.is_none() {
                        return Ok(false);
                    }
                }
                Ok::<_, StoreError>(true)
            })
            .await?;
        Ok(inserted && found)
    })
    .await
    .unwrap();
    assert_eq!(answer, Ok(true));
}

/// Group commit: each writer gets its own outcome, whatever happens to the others of its batch.
pub async fn i03_what_many_writers_were_told_is_there_after_reopening(bed: Bed) {
    let mut writers = JoinSet::new();
    for number in 0..300_u32 {
        let bed = bed.clone();
        writers.spawn(async move {
            let write = move |tx: Tx| async move {
                tx.users().insert(&user(number)).await?;
                tokio::task::yield_now().await;
                match number % 7 {
                    0 => Err(Refused::Policy),
                    1 => Ok(tx.sessions().insert(&session(1_000_000)).await?), // fails
                    _ => Ok(()),
                }
            };
            let told = if number % 11 == 10 {
                let doomed = tokio::spawn(async move { bed.store.write(write).await });
                tokio::task::yield_now().await;
                doomed.abort();
                doomed.await.ok().map(|answer| answer.is_ok()) // None: nobody was told anything
            } else {
                let mut answer = bed.store.write(write).await;
                // PostgreSQL may have too little CPU time for so many.
                while matches!(&answer, Err(Refused::Store(error)) if error.is_unavailable()) {
                    answer = bed.store.write(write).await;
                }
                Some(answer.is_ok())
            };
            (number, told)
        });
    }
    let told = writers.join_all().await;
    let again = bed.reopen().await;
    for (number, told) in told {
        let there =
            again.read(|tx| async move { tx.users().find(user_id(number)).await }).await.unwrap().is_some();
        assert!(told.is_none_or(|told| told == there), "{number}: told {told:?}, there {there}");
        if number % 7 > 1 && number % 11 != 10 {
            assert_eq!(told, Some(true));
        }
    }
}
