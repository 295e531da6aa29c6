//! A client with the tokens of one grant (a refresh token family).

use std::net::{IpAddr, Ipv4Addr};

use serde_json::Value;
use tessera_model::{ClientKind, EventCode, Grant};
use tessera_testkit::browser::{Answer, Browser};
use tessera_testkit::inspect::refresh_number;
use tessera_testkit::relying_party::text;
use tessera_testkit::server::{PASSWORD, TestClient, TestServer};

/// Without `offline_access`. Such a family ends with its session.
pub(crate) const ONLINE: &str = "openid orders.read orders.write";
/// With `offline_access`. Such a family outlives its session.
pub(crate) const OFFLINE: &str = "openid offline_access orders.read orders.write";

/// A client with the first tokens of a family.
pub(crate) struct Family {
    pub(crate) server: TestServer,
    pub(crate) client: TestClient,
    pub(crate) first: Value,
}

impl Family {
    pub(crate) async fn begin(server: TestServer, kind: ClientKind) -> Self {
        Self::begin_with(server, kind, ONLINE).await
    }

    pub(crate) async fn begin_with(server: TestServer, kind: ClientKind, scope: &str) -> Self {
        server.add_user("alice").await;
        let client = server.add_client(kind).await;
        let first = server.tokens(&client, scope, "alice").await;
        Self { server, client, first }
    }

    pub(crate) fn r1(&self) -> String {
        text(&self.first, "refresh_token").to_owned()
    }

    pub(crate) async fn present(&self, token: &str) -> Answer {
        self.server.refresh_with(&self.client, token).await
    }

    /// Uses the token of a public client from 127.0.0.`last`.
    pub(crate) async fn present_from(&self, last: u8, token: &str) -> Answer {
        let http = self.server.http_from(IpAddr::V4(Ipv4Addr::new(127, 0, 0, last)));
        let form =
            [("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", &*self.client.id)];
        Answer::read(http.post(self.server.url("/token")).form(&form).send().await.unwrap()).await
    }

    /// Uses a token that must be valid, and returns the next one.
    pub(crate) async fn rotate(&self, token: &str) -> String {
        next(&self.present(token).await)
    }

    pub(crate) async fn assert_refused(&self, token: &str) {
        let answer = self.present(token).await;
        assert_eq!((answer.status, answer.body.as_str()), (400, crate::INVALID_GRANT));
    }

    pub(crate) async fn assert_dead(&self, live: &str) {
        self.assert_refused(live).await;
        let access_token = text(&self.first, "access_token");
        assert_eq!(self.server.userinfo(access_token).await.status, 401, "access tokens of the family");
        assert_eq!(self.server.rules(0).await["rules"][0]["kind"], "grant", "the feed tells everybody");
        let reuse = self.server.events(EventCode::RefreshReuse).await;
        assert_eq!(reuse.len(), 1, "one event for one reuse: {reuse:?}");
        assert_eq!(reuse[0].ip.as_deref(), Some("127.0.0.1"));
    }

    /// Asserts that no alarm was raised and that the family lives.
    pub(crate) async fn assert_alive(&self, live: &str) {
        self.rotate(live).await;
        let reuse = self.server.events(EventCode::RefreshReuse).await;
        assert!(reuse.is_empty(), "{reuse:?}");
    }

    pub(crate) async fn row(&self) -> Grant {
        self.server.grant(refresh_number(&self.r1()).0).await.unwrap()
    }
}

/// Logs a person in at a browser that has a session already. Returns the URL that the browser ends on.
pub(crate) async fn log_in_again(
    server: &TestServer,
    browser: &mut Browser,
    client: &TestClient,
    username: &str,
) -> String {
    let path = server.authorize_path(client, "openid orders.read", &[("prompt", "login")]);
    let login = browser.visit(&path).await.location().unwrap().to_owned();
    let page = browser.visit(&login).await;
    let (csrf, flow) = (page.hidden("csrf"), page.hidden("flow"));
    let fields = [("csrf", &*csrf), ("flow", &flow), ("username", username), ("password", PASSWORD)];
    browser.submit("/login", &fields).await.location().unwrap().to_owned()
}

/// The refresh token of an answer that must be a success.
pub(crate) fn next(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.body);
    text(&answer.json(), "refresh_token").to_owned()
}
