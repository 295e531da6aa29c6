//! Refresh tokens: what they give, and how long they live (RFC 6749 section 6, OIDC core section 12). Tokens that are used twice are
//! in `retry`, and the end of the session is in `offline`.

use rstest::rstest;
use tessera_jose::{Algorithm, base64url, digest};
use tessera_model::{ClientKind, EventCode};
use tessera_testkit::browser::query;
use tessera_testkit::evidence::Tokens;
use tessera_testkit::inspect::refresh_number;
use tessera_testkit::relying_party::text;
use tessera_testkit::server::{Backend, TestClient, TestServer};

use crate::family::{Family, OFFLINE, log_in_again};

const DAY: u64 = 86_400;

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
    let family = Family::begin_with(TestServer::start(backend).await, ClientKind::Spa, OFFLINE).await;
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
    let (id, _) = refresh_number(&token);
    assert!(family.server.events(EventCode::RefreshReuse).await.is_empty());
    assert_eq!(family.server.userinfo(text(&last, "access_token")).await.status, 401);
    family.server.run_jobs().await;
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
    let family = Family::begin_with(TestServer::start(backend).await, ClientKind::Web, OFFLINE).await;
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

#[rstest]
#[case::rs256(Algorithm::Rs256)]
#[case::es256(Algorithm::Es256)]
#[tokio::test]
async fn a_refresh_brings_an_id_token_of_the_same_login(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[case] alg: Algorithm,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let client = server.add_client_with(ClientKind::Web, |new| new.id_token_alg = alg).await;
    let mut browser = server.browser();
    let first = server.sign_in(&mut browser, &client, "openid orders.read", "alice").await;
    // The same person logs in again in the same session. The grant keeps the time of its own login.
    server.advance(100);
    let end = log_in_again(&server, &mut browser, &client, "alice").await;
    assert!(query(&end, "code").is_some(), "{end}");
    server.advance(5);
    let second = Tokens::of(&server.refresh_with(&client, &first.refresh).await);
    let (header, old) = server.verified(&first.id, "JWT").await;
    let (new_header, new) = server.verified(&second.id, "JWT").await;
    assert_eq!((&new_header["alg"], &new_header["kid"]), (&header["alg"], &header["kid"]));
    for same in ["iss", "sub", "aud", "auth_time", "acr", "amr", "sid"] {
        assert!(!old[same].is_null(), "{same}: {old}");
        assert_eq!(old[same], new[same], "{same}");
    }
    assert!(old.get("nonce").is_some() && new.get("nonce").is_none(), "{new}");
    for later in ["iat", "exp"] {
        assert_eq!(new[later].as_i64().unwrap(), old[later].as_i64().unwrap() + 105, "{later}");
    }
    let hash = digest::sha256(second.access.as_bytes());
    assert_eq!(text(&new, "at_hash"), base64url::encode(&hash[..16]));
}

#[tokio::test]
async fn a_refresh_without_openid_brings_no_id_token() {
    let family = Family::begin(TestServer::start(Backend::Sqlite).await, ClientKind::Web).await;
    let (server, client) = (&family.server, &family.client);
    let form = [("grant_type", "refresh_token"), ("refresh_token", &*family.r1()), ("scope", "orders.read")];
    let narrow = Tokens::of(&server.post("/token", client, &form).await);
    assert_eq!(narrow.id, "", "narrowed");
    assert_ne!(Tokens::of(&family.present(&narrow.refresh).await).id, "", "the grant is what it was");
    let plain = server.tokens(client, "orders.read", "alice").await;
    assert_eq!(Tokens::of(&family.present(text(&plain, "refresh_token")).await).id, "");
}
