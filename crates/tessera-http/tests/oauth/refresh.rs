//! Refresh tokens: rotation, the lost response, reuse, and the limits (RFC 6749 section 6, RFC 9700 section 4.14, policy P1).

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use rstest::rstest;
use serde_json::Value;
use tessera_model::{ClientKind, EventCode};
use tessera_testkit::browser::Answer;
use tessera_testkit::inspect::refresh_ticket;
use tessera_testkit::relying_party::text;
use tessera_testkit::server::{Backend, TestClient, TestServer};

const DAY: u64 = 86_400;

/// A client with the first tokens of a family.
struct Family {
    server: TestServer,
    client: TestClient,
    first: Value,
}

impl Family {
    async fn begin(server: TestServer, kind: ClientKind) -> Self {
        server.add_user("alice").await;
        let client = server.add_client(kind).await;
        let first = server.tokens(&client, "openid orders.read orders.write", "alice").await;
        Self { server, client, first }
    }

    fn r1(&self) -> String {
        text(&self.first, "refresh_token").to_owned()
    }

    async fn present(&self, token: &str) -> Answer {
        self.server.refresh_with(&self.client, token).await
    }

    /// Presents a token that must be good, and returns the next one.
    async fn rotate(&self, token: &str) -> String {
        let answer = self.present(token).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        text(&answer.json(), "refresh_token").to_owned()
    }

    async fn assert_refused(&self, token: &str) {
        let answer = self.present(token).await;
        assert_eq!((answer.status, answer.body.as_str()), (400, crate::INVALID_GRANT));
    }

    async fn assert_dead(&self, live: &str) {
        self.assert_refused(live).await;
        let access_token = text(&self.first, "access_token");
        assert_eq!(self.server.userinfo(access_token).await.status, 401, "access tokens of the family");
        assert_eq!(self.server.rules(0).await["rules"][0]["kind"], "grant", "the feed tells everybody");
        let reuse = self.server.events(EventCode::RefreshReuse).await;
        assert_eq!(reuse.len(), 1, "one event for one reuse: {reuse:?}");
        assert_eq!(reuse[0].ip.as_deref(), Some("127.0.0.1"));
    }
}

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
#[tokio::test]
async fn o21_the_event_names_both_addresses(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let family = Family::begin(TestServer::start(backend).await, ClientKind::Spa).await;
    let r1 = family.r1();
    let r2 = family.rotate(&r1).await;
    family.rotate(&r2).await;
    let thief = family.server.http_from(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2)));
    let form =
        [("grant_type", "refresh_token"), ("refresh_token", &r1), ("client_id", family.client.id.as_str())];
    let answer = thief.post(family.server.url("/token")).form(&form).send().await.unwrap();
    assert_eq!(answer.status(), 400);
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
async fn o22_a_lost_response_may_be_fetched_again_for_sixty_seconds(
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
    let again = family.rotate(&r1).await;
    assert_ne!(again, r2);
    assert_eq!(refresh_ticket(&again).0, refresh_ticket(&r2).0);
    let next = family.rotate(&again).await;
    assert!(family.server.events(EventCode::RefreshReuse).await.is_empty());
    // The child that was replaced is dead, and dangerous to whoever holds it.
    family.assert_refused(&r2).await;
    family.assert_dead(&next).await;
}

#[rstest]
#[tokio::test]
async fn o22_a_second_lost_response_ends_the_family(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let family = Family::begin(TestServer::start(backend).await, ClientKind::Spa).await;
    let r1 = family.r1();
    family.rotate(&r1).await;
    family.server.advance(10);
    let last = family.rotate(&r1).await;
    family.server.advance(2);
    family.assert_refused(&r1).await;
    family.assert_dead(&last).await;
}

