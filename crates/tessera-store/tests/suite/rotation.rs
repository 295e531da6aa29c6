//! Refresh rotation: the statement against the pure rule of the model (policy P1).

use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tessera_model::{Grant, GrantStage, Refresh, Rotation};
use tessera_store::RotateRefresh;
use tokio::runtime::Handle;

use super::bed::Bed;
use super::sample::{at, client_id, grant, grant_id, plant, session_id, user_id};

/// One presentation: number, time, retry window and new idle end in seconds.
type Presented = (i64, i64, u64, i64);

fn any_refresh() -> impl Strategy<Value = Refresh> {
    let parts = (2_i64..6, prop::option::of(1_i64..3), 0_i64..100, prop::option::of(0_i64..60), 0_i64..200);
    parts.prop_map(|(leaf, back, rotated, retried, idle)| {
        let parent = back.map(|back| leaf - back).filter(|parent| *parent > 0);
        Refresh {
            leaf,
            parent,
            rotated_at: at(rotated),
            retried_at: retried.filter(|_| parent.is_some()).map(|later| at(rotated + later)),
            idle_expires_at: at(idle),
        }
    })
}

fn any_presented() -> impl Strategy<Value = Presented> {
    (0_i64..12, 0_i64..220, prop::sample::select(vec![0, 1, 60]), 100_i64..300)
}

async fn store_follows_the_rule(bed: &Bed, number: u32, start: Refresh, presented: Vec<Presented>) {
    let planted = &Grant {
        client_id: client_id(1),
        user_id: user_id(1),
        session_id: session_id(1),
        stage: GrantStage::Active(Some(start)),
        ..grant(number)
    };
    bed.write(|tx| async move { tx.insert_grant(planted).await }).await;
    let mut state = start;
    for (presented, now, retry, idle) in presented {
        let rotate = &RotateRefresh {
            grant: grant_id(number),
            number: presented,
            now: at(now),
            retry: Duration::from_secs(retry),
            idle_expires_at: at(idle),
        };
        let stored = bed.write(|tx| async move { tx.rotate_refresh(rotate).await }).await;
        let expected = match state.present(presented, rotate.now, rotate.retry, rotate.idle_expires_at) {
            Rotation::Next(next) => {
                state = next;
                Some(Grant { stage: GrantStage::Active(Some(next)), ..planted.clone() })
            }
            Rotation::Expired | Rotation::Together | Rotation::Reused => None,
        };
        assert_eq!(stored, expected, "{state:?} {rotate:?}");
        let kept = bed.read(|tx| async move { tx.grant(grant_id(number)).await }).await.unwrap();
        assert_eq!(kept.stage, GrantStage::Active(Some(state)));
    }
}

pub async fn o22_the_statement_follows_the_rule_of_the_model(bed: Bed) {
    plant(&bed, 1).await;
    let numbers = std::cell::Cell::new(1);
    let mut runner = TestRunner::new(Config { cases: 150, failure_persistence: None, ..Config::default() });
    tokio::task::block_in_place(|| {
        runner
            .run(&(any_refresh(), prop::collection::vec(any_presented(), 1..12)), |(start, presented)| {
                numbers.set(numbers.get() + 1);
                Handle::current().block_on(store_follows_the_rule(&bed, numbers.get(), start, presented));
                Ok(())
            })
            .unwrap();
    });
}

pub async fn a_grant_past_its_end_does_not_rotate(bed: Bed) {
    plant(&bed, 1).await;
    let rotate = |now| RotateRefresh {
        grant: grant_id(1),
        number: 1,
        now: at(now),
        retry: Duration::from_secs(60),
        idle_expires_at: at(1_000_000),
    };
    let attempt = async |now| {
        let rotate = &rotate(now);
        bed.write(|tx| async move { tx.rotate_refresh(rotate).await }).await.is_some()
    };
    assert!(!attempt(20).await, "a code is no refresh token");
    let refresh = Some(Refresh::first(at(20), at(1_000_000)));
    bed.write(|tx| async move { tx.redeem_code(grant_id(1), at(20), refresh).await }).await.unwrap();
    assert!(attempt(99_999).await);
    assert!(!attempt(100_000).await, "never extended");
}
