//! What the issuer takes back is dead at the verifier, and nothing else is.

use rstest::rstest;
use tessera_app::{clients, users};
use tessera_model::{ClientKind, EventCode, PlainPassword, RuleBudget, User};
use tessera_testkit::browser::{Browser, query};
use tessera_testkit::evidence::{Tokens, claims};
use tessera_testkit::inspect::grant_of_code;
use tessera_testkit::passwords::NEW_PASSWORD;
use tessera_testkit::server::{Backend, PASSWORD, TestClient, TestServer};
use tessera_verifier::{Verifier, VerifyError};

use crate::support::verifier;

const SCOPE: &str = "openid orders.read";
const OFFLINE: &str = "openid orders.read offline_access";

/// One issuer with a person and a client, and a verifier that follows it.
struct Scene {
    server: TestServer,
    verifier: Verifier,
    client: TestClient,
    alice: User,
}

impl Scene {
    async fn on(backend: Backend, budget: RuleBudget) -> Self {
        let server = TestServer::start_with(backend, |config| config.rule_budget = budget).await;
        let alice = server.add_user("alice").await;
        let client = server.add_client(ClientKind::Web).await;
        let verifier = verifier(&server).await;
        Self { server, verifier, client, alice }
    }

    async fn sign_in(&self, browser: &mut Browser, scope: &str) -> Tokens {
        self.server.sign_in(browser, &self.client, scope, "alice").await
    }

    /// A code of a browser that is logged in, without any page.
    async fn silent_code(&self, browser: &mut Browser, scope: &str) -> String {
        let path = self.server.authorize_path(&self.client, scope, &[("prompt", "none")]);
        let answer = browser.visit(&path).await;
        let end = answer.location().unwrap_or_else(|| panic!("{} {}", answer.status, answer.body));
        query(end, "code").unwrap_or_else(|| panic!("no code in {end}"))
    }

    async fn log_out(&self, browser: &mut Browser) {
        let csrf = browser.visit("/logout").await.hidden("csrf");
        let out = browser.submit("/logout", &[("csrf", &csrf)]).await;
        assert_eq!(out.status, 200, "{}", out.body);
    }

    /// Whether a token is live at the verifier, and at the issuer too. The issuer looks at more than rules.
    async fn is_live(&self, token: &str) -> bool {
        self.verifier.sync_revocations().await.unwrap();
        let verified = self.verifier.verify(token).await;
        assert!(matches!(verified, Ok(_) | Err(VerifyError::Revoked(_))), "{verified:?}");
        if claims(token)["aud"].is_array() {
            let userinfo = self.server.userinfo(token).await.status;
            assert_eq!(userinfo == 200, verified.is_ok(), "{verified:?}, userinfo {userinfo}");
        }
        verified.is_ok()
    }

    async fn rules(&self) -> Vec<String> {
        let rules = self.server.rules(0).await;
        rules["rules"]
            .as_array()
            .unwrap()
            .iter()
            .map(|rule| rule["kind"].as_str().unwrap().to_owned())
            .collect()
    }
}

async fn machine_token(server: &TestServer, client: &TestClient) -> String {
    let answer = server.post("/token", client, &[("grant_type", "client_credentials")]).await;
    Tokens::of(&answer).access
}

