//! A person with valid tokens, and the keys to forge similar ones.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use serde_json::{Value, json};
use tessera_jose::{Algorithm, SealingKey, SigningKey, base64url};
use tessera_model::{ClientKind, EventCode, KeyPurpose, KeyState, StoredKey};
use tessera_testkit::browser::{Answer, Browser};
use tessera_testkit::evidence::{Tokens, claims};
use tessera_testkit::server::{Backend, TestClient, TestServer};

use crate::{error_in, has_code};

const ACCESS: KeyPurpose = KeyPurpose::Access(Algorithm::Es256);
const ID_TOKEN: KeyPurpose = KeyPurpose::IdToken(Algorithm::Es256);
const FEED: KeyPurpose = KeyPurpose::Feed(Algorithm::Es256);
const BYE: &str = "https://rp.example/bye";

/// A valid token, and everything that is needed to forge similar ones.
pub(super) struct Original {
    pub(super) token: String,
    pub(super) typ: &'static str,
    pub(super) key: SigningKey,
    /// A published key that does not sign yet.
    pub(super) next: SigningKey,
    /// Keys of this issuer for other purposes.
    pub(super) foreign: [SigningKey; 2],
    /// Other documents that this issuer signed.
    pub(super) others: [String; 2],
    pub(super) attacker: SigningKey,
}

impl Original {
    pub(super) fn claims(&self) -> Value {
        claims(&self.token)
    }

    pub(super) fn header(&self) -> Value {
        json!({"alg": "ES256", "typ": self.typ, "kid": self.key.kid()})
    }

    /// The usual header with some members changed or added.
    pub(super) fn header_with(&self, more: &Value) -> String {
        let mut header = self.header();
        header.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        header.to_string()
    }

    /// Valid claims under this header, signed with the right key.
    pub(super) fn headed(&self, header: &str) -> String {
        es256(&self.key, &format!("{}.{}", base64url::encode(header), self.payload()))
    }

    /// The valid header with these claims, signed with the right key.
    pub(super) fn claiming(&self, claims: &str) -> String {
        es256(
            &self.key,
            &format!("{}.{}", base64url::encode(self.header().to_string()), base64url::encode(claims)),
        )
    }

    /// Valid claims with one changed.
    pub(super) fn changed(&self, name: &str, value: Value) -> String {
        let mut claims = self.claims();
        claims[name] = value;
        self.claiming(&claims.to_string())
    }

    pub(super) fn payload(&self) -> &str {
        self.token.split('.').nth(1).unwrap()
    }
}

/// Signs any signing input.
pub(super) fn es256(key: &SigningKey, input: &str) -> String {
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &key.to_pkcs8()).unwrap();
    let signature = pair.sign(&SystemRandom::new(), input.as_bytes()).unwrap();
    format!("{input}.{}", base64url::encode(signature))
}

pub(super) fn public(key: &SigningKey) -> Value {
    serde_json::to_value(key.public_jwk().unwrap()).unwrap()
}

/// Alice, logged in, with both her tokens.
pub(super) struct Scene {
    server: TestServer,
    client: TestClient,
    browser: Browser,
    tokens: Tokens,
    pub(super) access: Original,
    pub(super) id: Original,
}

impl Scene {
    pub(super) async fn start() -> Self {
        let server = TestServer::start(Backend::Sqlite).await;
        server.add_user("alice").await;
        let change = |new: &mut tessera_app::clients::NewClient| {
            new.id_token_alg = Algorithm::Es256;
            new.post_logout_redirect_uris = vec![BYE.parse().unwrap()];
        };
        let client = server.add_client_with(ClientKind::Web, change).await;
        for purpose in [ACCESS, ID_TOKEN] {
            tessera_app::keys::rotate::request(&server.cli(), purpose).await.unwrap();
        }
        server.refresh().await;
        let mut browser = server.browser();
        let tokens = server.sign_in(&mut browser, &client, "openid orders.read", "alice").await;
        let stored = server.store().await.read(|tx| async move { tx.keys().list().await }).await.unwrap();
        let key = |purpose, state| {
            unsealed(stored.iter().find(|key| key.purpose == purpose && key.state == state).unwrap())
        };
        let rules = server.get("/revocation/rules").await.body;
        let original = |token: &str, typ, purpose, other, other_token: &str| Original {
            token: token.to_owned(),
            typ,
            key: key(purpose, KeyState::Active),
            next: key(purpose, KeyState::Next),
            foreign: [other, FEED].map(|purpose| key(purpose, KeyState::Active)),
            others: [other_token.to_owned(), rules.clone()],
            attacker: SigningKey::generate(Algorithm::Es256).unwrap(),
        };
        let access = original(&tokens.access, "at+jwt", ACCESS, ID_TOKEN, &tokens.id);
        let id = original(&tokens.id, "JWT", ID_TOKEN, ACCESS, &tokens.access);
        Self { server, client, browser, tokens, access, id }
    }

