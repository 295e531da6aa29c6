//! A refresh token that is used again: reuse, a lost response, two tabs, and a thief who looks like these (policy P1, RFC 9700
//! section 4.14).

use std::time::Duration;

use rstest::rstest;
use tessera_app::config::OnShadow;
use tessera_app::network::Peers;
use tessera_model::{ClientKind, EventCode, GrantStage, RevokeReason};
use tessera_testkit::counted::Counted;
use tessera_testkit::relying_party::text;
use tessera_testkit::server::{Backend, TestServer};

use crate::family::{Family, OFFLINE, next};

#[rstest]
#[case::public(ClientKind::Spa)]
#[case::confidential(ClientKind::Web)]
#[tokio::test]
async fn o21_a_token_that_was_used_up_ends_the_family(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[case] kind: ClientKind,
) {
    let family = Family::begin(TestServer::start(backend).await, kind).await;
    let r1 = family.r1();
    let r2 = family.rotate(&r1).await;
    let r3 = family.rotate(&r2).await;
    family.assert_refused(&r1).await;
    family.assert_dead(&r3).await;
}

#[rstest]
#[case::direct(Peers::Direct)]
#[case::shared(Peers::Shared)]
#[tokio::test]
async fn o21_the_event_names_both_addresses(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[case] peers: Peers,
) {
    let server = TestServer::start_with(backend, |config| config.peers = peers).await;
    let family = Family::begin(server, ClientKind::Spa).await;
    let r1 = family.r1();
    let r2 = next(&family.present_from(3, &r1).await);
    let r3 = family.rotate(&r2).await;
    assert_eq!(next(&family.present_from(4, &r2).await), r3, "a retry is no use");
    assert_eq!(family.present_from(2, &r1).await.error(), "invalid_grant");
    let reuse = family.server.events(EventCode::RefreshReuse).await.remove(0);
    assert_eq!(reuse.ip.as_deref(), Some("127.0.0.2"));
    assert_eq!(reuse.detail.as_deref(), Some("last used from 127.0.0.1"));
}

#[rstest]
#[case::at_once(0, true)]
#[case::after_5_s(5, true)]
#[case::after_31_s(31, true)]
#[case::after_59_s(59, true)]
#[case::after_60_s(60, true)]
#[case::after_61_s(61, false)]
#[tokio::test]
async fn o22_the_parent_gets_the_same_successor_for_sixty_seconds(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[case] later: u64,
    #[case] forgiven: bool,
) {
    let family = Family::begin(TestServer::start(backend).await, ClientKind::Spa).await;
    let r1 = family.r1();
    let r2 = family.rotate(&r1).await;
    family.server.advance(later);
    if !forgiven {
        family.assert_refused(&r1).await;
        return family.assert_dead(&r2).await;
    }
    let mut seen = vec![text(&family.first, "access_token").to_owned()];
    for copy in 1..=3 {
        let answer = family.present(&r1).await;
        assert_eq!(next(&answer), r2, "copy {copy}");
        let access_token = text(&answer.json(), "access_token").to_owned();
        assert_eq!(family.server.userinfo(&access_token).await.status, 200, "copy {copy}");
        assert!(!seen.contains(&access_token), "copy {copy} gets an access token of its own");
        seen.push(access_token);
    }
    family.assert_alive(&r2).await;
    assert_eq!(family.server.events(EventCode::RefreshRetried).await.len(), 3, "one a retry");
}

#[rstest]
#[tokio::test]
async fn o22_once_the_successor_was_used_its_parent_is_reuse(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let family = Family::begin(TestServer::start(backend).await, ClientKind::Spa).await;
    let r1 = family.r1();
    let r2 = family.rotate(&r1).await;
    assert_eq!(family.rotate(&r1).await, r2);
    let r3 = family.rotate(&r2).await;
    assert_eq!(family.rotate(&r2).await, r3, "each parent may come back");
    family.assert_refused(&r1).await;
    family.assert_dead(&r3).await;
}