#[rstest]
#[tokio::test]
async fn a_logout_after_many_silent_authorizations_is_one_rule_and_touches_no_grant(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let scene = Scene::on(backend, RuleBudget::default()).await;
    let mut browser = scene.server.browser();
    let mut tokens = vec![scene.sign_in(&mut browser, SCOPE).await];
    let offline = scene.sign_in(&mut browser, OFFLINE).await;
    let mut elsewhere = scene.server.browser();
    let other_session = scene.sign_in(&mut elsewhere, SCOPE).await;
    let mut codes = Vec::new();
    for n in 0..60 {
        let code = scene.silent_code(&mut browser, SCOPE).await;
        if n % 2 == 0 {
            tokens.push(Tokens::of(&scene.server.redeem(&scene.client, &code).await));
        } else {
            codes.push(code);
        }
    }
    let sids: Vec<_> = tokens.iter().map(Tokens::session).collect();
    assert!(sids.iter().all(|sid| *sid == sids[0]), "one session: {sids:?}");
    assert_eq!(claims(&tokens[0].id)["sid"], *sids[0], "ID tokens call it the same");
    assert_ne!(other_session.session(), sids[0]);
    assert_eq!(claims(&offline.access).get("sid"), None, "an offline grant outlives the session");
    assert_eq!(claims(&offline.id)["sid"], *sids[0], "but its ID token came from it");
    assert!(scene.is_live(&tokens[7].access).await);

    scene.log_out(&mut browser).await;
    assert_eq!(scene.rules().await, ["session"], "however many grants");
    for token in &tokens {
        assert!(!scene.is_live(&token.access).await);
        let refreshed = scene.server.refresh_with(&scene.client, &token.refresh).await;
        assert_eq!(refreshed.error(), "invalid_grant");
        let revoked = scene.server.post("/revoke", &scene.client, &[("token", &token.refresh)]).await;
        assert_eq!(revoked.status, 200);
    }
    for code in &codes {
        assert_eq!(scene.server.redeem(&scene.client, code).await.error(), "invalid_grant");
    }
    assert_eq!(scene.rules().await, ["session"], "what is dead needs no further rule");
    assert!(scene.server.events(EventCode::CodeReuse).await.is_empty());
    assert!(scene.server.events(EventCode::RefreshReuse).await.is_empty());
    assert!(scene.is_live(&offline.access).await && scene.is_live(&other_session.access).await);
    assert_eq!(scene.server.refresh_with(&scene.client, &offline.refresh).await.status, 200);

    let grant = tokens[3].grant().parse().unwrap();
    assert!(scene.server.grant(grant).await.is_some(), "the logout left the rows");
    scene.server.run_jobs().await;
    assert_eq!(scene.server.grant(grant).await, None, "a job removes them");
    assert!(scene.server.grant(other_session.grant().parse().unwrap()).await.is_some());
    assert!(!scene.is_live(&tokens[3].access).await);
}

#[rstest]
#[tokio::test]
async fn the_oldest_of_seventeen_codes_is_plain_invalid_grant_and_ends_nothing(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let scene = Scene::on(backend, RuleBudget::default()).await;
    let mut browser = scene.server.browser();
    let signed_in = scene.sign_in(&mut browser, SCOPE).await;
    let mut codes = Vec::new();
    for _ in 0..17 {
        codes.push(scene.silent_code(&mut browser, SCOPE).await);
    }
    assert_eq!(scene.server.grant(grant_of_code(&codes[0])).await, None);
    assert_eq!(scene.server.redeem(&scene.client, &codes[0]).await.error(), "invalid_grant");
    for code in &codes[1..] {
        let tokens = Tokens::of(&scene.server.redeem(&scene.client, code).await);
        assert!(scene.is_live(&tokens.access).await);
    }
    assert_eq!(scene.server.redeem(&scene.client, &codes[0]).await.error(), "invalid_grant");
    assert!(scene.server.events(EventCode::CodeReuse).await.is_empty());
    assert!(scene.rules().await.is_empty(), "no family is revoked");
    assert!(scene.is_live(&signed_in.access).await);
}

#[rstest]
#[tokio::test]
async fn too_many_rules_of_one_person_become_one_about_them_and_new_tokens_work_at_once(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let scene = Scene::on(backend, RuleBudget { of_person: 3, ..RuleBudget::default() }).await;
    scene.server.add_user("bob").await;
    let bobs = scene.server.sign_in(&mut scene.server.browser(), &scene.client, SCOPE, "bob").await;
    let mut home = scene.server.browser();
    let at_home = scene.sign_in(&mut home, SCOPE).await;
    let mut old = Vec::new();
    for _ in 0..4 {
        let mut browser = scene.server.browser();
        old.push(scene.sign_in(&mut browser, SCOPE).await);
        scene.log_out(&mut browser).await;
    }
    assert_eq!(scene.rules().await, ["subject"]);
    let folded = scene.server.events(EventCode::RulesFolded).await;
    assert_eq!(folded.len(), 1, "{folded:?}");
    assert_eq!(folded[0].user_id, Some(scene.alice.id));
    for token in &old {
        assert!(!scene.is_live(&token.access).await);
    }
    assert!(!scene.is_live(&at_home.access).await, "one rule about the person hits this too");
    let refreshed = Tokens::of(&scene.server.refresh_with(&scene.client, &at_home.refresh).await);
    assert!(scene.is_live(&refreshed.access).await, "a refresh helps at once");
    assert!(scene.is_live(&bobs.access).await, "nobody else notices");
    // It counts anew, and the next rule hits what was issued since.
    scene.log_out(&mut home).await;
    assert!(!scene.is_live(&refreshed.access).await);
    for _ in 0..3 {
        let mut browser = scene.server.browser();
        old.push(scene.sign_in(&mut browser, SCOPE).await);
        scene.log_out(&mut browser).await;
    }
    assert_eq!(scene.rules().await, ["subject"]);
    for token in &old {
        assert!(!scene.is_live(&token.access).await);
    }
}

