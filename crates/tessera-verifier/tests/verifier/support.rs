//! A fake issuer on loopback, a clock that the tests set, and an attacker's tools.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};
use tessera_jose::jwk::{Purpose, Role};
use tessera_jose::{Algorithm, JwkSet, SigningKey, base64url};
use tessera_verifier::clock::Clock;
use tessera_verifier::revocation::RuleKind;
use tessera_verifier::{Verifier, VerifierBuilder, WithAudience};
use tokio::sync::{Notify, Semaphore};

pub(crate) const API: &str = "https://api.example";
pub(crate) const NOW: i64 = 1_800_000_000;

/// A clock that stands still until a test moves it.
#[derive(Debug)]
pub(crate) struct FakeClock {
    unix: AtomicI64,
    monotonic: AtomicU64,
}

impl FakeClock {
    pub(crate) fn advance(&self, seconds: u64) {
        self.unix.fetch_add(i64::try_from(seconds).unwrap(), SeqCst);
        self.monotonic.fetch_add(seconds, SeqCst);
    }

    pub(crate) fn unix(&self) -> i64 {
        self.unix.load(SeqCst)
    }

    pub(crate) fn set_unix(&self, unix: i64) {
        self.unix.store(unix, SeqCst);
    }
}

impl Clock for FakeClock {
    fn unix_seconds(&self) -> i64 {
        self.unix.load(SeqCst)
    }

    fn monotonic(&self) -> Duration {
        Duration::from_secs(self.monotonic.load(SeqCst))
    }
}

/// A request for rules.
pub(crate) struct Question {
    pub(crate) after: i64,
    pub(crate) nonce: String,
}

/// Makes the answer to such a request.
pub(crate) type Answer = Box<dyn Fn(&Issuer, &Question) -> String + Send + Sync>;

/// An issuer that does what a test tells it.
pub(crate) struct Issuer {
    pub(crate) url: String,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) key: Mutex<SigningKey>,
    pub(crate) published: Mutex<Vec<SigningKey>>,
    /// What published keys are for, by `kid`. The other keys do not say it.
    pub(crate) roles: Mutex<HashMap<String, Role>>,
    /// Replaces the body of the metadata or the key set.
    pub(crate) metadata: Mutex<Option<String>>,
    pub(crate) jwks: Mutex<Option<String>>,
    pub(crate) keys_down: AtomicBool,
    pub(crate) rules_down: AtomicBool,
    pub(crate) discoveries: AtomicUsize,
    pub(crate) key_fetches: AtomicUsize,
    pub(crate) rule_fetches: AtomicUsize,
    /// Each answer of the key endpoint needs a permit. A test that holds all permits holds the answers back.
    pub(crate) key_permits: Semaphore,
    pub(crate) key_asked: Notify,
    pub(crate) rules_asked: Notify,
    pub(crate) rules: Mutex<Vec<Value>>,
    pub(crate) page: AtomicUsize,
    pub(crate) epoch: AtomicI64,
    pub(crate) custom_rules: Mutex<Option<Answer>>,
}

impl Issuer {
    pub(crate) async fn start() -> Arc<Self> {
        Self::start_with(Algorithm::Es256).await
    }