#[rstest]
#[tokio::test]
async fn o22_a_retry_extends_neither_the_window_nor_the_idle_limit(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start(backend).await;
    let family = Family::begin(server, ClientKind::Spa).await;
    let r1 = family.r1();
    let r2 = family.rotate(&r1).await;
    for _ in 0..2 {
        family.server.advance(30);
        assert_eq!(family.rotate(&r1).await, r2);
    }
    family.server.advance(1);
    family.assert_refused(&r1).await;
    family.assert_dead(&r2).await;

    let server = TestServer::start_with(backend, |config| {
        config.lifetimes.refresh_idle = Duration::from_secs(50);
    });
    let family = Family::begin_with(server.await, ClientKind::Spa, OFFLINE).await;
    let r1 = family.r1();
    let r2 = family.rotate(&r1).await;
    family.server.advance(49);
    assert_eq!(family.rotate(&r1).await, r2);
    family.server.advance(1);
    for late in [&r1, &r2] {
        family.assert_refused(late).await;
    }
    assert!(family.server.events(EventCode::RefreshReuse).await.is_empty(), "late is not stolen");
}

#[rstest]
#[tokio::test]
async fn o22_a_retry_is_written_down_with_both_addresses(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let family = Family::begin(TestServer::start(backend).await, ClientKind::Spa).await;
    let r1 = family.r1();
    let r2 = family.rotate(&r1).await;
    assert_eq!(next(&family.present_from(2, &r1).await), r2);
    let retried = family.server.events(EventCode::RefreshRetried).await;
    let seen: Vec<_> =
        retried.iter().map(|event| (event.ip.as_deref(), event.detail.as_deref(), event.grant_id)).collect();
    assert_eq!(seen, [(Some("127.0.0.2"), Some("first used from 127.0.0.1"), Some(family.row().await.id))]);
    assert_eq!(family.server.events(EventCode::RefreshRotated).await.len(), 1, "a retry rotates nothing");
    assert!(family.server.events(EventCode::RefreshShadowed).await.is_empty());
}

#[rstest]
#[tokio::test]
async fn o22_o28_a_retry_that_is_refused_leaves_no_trace_in_the_family(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let family = Family::begin(TestServer::start(backend).await, ClientKind::Spa).await;
    let r1 = family.r1();
    let r2 = family.rotate(&r1).await;
    let before = family.row().await;
    let form = [("grant_type", "refresh_token"), ("refresh_token", &r1), ("scope", "openid email")];
    let answer = family.server.post("/token", &family.client, &form).await;
    assert_eq!((answer.status, &*answer.error()), (400, "invalid_scope"));
    assert_eq!(family.row().await, before);
    let form = [("grant_type", "refresh_token"), ("refresh_token", &r1), ("scope", "orders.read")];
    let narrow = family.server.post("/token", &family.client, &form).await;
    assert_eq!((next(&narrow), narrow.json()["scope"].as_str()), (r2.clone(), Some("orders.read")));
    family.assert_alive(&r2).await;
}

#[rstest]
#[tokio::test]
async fn o22_the_strict_profile_forgives_nothing(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server =
        TestServer::start_with(backend, |config| config.lifetimes.refresh_retry = Duration::ZERO).await;
    let family = Family::begin(server, ClientKind::Spa).await;
    let r1 = family.r1();
    let r2 = family.rotate(&r1).await;
    family.assert_refused(&r1).await;
    family.assert_dead(&r2).await;
}

/// In each rotation the owner comes first, then the others. Returns the last answer to the others, and the current refresh token.
async fn shadow(family: &Family, token: &str, others: &[u8]) -> (u16, String) {
    let mut answer = family.present_from(1, token).await;
    let leaf = next(&answer);
    for other in others {
        answer = family.present_from(*other, token).await;
        assert!(answer.status != 200 || next(&answer) == leaf, "one live leaf");
    }
    (answer.status, leaf)
}

