//! `offline_access`: a grant with it outlives its session, and any other grant ends with its session (OIDC core section 11,
//! Back-Channel Logout section 2.7).

use std::time::Duration;

use rstest::rstest;
use serde_json::Value;
use tessera_app::{clients, users};
use tessera_model::{ClientKind, EventCode, PlainPassword, RefreshTokens, UserId};
use tessera_testkit::browser::{Browser, query};
use tessera_testkit::evidence::{Tokens, claims};
use tessera_testkit::relying_party::text;
use tessera_testkit::server::{Backend, TestClient, TestServer};

use crate::family::{OFFLINE, ONLINE, log_in_again};

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

/// One person at one browser, with tokens of an offline grant and of another grant, and with an unused code of each kind.
struct Scene {
    server: TestServer,
    client: TestClient,
    browser: Browser,
    alice: UserId,
    online: Tokens,
    offline: Tokens,
}

impl Scene {
    async fn on(backend: Backend) -> Self {
        Self::with(TestServer::start(backend).await).await
    }

    async fn with(server: TestServer) -> Self {
        let alice = server.add_user("alice").await.id;
        let client = server.add_client(ClientKind::Web).await;
        let mut browser = server.browser();
        let online = server.sign_in(&mut browser, &client, ONLINE, "alice").await;
        let offline = server.sign_in(&mut browser, &client, OFFLINE, "alice").await;
        assert_eq!(claims(&online.id)["sid"], claims(&offline.id)["sid"], "one session");
        Self { server, client, browser, alice, online, offline }
    }

    async fn code(&mut self, scope: &str) -> String {
        let answer = self.browser.visit(&self.server.authorize_path(&self.client, scope, &[])).await;
        query(answer.location().unwrap(), "code").unwrap()
    }

    async fn log_out(&mut self) {
        let before = self.server.count("session.ended").await;
        let csrf = self.browser.visit("/logout").await.hidden("csrf");
        let out = self.browser.submit("/logout", &[("csrf", &csrf)]).await;
        assert!(out.status < 400, "{} {}", out.status, out.body);
        assert_eq!(self.server.count("session.ended").await, before + 1);
    }

    /// Logs another person in at this browser.
    async fn change_person(&mut self) {
        self.server.add_user("bob").await;
        let end = log_in_again(&self.server, &mut self.browser, &self.client, "bob").await;
        assert!(query(&end, "code").is_some(), "{end}");
        assert_eq!(self.server.count("session.ended").await, 1);
    }

    /// Whether refresh token and access token still work, and no revocation rule is published.
    async fn lives(&self, tokens: &Tokens) -> bool {
        let refreshed = self.server.refresh_with(&self.client, &tokens.refresh).await;
        let userinfo = self.server.userinfo(&tokens.access).await.status;
        let by_session = match claims(&tokens.access)["sid"].as_str() {
            Some(sid) => self.server.has_revocation_rule("session", sid).await,
            None => false,
        };
        let taken_back = by_session
            || self.server.has_revocation_rule("grant", &tokens.grant()).await
            || self.server.has_revocation_rule("subject", &self.alice.to_string()).await
            || self.server.has_revocation_rule("client", &self.client.id).await;
        match (refreshed.status, userinfo, taken_back) {
            (200, 200, false) => true,
            (400, 401, true) if refreshed.error() == "invalid_grant" => false,
            (401, 401, true) if refreshed.error() == "invalid_client" => false,
            other => panic!("half dead: {other:?} {}", refreshed.body),
        }
    }
}

#[rstest]
#[tokio::test]
async fn a_logout_ends_what_is_not_offline(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let mut scene = Scene::on(backend).await;
    scene.log_out().await;
    assert!(!scene.lives(&scene.online).await);
    assert!(scene.lives(&scene.offline).await);
    let again = Tokens::of(&scene.server.refresh_with(&scene.client, &scene.offline.refresh).await);
    assert_eq!(claims(&again.id)["sid"], claims(&scene.offline.id)["sid"], "the login it came from");
    assert_eq!(scene.server.userinfo(&again.access).await.status, 200);
}

#[rstest]
#[tokio::test]
async fn another_person_at_the_browser_ends_what_is_not_offline(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let mut scene = Scene::on(backend).await;
    scene.change_person().await;
    assert!(!scene.lives(&scene.online).await);
    assert!(scene.lives(&scene.offline).await);
}

