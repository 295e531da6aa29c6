//! What tests inspect: tokens and their claims, audit events, revocation rules.

use serde_json::Value;
use tessera_jose::{base64url, digest::sha256};
use tessera_model::RecordedEvent;

use crate::browser::{Answer, Browser, query};
use crate::server::{TestClient, TestServer};

/// The tokens of one login.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// `access_token`.
    pub access: String,
    /// `refresh_token`. Empty if there was none.
    pub refresh: String,
    /// `id_token`. Empty if there was none.
    pub id: String,
}

impl Tokens {
    /// Reads a token response.
    ///
    /// # Panics
    /// If it is an error.
    pub fn of(answer: &Answer) -> Self {
        assert_eq!(answer.status, 200, "{}", answer.body);
        let body = answer.json();
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        Self { access: text("access_token"), refresh: text("refresh_token"), id: text("id_token") }
    }

    /// The id of the grant of the access token.
    ///
    /// # Panics
    /// If it has none.
    pub fn grant(&self) -> String {
        let jti = claims(&self.access)["jti"].as_str().expect("a jti").to_owned();
        jti.split_once('.').expect("a person's token").0.to_owned()
    }

    /// What the access token calls its session.
    ///
    /// # Panics
    /// If it has none.
    pub fn session(&self) -> String {
        claims(&self.access)["sid"].as_str().expect("a sid").to_owned()
    }
}

/// The claims of a JWT, unverified.
///
/// # Panics
/// If it is none.
pub fn claims(jwt: &str) -> Value {
    part(jwt, 1)
}

/// The `kid` of a JWT.
///
/// # Panics
/// If it is none, or has none.
pub fn kid(jwt: &str) -> String {
    part(jwt, 0)["kid"].as_str().expect("a kid").to_owned()
}

fn part(jwt: &str, n: usize) -> Value {
    let encoded = jwt.split('.').nth(n).unwrap_or_else(|| panic!("not a JWT: {jwt}"));
    serde_json::from_slice(&base64url::decode(encoded).expect("base64url")).expect("JSON")
}

impl TestServer {
    /// Gets a code with a browser, and exchanges it.
    ///
    /// # Panics
    /// If there are no tokens in the end.
    pub async fn sign_in(
        &self,
        browser: &mut Browser,
        client: &TestClient,
        scope: &str,
        username: &str,
    ) -> Tokens {
        let path = self.authorize_path(client, scope, &[]);
        let end = self.authorize(browser, &path, username).await;
        let code = query(&end, "code").unwrap_or_else(|| panic!("no code in {end}"));
        Tokens::of(&self.redeem(client, &code).await)
    }

    /// Whether a revocation rule is published for this grant, session, subject or client.
    ///
    /// # Panics
    /// If the rules cannot be fetched.
    pub async fn has_revocation_rule(&self, kind: &str, id: &str) -> bool {
        let id = base64url::encode(sha256(id.as_bytes()));
        let told = self.rules(0).await;
        told["rules"].as_array().expect("rules").iter().any(|rule| rule["kind"] == kind && rule["id"] == *id)
    }

    /// Every audit event. The order within one second has no meaning.
    ///
    /// # Panics
    /// If the database fails.
    pub async fn audit_trail(&self) -> Vec<RecordedEvent> {
        tessera_app::audit::flush(&self.app).await.expect("an audit trail");
        let mut filter = tessera_store::AuditFilter::default();
        let store = self.store().await;
        let mut trail = Vec::new();
        loop {
            let asked = &filter;
            let page = store.read(|tx| async move { tx.audit().page(asked, 10_000).await }).await;
            let page = page.expect("events");
            trail.extend(page.events);
            match page.next {
                Some(next) => filter.after = Some(next),
                None => break,
            }
        }
        for event in &trail {
            assert_eq!(event.unlisted(), [""; 0], "the table of audit codes does not list this: {event:?}");
        }
        trail
    }

    /// The number of audit events with this code.
    ///
    /// # Panics
    /// If the database fails.
    pub async fn count(&self, code: &str) -> usize {
        self.audit_trail().await.iter().filter(|event| event.code.as_str() == code).count()
    }
}