    pub(crate) async fn start_with(alg: Algorithm) -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let key = SigningKey::generate(alg).unwrap();
        let issuer = Arc::new(Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            clock: Arc::new(FakeClock { unix: NOW.into(), monotonic: 1_000.into() }),
            published: Mutex::new(vec![key.clone()]),
            key: Mutex::new(key),
            roles: Mutex::default(),
            metadata: Mutex::default(),
            jwks: Mutex::default(),
            keys_down: false.into(),
            rules_down: false.into(),
            discoveries: 0.into(),
            key_fetches: 0.into(),
            rule_fetches: 0.into(),
            key_permits: Semaphore::new(1_000_000),
            key_asked: Notify::new(),
            rules_asked: Notify::new(),
            rules: Mutex::default(),
            page: 1_000.into(),
            epoch: 1.into(),
            custom_rules: Mutex::default(),
        });
        let app = Router::new()
            .route("/.well-known/openid-configuration", get(metadata))
            .route("/jwks", get(jwks))
            .route("/revocation/rules", get(rules))
            .with_state(Arc::clone(&issuer));
        tokio::spawn(async move { axum::serve(listener, app).await });
        issuer
    }

    pub(crate) fn builder(&self) -> VerifierBuilder<WithAudience> {
        Verifier::builder(&*self.url).audience(API).clock(self.clock.clone())
    }

    /// A verifier that knows the keys.
    pub(crate) async fn verifier(&self) -> Verifier {
        self.ready(self.builder()).await
    }

    pub(crate) async fn ready(&self, builder: VerifierBuilder<WithAudience>) -> Verifier {
        let verifier = builder.build().unwrap();
        verifier.ready().await.unwrap();
        verifier
    }

    pub(crate) fn key(&self) -> SigningKey {
        self.key.lock().unwrap().clone()
    }

    /// Signs with a new key from now on and publishes only that.
    pub(crate) fn rotate(&self) -> SigningKey {
        let alg = self.key().algorithm();
        let key = SigningKey::generate(alg).unwrap();
        *self.published.lock().unwrap() = vec![key.clone()];
        std::mem::replace(&mut *self.key.lock().unwrap(), key)
    }

    /// Replaces a published key by one that signs nothing.
    pub(crate) fn replace(&self, old: Option<&SigningKey>, new: SigningKey) {
        let mut published = self.published.lock().unwrap();
        published.retain(|key| old.is_none_or(|old| old.kid() != key.kid()));
        published.push(new);
    }

    /// Publishes a key for this purpose, signing from this moment on.
    pub(crate) fn publish(&self, key: &SigningKey, purpose: Purpose, signs_from: i64) {
        self.roles.lock().unwrap().insert(key.kid().to_owned(), Role { purpose, signs_from });
        let mut published = self.published.lock().unwrap();
        if published.iter().all(|other| other.kid() != key.kid()) {
            published.push(key.clone());
        }
    }

    /// The claims of a valid token.
    pub(crate) fn claims(&self) -> Value {
        json!({
            "iss": self.url, "sub": "8f14e45f", "aud": API, "client_id": "web", "jti": "grant.random", "sid": "session",
            "iat": self.clock.unix_seconds(), "exp": self.clock.unix_seconds() + 600, "scope": "orders.read orders.write",
        })
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.sign_as("at+jwt", claims)
    }

    pub(crate) fn sign_as(&self, typ: &str, claims: &Value) -> String {
        self.key().sign(typ, claims.to_string().as_bytes()).unwrap()
    }

    pub(crate) fn sign_rules(&self, claims: &Value) -> String {
        self.key().sign_document("revocation-rules+jwt", claims.to_string().as_bytes()).unwrap()
    }

    /// A valid token.
    pub(crate) fn token(&self) -> String {
        self.sign(&self.claims())
    }

    /// A valid token with one claim changed.
    pub(crate) fn token_with(&self, name: &str, value: Value) -> String {
        let mut claims = self.claims();
        claims[name] = value;
        self.sign(&claims)
    }

    /// A valid token without a claim.
    pub(crate) fn token_without(&self, name: &str) -> String {
        let mut claims = self.claims();
        claims.as_object_mut().unwrap().remove(name);
        self.sign(&claims)
    }

    /// A token with this header and a right signature.
    pub(crate) fn forge(&self, header: &str, claims: &Value) -> String {
        es256_signed(&self.key(), header, claims.to_string().as_bytes())
    }

    /// The header of a valid token.
    pub(crate) fn header(&self) -> String {
        format!(r#"{{"alg":"ES256","typ":"at+jwt","kid":"{}"}}"#, self.key().kid())
    }

    pub(crate) fn revoke(&self, kind: RuleKind, id: &str) {
        self.push_rule(json!({
            "kind": kind.as_str(), "id": base64url::encode(tessera_jose::digest::sha256(id.as_bytes())),
            "before": self.clock.unix_seconds(), "exp": self.clock.unix_seconds() + 3600,
        }));
    }

    pub(crate) fn push_rule(&self, rule: Value) {
        self.rules.lock().unwrap().push(rule);
    }

    /// The answer as the issuer gives it.
    pub(crate) fn rules_claims(&self, question: &Question) -> Value {
        let all = self.rules.lock().unwrap();
        let from = usize::try_from(question.after).unwrap().min(all.len());
        let rules: Vec<_> = all[from..].iter().take(self.page.load(SeqCst)).cloned().collect();
        json!({
            "iss": self.url, "iat": self.clock.unix_seconds(), "epoch": self.epoch.load(SeqCst), "after": question.after, "nonce": question.nonce,
            "seq": from + rules.len(), "complete": from + rules.len() == all.len(), "rules": rules,
        })
    }
}