#[rstest]
#[tokio::test]
async fn o24_a_third_copy_of_one_request_is_turned_away_and_the_family_lives(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let family = Family::begin(TestServer::start(backend).await, ClientKind::Spa).await;
    let r1 = family.r1();
    family.rotate(&r1).await;
    let last = family.rotate(&r1).await;
    for _ in 0..2 {
        family.assert_refused(&r1).await;
        family.server.advance(1);
    }
    let refused = family.server.events(EventCode::IssuanceRefused).await;
    let reasons: Vec<_> = refused.iter().filter_map(|event| event.detail.as_deref()).collect();
    assert_eq!(reasons, ["presented_together"; 2]);
    let next = family.rotate(&last).await;
    let again = family.rotate(&last).await;
    assert_ne!(next, again, "every parent may come back once");
    family.assert_refused(&r1).await;
    family.assert_dead(&again).await;
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

#[tokio::test]
async fn o27_a_refresh_token_is_good_for_its_client_and_with_its_authentication_only() {
    let family = Family::begin(TestServer::start(Backend::Sqlite).await, ClientKind::Web).await;
    let (server, r1) = (&family.server, family.r1());
    for thief in [server.add_client(ClientKind::Web).await, server.add_client(ClientKind::Spa).await] {
        assert_eq!(server.refresh_with(&thief, &r1).await.error(), "invalid_grant");
    }
    let id = family.client.id.clone();
    let without = TestClient { id, secret: String::new() };
    let answer = server.refresh_with(&without, &r1).await;
    assert_eq!((answer.status, &*answer.error()), (401, "invalid_client"));
    family.rotate(&r1).await;
    assert!(server.events(EventCode::RefreshReuse).await.is_empty());
}

#[rstest]
#[tokio::test]
async fn o28_less_may_be_asked_for_and_more_never(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let family = Family::begin(TestServer::start(backend).await, ClientKind::Web).await;
    let mut token = family.r1();
    let ask = async |token: &str, more: &[(&str, &str)]| {
        let form = [&[("grant_type", "refresh_token"), ("refresh_token", token)][..], more].concat();
        family.server.post("/token", &family.client, &form).await
    };
    for (more, error) in [
        (&[("scope", "openid orders.read email")][..], "invalid_scope"),
        (&[("scope", "orders.read unknown")], "invalid_scope"),
        (&[("resource", "https://other.example")], "invalid_target"),
        (&[("resource", "https://api.example"), ("resource", "https://other.example")], "invalid_target"),
        (&[("resource", "api")], "invalid_target"),
    ] {
        let answer = ask(&token, more).await;
        assert_eq!((answer.status, &*answer.error()), (400, error), "{more:?}");
    }
    for (scope, got) in [
        ("orders.read", "orders.read"),
        ("openid", "openid"),
        ("", "openid orders.read orders.write"),
        ("orders.write orders.read openid", "orders.write orders.read openid"),
    ] {
        let answer = ask(&token, &[("scope", scope), ("resource", "https://api.example")][..]).await.json();
        assert_eq!(answer["scope"], got, "the grant is what it was: {answer}");
        let claims = family.server.verified(text(&answer, "access_token"), "at+jwt").await.1;
        assert_eq!(claims["scope"], got);
        text(&answer, "refresh_token").clone_into(&mut token);
    }
}

#[rstest]
#[tokio::test]
async fn o29_a_family_ends_after_thirty_days_however_often_it_is_used(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let family = Family::begin(TestServer::start(backend).await, ClientKind::Spa).await;
    let mut token = family.r1();
    for _ in 0..4 {
        family.server.advance(6 * DAY);
        token = family.rotate(&token).await;
    }
    family.server.advance(6 * DAY - 60);
    let last = family.present(&token).await.json();
    assert_eq!(last["expires_in"], 60, "no access token outlives the grant");
    token = text(&last, "refresh_token").to_owned();
    family.server.advance(60);
    family.assert_refused(&token).await;
    let (id, _) = refresh_ticket(&token);
    assert!(family.server.events(EventCode::RefreshReuse).await.is_empty());
    assert_eq!(family.server.userinfo(text(&last, "access_token")).await.status, 401);
    family.server.app.purge().await.unwrap();
    assert!(family.server.grant(id).await.is_none());
    family.assert_refused(&token).await;
}

#[rstest]
#[case::just_in_time(7 * DAY - 1, true)]
#[case::too_late(7 * DAY, false)]
#[tokio::test]
async fn o29_a_token_that_is_not_used_for_seven_days_is_dead(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[case] idle: u64,
    #[case] alive: bool,
) {
    let family = Family::begin(TestServer::start(backend).await, ClientKind::Web).await;
    let r2 = family.rotate(&family.r1()).await;
    family.server.advance(idle);
    let answer = family.present(&r2).await;
    assert_eq!(answer.status == 200, alive, "{}", answer.body);
    if !alive {
        assert_eq!(answer.error(), "invalid_grant");
        assert!(family.server.events(EventCode::RefreshReuse).await.is_empty(), "late is not stolen");
    }
}

#[rstest]
#[tokio::test]
async fn o13_a_locked_person_waits_and_a_closed_account_is_over(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let family = Family::begin(TestServer::start(backend).await, ClientKind::Web).await;
    let (server, r1) = (&family.server, family.r1());
    let sub = server.verified(text(&family.first, "access_token"), "at+jwt").await.1["sub"].clone();
    let alice = sub.as_str().unwrap().parse().unwrap();
    tessera_app::users::lock(&server.cli(), alice).await.unwrap();
    family.assert_refused(&r1).await;
    tessera_app::users::unlock(&server.cli(), alice).await.unwrap();
    let r2 = family.rotate(&r1).await;
    tessera_app::users::disable(&server.cli(), alice).await.unwrap();
    family.assert_refused(&r2).await;
}

#[tokio::test]
async fn protocol_36_a_refresh_answers_like_the_exchange_did() {
    let family = Family::begin(TestServer::start(Backend::Sqlite).await, ClientKind::Web).await;
    family.server.advance(5);
    let answer = family.present(&family.r1()).await;
    assert_eq!(
        (answer.header("cache-control"), answer.header("content-type")),
        ("no-store", "application/json")
    );
    let json = answer.json();
    assert_eq!((&json["token_type"], &json["expires_in"]), (&"Bearer".into(), &600.into()));
    let old = family.server.verified(text(&family.first, "access_token"), "at+jwt").await.1;
    let new = family.server.verified(text(&json, "access_token"), "at+jwt").await.1;
    for same in ["iss", "sub", "aud", "client_id", "scope", "auth_time", "acr"] {
        assert_eq!(old[same], new[same], "{same}");
    }
    assert_eq!(new["iat"].as_i64().unwrap(), old["iat"].as_i64().unwrap() + 5);
    assert_ne!(new["jti"], old["jti"]);
}

#[tokio::test]
async fn garbage_is_no_refresh_token_and_hurts_no_family() {
    let family = Family::begin(TestServer::start(Backend::Sqlite).await, ClientKind::Web).await;
    let r1 = family.r1();
    let flipped = r1.replace("tsr_rt_", "tsr_rt_A");
    for garbage in
        ["x", "tsr_rt_", &flipped, &r1[1..], &format!("{r1}="), text(&family.first, "access_token")]
    {
        family.assert_refused(garbage).await;
    }
    family.rotate(&r1).await;
}