#[rstest]
#[tokio::test]
async fn too_many_rules_of_a_machine_become_one_about_it(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let scene = Scene::on(backend, RuleBudget { of_person: 3, ..RuleBudget::default() }).await;
    let machine = scene.server.add_client(ClientKind::Service).await;
    let other = scene.server.add_client(ClientKind::Service).await;
    let others = machine_token(&scene.server, &other).await;
    let mut old = Vec::new();
    for _ in 0..4 {
        let token = machine_token(&scene.server, &machine).await;
        scene.server.post("/revoke", &machine, &[("token", &token)]).await;
        old.push(token);
    }
    assert_eq!(scene.rules().await, ["subject"]);
    for token in &old {
        assert!(!scene.is_live(token).await);
    }
    scene.server.refresh().await;
    assert!(scene.is_live(&machine_token(&scene.server, &machine).await).await, "a new one works at once");
    assert!(scene.is_live(&others).await);
}

#[rstest]
#[tokio::test]
async fn only_past_many_people_of_a_client_their_rules_become_one_about_the_client_with_an_alarm(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let budget = RuleBudget { rules: 2, people_of_client: 3, ..RuleBudget::default() };
    let scene = Scene::on(backend, budget).await;
    let other = scene.server.add_client(ClientKind::Web).await;
    let others = scene.server.sign_in(&mut scene.server.browser(), &other, SCOPE, "alice").await;
    let mut old = Vec::new();
    for n in 0..4 {
        let name = format!("user{n}");
        scene.server.add_user(&name).await;
        let tokens = scene.server.sign_in(&mut scene.server.browser(), &scene.client, SCOPE, &name).await;
        scene.server.post("/revoke", &scene.client, &[("token", &tokens.refresh)]).await;
        if n == 2 {
            scene.server.run_jobs().await;
            assert_eq!(scene.rules().await, ["grant"; 3], "three people are not too many");
            assert!(scene.server.events(EventCode::RulesFolded).await.is_empty());
            scene.server.advance(60);
        }
        old.push(tokens);
    }
    let living = scene.sign_in(&mut scene.server.browser(), SCOPE).await;
    scene.server.run_jobs().await;
    assert_eq!(scene.rules().await, ["client"]);
    let folded = scene.server.events(EventCode::RulesFolded).await;
    assert_eq!(folded.len(), 1, "{folded:?}");
    assert_eq!(folded[0].client_id.as_ref().map(ToString::to_string).as_deref(), Some(&*scene.client.id));
    for token in old.iter().chain([&living]) {
        assert!(!scene.is_live(&token.access).await);
    }
    scene.server.refresh().await;
    let refreshed = Tokens::of(&scene.server.refresh_with(&scene.client, &living.refresh).await);
    assert!(scene.is_live(&refreshed.access).await, "a refresh helps at once");
    assert!(scene.is_live(&others.access).await, "never a rule for everybody");
}

/// After which old tokens are dead, and new ones come from the same person or client.
#[derive(Clone, Copy, Debug)]
enum ComesBack {
    PasswordReset,
    Unlock,
    Person,
    Client,
}

#[rstest]
#[tokio::test]
async fn tokens_issued_within_ten_seconds_after_a_reset_an_unlock_or_a_re_creation_work_at_once(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[values(ComesBack::PasswordReset, ComesBack::Unlock, ComesBack::Person, ComesBack::Client)]
    what: ComesBack,
) {
    let scene = Scene::on(backend, RuleBudget::default()).await;
    let old = scene.sign_in(&mut scene.server.browser(), SCOPE).await;
    let client = come_back(&scene, what).await;
    assert!(!scene.is_live(&old.access).await, "the old one is dead");
    let new = scene.server.sign_in(&mut scene.server.browser(), &client, SCOPE, "alice").await;
    assert!(scene.is_live(&new.access).await, "{what:?}: the new one works in the same second");
    scene.server.advance(9);
    let later = Tokens::of(&scene.server.refresh_with(&client, &new.refresh).await);
    assert!(scene.is_live(&later.access).await);
    // The next act means the new ones.
    let client = come_back(&scene, what).await;
    for token in [&old, &new, &later] {
        assert!(!scene.is_live(&token.access).await, "{what:?}");
    }
    let newest = scene.server.sign_in(&mut scene.server.browser(), &client, SCOPE, "alice").await;
    assert!(scene.is_live(&newest.access).await, "{what:?}");
    scene.server.advance(30);
    let refreshed = Tokens::of(&scene.server.refresh_with(&client, &newest.refresh).await);
    for claim in ["tessera_subject_rule", "tessera_client_rule"] {
        assert_eq!(claims(&refreshed.access).get(claim), None, "nobody needs it any more");
    }
    assert!(scene.is_live(&refreshed.access).await);
}