#[rstest]
#[tokio::test]
async fn o13_no_code_outlives_its_session(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[values(ONLINE, OFFLINE)] scope: &str,
    #[values(true, false)] log_out: bool,
) {
    let mut scene = Scene::on(backend).await;
    let code = scene.code(scope).await;
    if log_out {
        scene.log_out().await;
    } else {
        scene.change_person().await;
    }
    let answer = scene.server.redeem(&scene.client, &code).await;
    assert_eq!((answer.status, &*answer.error()), (400, "invalid_grant"), "{}", answer.body);
    let refused = scene.server.events(EventCode::IssuanceRefused).await;
    assert_eq!(refused[0].detail.as_deref(), Some("session_ended"), "{refused:?}");
    scene.server.run_jobs().await;
    let id = tessera_testkit::inspect::grant_of_code(&code);
    assert_eq!(scene.server.grant(id).await, None, "a job removes it");
}

/// What ends every grant, offline or not.
#[derive(Clone, Copy, Debug)]
enum End {
    Revocation,
    PasswordReset,
    AccountDisabled,
    ClientDisabled,
}

#[rstest]
#[tokio::test]
async fn an_offline_grant_ends_by_everything_else(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[values(End::Revocation, End::PasswordReset, End::AccountDisabled, End::ClientDisabled)] end: End,
    #[values(false, true)] logged_out: bool,
) {
    let mut scene = Scene::on(backend).await;
    if logged_out {
        scene.log_out().await;
    }
    let cli = &scene.server.cli();
    match end {
        End::Revocation => {
            let form = [("token", scene.offline.refresh.as_str())];
            assert_eq!(scene.server.post("/revoke", &scene.client, &form).await.status, 200);
        }
        End::PasswordReset => {
            let new = PlainPassword::to_set("another password".to_owned()).unwrap();
            users::set_password(cli, scene.alice, new).await.unwrap();
        }
        End::AccountDisabled => drop(users::disable(cli, scene.alice).await.unwrap()),
        End::ClientDisabled => drop(clients::disable(cli, &scene.client.id.parse().unwrap()).await.unwrap()),
    }
    scene.server.refresh().await;
    assert!(!scene.lives(&scene.offline).await);
}

#[tokio::test]
async fn an_offline_grant_ends_when_its_consent_is_withdrawn() {
    let server = TestServer::start(Backend::Postgres).await;
    server.add_user("alice").await;
    let client = server.add_client_with(ClientKind::Web, |new| new.require_consent = true).await;
    let tokens = server.tokens(&client, OFFLINE, "alice").await;
    server.sql("DELETE FROM consents");
    let answer = server.refresh_with(&client, text(&tokens, "refresh_token")).await;
    assert_eq!((answer.status, &*answer.error()), (400, "invalid_grant"), "{}", answer.body);
}

#[rstest]
#[tokio::test]
async fn an_offline_grant_idles_and_expires_without_its_session(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let mut scene = Scene::on(backend).await;
    scene.log_out().await;
    let mut token = scene.offline.refresh.clone();
    for _ in 0..5 {
        scene.server.advance(6 * DAY - 1);
        scene.server.run_jobs().await;
        token = Tokens::of(&scene.server.refresh_with(&scene.client, &token).await).refresh;
    }
    scene.server.advance(5);
    let answer = scene.server.refresh_with(&scene.client, &token).await;
    assert_eq!(answer.error(), "invalid_grant", "thirty days are over: {}", answer.body);

    let scene = Scene::on(backend).await;
    scene.server.advance(7 * DAY);
    let answer = scene.server.refresh_with(&scene.client, &scene.offline.refresh).await;
    assert_eq!(answer.error(), "invalid_grant", "not used for seven days: {}", answer.body);
    assert!(scene.server.events(EventCode::RefreshReuse).await.is_empty());
}