#[rstest]
#[tokio::test]
async fn a_grant_that_is_retried_from_elsewhere_three_rotations_running_raises_the_alarm(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let family = Family::begin(TestServer::start(backend).await, ClientKind::Spa).await;
    let mut token = family.r1();
    // A rotation without retries from elsewhere breaks the run. One with several retries counts once.
    let rotations: [(&[u8], usize); 8] = [
        (&[2], 0),
        (&[2, 3, 2], 0),
        (&[1], 0),
        (&[2], 0),
        (&[3, 1, 3], 0),
        (&[2, 2], 1),
        (&[2], 1),
        (&[], 1),
    ];
    for (number, (others, alarms)) in rotations.into_iter().enumerate() {
        let (status, leaf) = shadow(&family, &token, others).await;
        let raised = family.server.events(EventCode::RefreshShadowed).await;
        assert_eq!((status, raised.len()), (200, alarms), "rotation {number}: {raised:?}");
        token = leaf;
    }
    let raised = family.server.events(EventCode::RefreshShadowed).await.remove(0);
    assert_eq!(raised.ip.as_deref(), Some("127.0.0.2"));
    assert_eq!(raised.detail.as_deref(), Some("first used from 127.0.0.1"));
    assert_eq!(raised.grant_id, Some(family.row().await.id));
    assert_eq!(
        family.server.events(EventCode::RefreshRetried).await.len(),
        12,
        "each retry, with the alarm too"
    );
    family.assert_alive(&token).await;
}

#[rstest]
#[tokio::test]
async fn a_shadowed_grant_ends_where_the_operator_wants_that(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start_with(backend, |config| config.on_shadow = OnShadow::End).await;
    let family = Family::begin(server, ClientKind::Spa).await;
    let (_, r2) = shadow(&family, &family.r1(), &[2]).await;
    let (_, r3) = shadow(&family, &r2, &[2]).await;
    let r4 = next(&family.present_from(1, &r3).await);
    let answer = family.present_from(2, &r3).await;
    assert_eq!((answer.status, answer.body.as_str()), (400, crate::INVALID_GRANT));
    let GrantStage::Revoked { reason, .. } = family.row().await.stage else { panic!("it lives") };
    assert_eq!(reason, RevokeReason::Shadowed);
    for dead in [&r3, &r4] {
        family.assert_refused(dead).await;
    }
    assert_eq!(family.server.userinfo(text(&family.first, "access_token")).await.status, 401);
    assert_eq!(family.server.rules(0).await["rules"][0]["kind"], "grant", "the feed tells everybody");
    let count = async |code| family.server.events(code).await.len();
    assert_eq!(count(EventCode::RefreshShadowed).await, 1);
    assert_eq!(count(EventCode::RefreshRetried).await, 2, "the third was refused");
    assert_eq!(count(EventCode::RefreshReuse).await, 0);
}

#[rstest]
#[tokio::test]
async fn where_peers_share_an_address_nothing_is_a_shadow(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start_with(backend, |config| {
        (config.peers, config.on_shadow) = (Peers::Shared, OnShadow::End);
    })
    .await;
    let family = Family::begin(server, ClientKind::Spa).await;
    let mut token = family.r1();
    for _ in 0..4 {
        (_, token) = shadow(&family, &token, &[2, 3]).await;
    }
    assert!(family.server.events(EventCode::RefreshShadowed).await.is_empty());
    let retried = family.server.events(EventCode::RefreshRetried).await;
    assert_eq!(retried.len(), 8);
    assert!(retried.iter().all(|event| event.detail.is_none()), "the address is nobody's: {retried:?}");
    family.assert_alive(&token).await;
}

/// Everything runs on this thread, because the recorder is local to it.
#[tokio::test]
async fn o22_retries_are_counted() {
    let counted = Counted::new("tessera_refresh_retries_total");
    let _heard = metrics::set_default_local_recorder(&counted);
    let family = Family::begin(TestServer::start(Backend::Sqlite).await, ClientKind::Spa).await;
    let r1 = family.r1();
    let r2 = family.rotate(&r1).await;
    assert_eq!(counted.total(), 0, "a rotation is no retry");
    for _ in 0..3 {
        family.rotate(&r1).await;
    }
    family.rotate(&r2).await;
    family.assert_refused(&r1).await;
    assert_eq!(counted.total(), 3);
}
