//! People: made, listed, locked, closed, erased, given passwords.

mod add;
mod close;
mod lock;
mod password;
mod update;
mod view;

use tessera_app::users::{self, NewUser, UserError};
use tessera_model::{ClientKind, User, UserId};
use tessera_testkit::browser::Browser;
use tessera_testkit::evidence::Tokens;
use tessera_testkit::server::{Backend, TestClient, TestServer};

const SCOPE: &str = "openid orders.read";

/// Alice, logged in at a client.
pub(crate) struct Alice {
    pub(crate) server: TestServer,
    pub(crate) client: TestClient,
    pub(crate) browser: Browser,
    pub(crate) id: UserId,
    pub(crate) tokens: Tokens,
}

impl Alice {
    pub(crate) async fn at(backend: Backend) -> Self {
        let server = TestServer::start(backend).await;
        let id = server.add_user("alice").await.id;
        let client = server.add_client(ClientKind::Web).await;
        let mut browser = server.browser();
        let tokens = server.sign_in(&mut browser, &client, SCOPE, "alice").await;
        Self { server, client, browser, id, tokens }
    }

    /// Whether her browser still is hers.
    pub(crate) async fn session_works(&mut self) -> bool {
        self.browser.visit("/").await.body.contains("You are signed in")
    }

    pub(crate) async fn refresh_works(&mut self) -> bool {
        let answer = self.server.refresh_with(&self.client, &self.tokens.refresh).await;
        if answer.status == 200 {
            self.tokens = Tokens::of(&answer);
            return true;
        }
        assert_eq!(answer.error(), "invalid_grant");
        false
    }

    pub(crate) async fn userinfo_works(&self) -> bool {
        let status = self.server.userinfo(&self.tokens.access).await.status;
        assert!(matches!(status, 200 | 401), "{status}");
        status == 200
    }

    /// Whether this password opens a session in a new browser.
    pub(crate) async fn login_works(&self, password: &str) -> bool {
        let mut browser = self.server.browser();
        let csrf = browser.visit("/login").await.hidden("csrf");
        let fields = [("csrf", &*csrf), ("username", "alice"), ("password", password)];
        let status = browser.submit("/login", &fields).await.status;
        self.server.advance(1);
        status == 303
    }

    pub(crate) async fn are_tokens_taken_back(&self) -> bool {
        self.server.has_revocation_rule("subject", &self.id.to_string()).await
    }
}

pub(crate) async fn add(server: &TestServer, username: &str) -> Result<User, UserError> {
    add_with(server, username, None, None).await
}

pub(crate) async fn add_with(
    server: &TestServer,
    username: &str,
    name: Option<&str>,
    email: Option<&str>,
) -> Result<User, UserError> {
    let new = NewUser {
        name: name.map(str::to_owned),
        email: email.map(str::to_owned),
        ..NewUser::new(username.parse().unwrap())
    };
    users::add(&server.cli(), new).await
}