/// A verifier that follows the issuer's rules.
pub(crate) async fn live(issuer: &Issuer) -> Verifier {
    issuer.ready(issuer.builder().live_revocation()).await
}

async fn metadata(State(issuer): State<Arc<Issuer>>) -> Response {
    issuer.discoveries.fetch_add(1, SeqCst);
    if issuer.keys_down.load(SeqCst) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let custom = issuer.metadata.lock().unwrap().clone();
    let url = &issuer.url;
    custom
        .unwrap_or_else(|| json!({"issuer": url, "jwks_uri": format!("{url}/jwks")}).to_string())
        .into_response()
}

async fn jwks(State(issuer): State<Arc<Issuer>>) -> Response {
    issuer.key_fetches.fetch_add(1, SeqCst);
    issuer.key_asked.notify_one();
    issuer.key_permits.acquire().await.unwrap().forget();
    if issuer.keys_down.load(SeqCst) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let custom = issuer.jwks.lock().unwrap().clone();
    let (published, roles) = (issuer.published.lock().unwrap(), issuer.roles.lock().unwrap());
    let jwks =
        published.iter().filter_map(SigningKey::public_jwk).map(|jwk| match roles.get(jwk.kid().unwrap()) {
            Some(role) => jwk.with_role(*role),
            None => jwk,
        });
    let set = JwkSet::new(jwks.collect());
    custom.unwrap_or_else(|| serde_json::to_string(&set).unwrap()).into_response()
}

async fn rules(State(issuer): State<Arc<Issuer>>, RawQuery(query): RawQuery) -> Response {
    issuer.rule_fetches.fetch_add(1, SeqCst);
    issuer.rules_asked.notify_one();
    if issuer.rules_down.load(SeqCst) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let query = query.unwrap();
    let (after, nonce) = query.strip_prefix("after=").unwrap().split_once("&nonce=").unwrap();
    let question = Question { after: after.parse().unwrap(), nonce: nonce.to_owned() };
    if let Some(custom) = &*issuer.custom_rules.lock().unwrap() {
        return custom(&issuer, &question).into_response();
    }
    issuer.sign_rules(&issuer.rules_claims(&question)).into_response()
}

/// `header.payload`.
pub(crate) fn signing_input(header: &str, payload: &[u8]) -> String {
    format!("{}.{}", base64url::encode(header), base64url::encode(payload))
}

/// A token with this header and a right P-256 signature, whatever the header says.
pub(crate) fn es256_signed(key: &SigningKey, header: &str, payload: &[u8]) -> String {
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &key.to_pkcs8()).unwrap();
    let input = signing_input(header, payload);
    let signature = pair.sign(&SystemRandom::new(), input.as_bytes()).unwrap();
    format!("{input}.{}", base64url::encode(signature))
}