#[rstest]
#[tokio::test]
async fn i03_an_act_that_took_long_means_what_was_issued_meanwhile(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let scene = Scene::on(backend, RuleBudget::default()).await;
    let (asked, id) = (scene.server.cli(), scene.client.id.parse().unwrap());
    scene.server.advance(60);
    let meanwhile = scene.sign_in(&mut scene.server.browser(), SCOPE).await;
    assert!(scene.is_live(&meanwhile.access).await);
    clients::disable(&asked, &id).await.unwrap();
    assert!(!scene.is_live(&meanwhile.access).await);
}

/// Answers the client that tokens come from now.
async fn come_back(scene: &Scene, what: ComesBack) -> TestClient {
    let (cli, id) = (&scene.server.cli(), scene.client.id.parse().unwrap());
    let alice = users::find(cli, "alice").await.unwrap().id;
    match what {
        ComesBack::PasswordReset => {
            // The second one is what everybody here logs in with.
            for text in [NEW_PASSWORD, PASSWORD] {
                let password = PlainPassword::to_set(text.to_owned()).unwrap();
                users::set_password(cli, alice, password).await.unwrap();
            }
        }
        ComesBack::Unlock => {
            users::lock(cli, alice).await.unwrap();
            users::unlock(cli, alice).await.unwrap();
        }
        ComesBack::Person => {
            users::delete(cli, alice).await.unwrap();
            scene.server.add_user("alice").await;
        }
        ComesBack::Client => {
            clients::delete(cli, &id).await.unwrap();
            return scene.server.add_client_with(ClientKind::Web, |new| new.id = Some(id)).await;
        }
    }
    TestClient { id: scene.client.id.clone(), secret: scene.client.secret.clone() }
}

#[rstest]
#[tokio::test]
async fn a_machine_that_is_registered_anew_gets_tokens_that_work_at_once(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let scene = Scene::on(backend, RuleBudget::default()).await;
    let machine = scene.server.add_client(ClientKind::Service).await;
    let old = machine_token(&scene.server, &machine).await;
    assert!(scene.is_live(&old).await);
    let id = machine.id.parse().unwrap();
    clients::delete(&scene.server.cli(), &id).await.unwrap();
    let machine = scene.server.add_client_with(ClientKind::Service, |new| new.id = Some(id)).await;
    assert!(!scene.is_live(&old).await);
    assert!(scene.is_live(&machine_token(&scene.server, &machine).await).await);
}

/// Two instances whose clocks are ten seconds apart: what either issued before is dead, what either issues after works.
#[rstest]
#[tokio::test]
async fn p6_an_instance_ten_seconds_ahead_issues_nothing_that_outlives_a_reset_and_new_tokens_work(
    #[values(ComesBack::PasswordReset, ComesBack::Unlock, ComesBack::Client)] what: ComesBack,
) {
    let scene = Scene::on(Backend::Postgres, RuleBudget::default()).await;
    let ahead = scene.server.second_instance().await;
    ahead.advance(10);
    let tokens_of = async |instance: &TestServer, client: &TestClient| {
        let code = scene.server.code(client, SCOPE, "alice").await;
        Tokens::of(&instance.redeem(client, &code).await)
    };
    let old = tokens_of(&ahead, &scene.client).await;
    let of_this_one = scene.sign_in(&mut scene.server.browser(), SCOPE).await;
    assert!(scene.is_live(&old.access).await);
    let client = come_back(&scene, what).await;
    ahead.refresh().await;
    assert!(!scene.is_live(&old.access).await, "{what:?}: issued before, ten seconds ahead");
    assert!(!scene.is_live(&of_this_one.access).await, "{what:?}");
    for instance in [&scene.server, &ahead] {
        let new = tokens_of(instance, &client).await;
        assert!(scene.is_live(&new.access).await, "{what:?}: a new one works at once");
    }
    // The instance that is ahead does the next act: the one that is behind must not outlive it either.
    let behind = tokens_of(&scene.server, &client).await;
    users::lock(&ahead.cli(), users::find(&ahead.cli(), "alice").await.unwrap().id).await.unwrap();
    assert!(!scene.is_live(&behind.access).await, "{what:?}");
}