#[rstest]
#[tokio::test]
async fn without_offline_access_a_grant_lasts_as_long_as_its_session_used_or_not(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start_with(backend, |config| {
        config.lifetimes.session_idle = Duration::from_secs(HOUR);
        config.lifetimes.refresh_idle = Duration::from_secs(HOUR);
        config.lifetimes.session = Duration::from_secs(3 * DAY);
    });
    let scene = Scene::with(server.await).await;
    scene.server.advance(2 * DAY);
    let expired = scene.server.refresh_with(&scene.client, &scene.offline.refresh).await;
    assert_eq!(expired.error(), "invalid_grant", "the offline one idled: {}", expired.body);
    let second = Tokens::of(&scene.server.refresh_with(&scene.client, &scene.online.refresh).await);
    scene.server.advance(DAY - 300);
    let answer = scene.server.refresh_with(&scene.client, &second.refresh).await;
    let third = Tokens::of(&answer);
    assert_eq!(answer.json()["expires_in"], 300, "no access token outlives the session");
    assert_eq!(
        claims(&third.access)["exp"].as_i64().unwrap(),
        claims(&third.access)["iat"].as_i64().unwrap() + 300
    );
    scene.server.advance(299);
    assert_eq!(scene.server.userinfo(&third.access).await.status, 200);
    let last = Tokens::of(&scene.server.refresh_with(&scene.client, &third.refresh).await);
    scene.server.advance(1);
    let over = scene.server.refresh_with(&scene.client, &last.refresh).await;
    assert_eq!((over.status, &*over.error()), (400, "invalid_grant"), "{}", over.body);
    scene.server.advance(11); // past the leeway of clocks, which counts at every door (policy P6)
    for dead in [&third, &last] {
        assert_eq!(scene.server.userinfo(&dead.access).await.status, 401);
    }
    let refused = scene.server.events(EventCode::IssuanceRefused).await;
    assert_eq!(refused[0].detail.as_deref(), Some("session_ended"), "{refused:?}");
    assert!(scene.server.events(EventCode::RefreshReuse).await.is_empty(), "late is not stolen");
}

#[rstest]
#[tokio::test]
async fn a_session_that_goes_on_with_a_new_login_carries_its_grants_with_it(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let mut scene = Scene::on(backend).await;
    scene.server.advance(11 * HOUR);
    log_in_again(&scene.server, &mut scene.browser, &scene.client, "alice").await;
    scene.server.advance(7 * DAY - 1);
    let next = Tokens::of(&scene.server.refresh_with(&scene.client, &scene.online.refresh).await);
    scene.server.advance(1);
    let over = scene.server.refresh_with(&scene.client, &next.refresh).await;
    assert_eq!(over.error(), "invalid_grant", "{}", over.body);
}

#[rstest]
#[case::always(RefreshTokens::Always, true)]
#[case::offline_access(RefreshTokens::OfflineAccess, false)]
#[tokio::test]
async fn a_client_may_get_refresh_tokens_with_offline_access_only(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[case] setting: RefreshTokens,
    #[case] without: bool,
) {
    let server = TestServer::start(backend).await;
    server.add_user("alice").await;
    let client = server.add_client_with(ClientKind::Web, |new| new.refresh_tokens = setting).await;
    let has = |tokens: &Value| tokens.get("refresh_token").is_some();
    let online = server.tokens(&client, ONLINE, "alice").await;
    assert_eq!(has(&online), without, "{online}");
    let offline = server.tokens(&client, OFFLINE, "alice").await;
    assert!(has(&offline), "{offline}");
    let next = server.refresh_with(&client, text(&offline, "refresh_token")).await;
    assert_eq!(next.status, 200, "{}", next.body);
}

/// After a login the browser no longer has the cookie of an idle session, so nobody could end that session any more. The login has
/// to end or renew it.
#[rstest]
#[case::the_same_person("alice")]
#[case::another_person("bob")]
#[tokio::test]
async fn i02_a_login_over_an_idle_session_leaves_none_behind(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[case] username: &str,
) {
    let server = TestServer::start_with(backend, |config| {
        config.lifetimes.session_idle = Duration::from_secs(HOUR);
        config.lifetimes.session = Duration::from_secs(3 * DAY);
    });
    let mut scene = Scene::with(server.await).await;
    scene.server.add_user("bob").await;
    scene.server.advance(2 * HOUR);
    scene.server.sign_in(&mut scene.browser, &scene.client, ONLINE, username).await;
    let before = scene.server.refresh_with(&scene.client, &scene.online.refresh).await;
    assert_eq!(before.status == 200, username == "alice", "{}", before.body);
    scene.log_out().await;
    let after = scene.server.refresh_with(&scene.client, &scene.online.refresh).await;
    assert_eq!((after.status, &*after.error()), (400, "invalid_grant"), "{}", after.body);
}

/// Grants that ended with a session stay ended when the person logs in again.
#[rstest]
#[tokio::test]
async fn i04_a_session_past_its_end_is_not_taken_up_again(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let server = TestServer::start_with(backend, |config| {
        config.lifetimes.session = Duration::from_secs(DAY);
    });
    let mut scene = Scene::with(server.await).await;
    scene.server.advance(DAY);
    scene.server.sign_in(&mut scene.browser, &scene.client, ONLINE, "alice").await;
    let old = scene.server.refresh_with(&scene.client, &scene.online.refresh).await;
    assert_eq!((old.status, &*old.error()), (400, "invalid_grant"), "{}", old.body);
}