    async fn revoke(&self, token: &str) {
        let answer = self.server.post("/revoke", &self.client, &[("token", token)]).await;
        assert_eq!((answer.status, &*answer.body), (200, ""), "{token}");
    }

    async fn hint_at_authorize(&mut self, hint: &str) -> Answer {
        let more = [("prompt", "none"), ("id_token_hint", hint)];
        self.browser.visit(&self.server.authorize_path(&self.client, "openid", &more)).await
    }

    /// The answer to a logout in a browser without a session.
    async fn hint_at_logout(&self, hint: &str) -> Answer {
        let fields = [("post_logout_redirect_uri", BYE), ("id_token_hint", hint)];
        let path = tessera_oauth::response::with_query("/logout", fields.into_iter());
        self.server.browser().visit(&path).await
    }

    pub(super) async fn assert_no_access_token(&self, token: &str) {
        let answer = self.server.userinfo(token).await;
        assert_eq!((answer.status, &*answer.body), (401, ""), "{token}");
        assert_eq!(answer.header("www-authenticate"), "Bearer error=\"invalid_token\"", "{token}");
        self.revoke(token).await;
    }

    pub(super) async fn assert_access_token(&self, token: &str) {
        let answer = self.server.userinfo(token).await;
        assert_eq!(answer.status, 200, "{} {token}", answer.body);
    }

    pub(super) async fn assert_hint(&mut self, hint: &str) {
        assert!(has_code(&self.hint_at_authorize(hint).await), "{hint}");
        assert_eq!(self.hint_at_logout(hint).await.location(), Some(BYE), "{hint}");
    }

    pub(super) async fn assert_no_hint(&mut self, hint: &str) {
        let answer = self.hint_at_authorize(hint).await;
        assert_eq!(error_in(&self.server, &answer, Some("s t&te")), "login_required", "{hint}");
        let answer = self.hint_at_logout(hint).await;
        assert_eq!((answer.status, answer.location()), (200, None), "{hint}");
    }

    /// Asserts that the refused tokens changed nothing, and that the valid ones still work.
    pub(super) async fn assert_untouched(mut self) {
        assert!(self.server.events(EventCode::TokenRevoked).await.is_empty());
        assert_eq!(self.server.rules(0).await["rules"], json!([]));
        assert_eq!(self.server.refresh_with(&self.client, &self.tokens.refresh).await.status, 200);
        // A valid token made the same way is accepted, so the forged ones are not refused for a mistake of this test.
        let [access, id] = [&self.access, &self.id]
            .map(|of| [of.headed(&of.header().to_string()), of.claiming(&of.claims().to_string())]);
        for id in id {
            assert!(has_code(&self.hint_at_authorize(&id).await));
            assert_eq!(self.hint_at_logout(&id).await.location(), Some(BYE));
        }
        for access in &access {
            assert_eq!(self.server.userinfo(access).await.status, 200);
        }
        let [access, _] = access;
        self.revoke(&access).await;
        assert_eq!(self.server.userinfo(&access).await.status, 401);
        assert_eq!(self.server.events(EventCode::TokenRevoked).await.len(), 1);
    }
}

fn unsealed(key: &StoredKey) -> SigningKey {
    let binding = format!("tessera key {} {}", key.id, key.purpose);
    let private = SealingKey::new(&[7; 32]).open(binding.as_bytes(), &key.sealed).unwrap();
    SigningKey::from_pkcs8(key.purpose.algorithm().unwrap(), &private).unwrap()
}
