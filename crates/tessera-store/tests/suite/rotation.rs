//! Refresh rotation: the SQL statement agrees with the pure rule of the model (policy P1).

use std::net::IpAddr;
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tessera_model::{Grant, GrantStage, Refresh, RefreshUse, Rotation};
use tokio::runtime::Handle;

use super::bed::Bed;
use super::sample::{at, client_id, grant, grant_id, of_session, offline, plant};

fn any_address() -> impl Strategy<Value = Option<IpAddr>> {
    let addresses = ["10.0.0.1", "10.0.0.2", "2001:db8::"].map(|text| Some(text.parse().unwrap()));
    prop::sample::select(vec![None, addresses[0], addresses[1], addresses[2]])
}

fn any_refresh() -> impl Strategy<Value = Refresh> {
    let counts = (0_i64..3, 0_i64..5);
    let parts =
        (2_i64..6, prop::option::of(1_i64..3), 0_i64..100, any_address(), prop::option::of(0_i64..60));
    (parts, counts, 0_i64..200).prop_map(|((leaf, back, rotated, from, retried), (elsewhere, run), idle)| {
        let parent = back.map(|back| leaf - back).filter(|parent| *parent > 0);
        Refresh {
            leaf,
            parent,
            rotated_at: at(rotated),
            rotated_from: from,
            retried_at: retried.filter(|_| parent.is_some()).map(|later| at(rotated + later)),
            elsewhere,
            shadow_run: run,
            idle_expires_at: at(idle),
        }
    })
}

/// Distance of the number from the leaf, time, retry window, new idle end in seconds, address.
type Presented = (i64, i64, u64, i64, Option<IpAddr>);

fn any_presented() -> impl Strategy<Value = Presented> {
    let retry = prop::sample::select(vec![0, 1, 60]);
    (-1_i64..4, 0_i64..220, retry, 100_i64..300, any_address())
}

async fn store_follows_the_rule(bed: &Bed, number: u32, start: (Refresh, bool), presented: Vec<Presented>) {
    let (start, is_offline) = start;
    let planted = &Grant {
        client_id: client_id(1),
        holder: if is_offline { offline(1, Some(1)) } else { of_session(1, 1) },
        stage: GrantStage::Active(Some(start)),
        ..grant(number)
    };
    bed.write(|tx| async move { tx.grants().insert(planted).await }).await;
    let (mut state, mut last_used_ip) = (start, None);
    for (back, now, retry, idle, from) in presented {
        let idle = Duration::from_secs(idle.unsigned_abs());
        let presented = &RefreshUse {
            number: state.leaf - back,
            now: at(now),
            from,
            ip: from,
            retry: Duration::from_secs(retry),
            idle_expires_at: at(now).after(idle),
        };
        let stored = bed
            .write(|tx| async move { tx.grants().rotate_refresh(grant_id(number), presented).await })
            .await;
        let for_this_grant = RefreshUse { idle_expires_at: planted.idle_limit(at(now), idle), ..*presented };
        let expected = match state.present(&for_this_grant) {
            Rotation::Next(next) => {
                state = next;
                last_used_ip = if next.is_retry() { last_used_ip } else { from };
                Some(Grant { stage: GrantStage::Active(Some(next)), last_used_ip, ..planted.clone() })
            }
            Rotation::Expired | Rotation::Reused => None,
        };
        assert_eq!(stored, expected, "{state:?} {presented:?} offline: {is_offline}");
        let kept = bed.read(|tx| async move { tx.grants().find(grant_id(number)).await }).await.unwrap();
        assert_eq!((kept.stage, kept.last_used_ip), (GrantStage::Active(Some(state)), last_used_ip));
    }
}

pub async fn o22_the_statement_follows_the_rule_of_the_model(bed: Bed) {
    plant(&bed, 1).await;
    let numbers = std::cell::Cell::new(1);
    let mut runner = TestRunner::new(Config { cases: 150, failure_persistence: None, ..Config::default() });
    tokio::task::block_in_place(|| {
        runner
            .run(
                &((any_refresh(), any::<bool>()), prop::collection::vec(any_presented(), 1..12)),
                |(start, presented)| {
                    numbers.set(numbers.get() + 1);
                    Handle::current().block_on(store_follows_the_rule(&bed, numbers.get(), start, presented));
                    Ok(())
                },
            )
            .unwrap();
    });
}

pub async fn a_grant_past_its_end_does_not_rotate(bed: Bed) {
    plant(&bed, 1).await;
    let attempt = async |now| {
        let presented = &RefreshUse {
            number: 1,
            now: at(now),
            from: None,
            ip: None,
            retry: Duration::from_secs(60),
            idle_expires_at: at(1_000_000),
        };
        bed.write(|tx| async move { tx.grants().rotate_refresh(grant_id(1), presented).await })
            .await
            .is_some()
    };
    assert!(!attempt(20).await, "a code is no refresh token");
    let refresh = Some(Refresh::first(at(20), at(1_000_000)));
    bed.write(|tx| async move { tx.grants().redeem_code(grant_id(1), (at(20), None), refresh).await })
        .await
        .unwrap();
    assert!(attempt(99_999).await);
    assert!(!attempt(100_000).await, "never extended");
}
