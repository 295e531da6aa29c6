//! A code or refresh token that another client presents: it works no more than noise, it stays whole, and the audit trail has it.

use rstest::rstest;
use tessera_model::{ClientKind, EventCode, RecordedEvent};
use tessera_testkit::browser::Answer;
use tessera_testkit::inspect::{grant_of_code, refresh_number};
use tessera_testkit::relying_party::text;
use tessera_testkit::server::{Backend, TestClient, TestServer};

struct Scene {
    server: TestServer,
    owner: TestClient,
    thief: TestClient,
}

impl Scene {
    async fn begin(backend: Backend) -> Self {
        let server = TestServer::start(backend).await;
        server.add_user("alice").await;
        let owner = server.add_client(ClientKind::Web).await;
        let thief = server.add_client(ClientKind::Web).await;
        Self { server, owner, thief }
    }

    /// The one event with this code: who presented, and whose it was.
    async fn only_event(&self, code: EventCode) -> RecordedEvent {
        let mut events = self.server.events(code).await;
        assert_eq!(events.len(), 1, "{events:?}");
        let event = events.remove(0);
        assert_eq!(event.actor, format!("client:{}", self.thief.id));
        assert_eq!(event.client_id.as_ref().map(ToString::to_string), Some(self.owner.id.clone()));
        assert!(event.user_id.is_some() && event.request_id.is_some(), "{event:?}");
        event
    }
}

fn assert_plain_refusal(answer: &Answer) {
    assert_eq!((answer.status, answer.body.as_str()), (400, crate::INVALID_GRANT));
}

#[rstest]
#[tokio::test]
async fn o76_i09_a_code_of_another_client_is_an_event_and_works_on(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let scene = Scene::begin(backend).await;
    let Scene { server, owner, thief } = &scene;
    let code = server.code(owner, "openid", "alice").await;
    assert_plain_refusal(&server.redeem(thief, &code).await);
    let event = scene.only_event(EventCode::CodeForeignClient).await;
    assert_eq!(event.grant_id, Some(grant_of_code(&code)));
    assert_eq!(server.redeem(owner, &code).await.status, 200);
    // Also when it has been used: nothing of the family is changed by it.
    assert_plain_refusal(&server.redeem(thief, &code).await);
    assert_eq!(server.count("code.reuse").await, 0);
}

#[rstest]
#[tokio::test]
async fn o76_i09_a_refresh_token_of_another_client_is_an_event_and_works_on(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let scene = Scene::begin(backend).await;
    let Scene { server, owner, thief } = &scene;
    let r1 = text(&server.tokens(owner, "openid", "alice").await, "refresh_token").to_owned();
    assert_plain_refusal(&server.refresh_with(thief, &r1).await);
    let event = scene.only_event(EventCode::RefreshForeignClient).await;
    assert_eq!(event.grant_id, Some(refresh_number(&r1).0));
    let r2 = server.refresh_with(owner, &r1).await;
    assert_eq!(r2.status, 200, "{}", r2.body);
    // One that is used up ends nothing either.
    assert_plain_refusal(&server.refresh_with(thief, &r1).await);
    assert_eq!(server.refresh_with(owner, text(&r2.json(), "refresh_token")).await.status, 200);
    assert_eq!(server.count("refresh.reuse_detected").await, 0);
}

#[tokio::test]
async fn o69_o76_i09_taking_back_a_refresh_token_of_another_client_is_an_event() {
    let scene = Scene::begin(Backend::Sqlite).await;
    let Scene { server, owner, thief } = &scene;
    let r1 = text(&server.tokens(owner, "openid", "alice").await, "refresh_token").to_owned();
    let answer = server.post("/revoke", thief, &[("token", &r1)]).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));
    scene.only_event(EventCode::RefreshForeignClient).await;
    assert_eq!(server.refresh_with(owner, &r1).await.status, 200);
}

#[tokio::test]
async fn o76_noise_and_a_damaged_token_are_no_event() {
    let scene = Scene::begin(Backend::Sqlite).await;
    let Scene { server, owner, thief } = &scene;
    let code = server.code(owner, "openid", "alice").await;
    let r1 = text(&server.tokens(owner, "openid", "alice").await, "refresh_token").to_owned();
    let begun = server.audit_trail().await.len();
    let cut = |token: &str| token[..token.len() - 1].to_owned();
    for noise in ["", "unknown", &cut(&code), &format!("{code}x"), &r1.replacen('_', "-", 1)] {
        for client in [owner, thief] {
            let answer = server.redeem(client, noise).await;
            assert_eq!(answer.status, 400, "{noise}: {}", answer.body);
            let answer = server.refresh_with(client, noise).await;
            assert_eq!(answer.status, 400, "{noise}: {}", answer.body);
        }
    }
    // A code is no refresh token, and the other way round.
    assert_plain_refusal(&server.refresh_with(thief, &code).await);
    assert_plain_refusal(&server.redeem(thief, &r1).await);
    assert_eq!(server.audit_trail().await.len(), begun, "{:?}", server.audit_codes().await);
}

#[tokio::test]
async fn o76_s19_ten_such_events_a_minute_are_written_and_the_rest_becomes_one_number() {
    let scene = Scene::begin(Backend::Sqlite).await;
    let code = scene.server.code(&scene.owner, "openid", "alice").await;
    for _ in 0..15 {
        assert_plain_refusal(&scene.server.redeem(&scene.thief, &code).await);
    }
    tessera_app::audit::settle(&scene.server.app).await.unwrap();
    let events = scene.server.events(EventCode::CodeForeignClient).await;
    let numbers: Vec<_> = events.iter().filter_map(|event| event.detail.as_deref()).collect();
    assert_eq!((events.len(), numbers), (11, vec!["5 more"]));
}
