//! A whole login over a port that answers by itself, and what an issuer or somebody in between can do wrong.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tessera_fetch::{
    Fetch, FetchError, FetchFuture, HeaderMap, HeaderValue, Method, Request, Response, header,
};
use tessera_jose::{JwkSet, SigningKey};
use tessera_openid_client::{
    Algorithm, AuthorizationRequest, ClientError, LoggedIn, Params, Registration, RelyingParty,
};

const ISSUER: &str = "https://as.example";
const NOW: i64 = 1_800_000_000;

/// Status and body.
type Answer = Result<(u16, Value), FetchError>;

/// An issuer inside the port. Each answer can be replaced, by the path it belongs to.
struct Issuer {
    key: SigningKey,
    replaced: Mutex<Vec<(&'static str, Answer)>>,
    nonce: Mutex<String>,
    requests: Mutex<Vec<Request>>,
}

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Issuer")
    }
}

impl Fetch for Issuer {
    fn fetch(&self, request: Request) -> FetchFuture<'_> {
        let path = request.url.path().to_owned();
        self.requests.lock().unwrap().push(request);
        let replaced = self.replaced.lock().unwrap();
        let replaced = replaced.iter().find(|(of, _)| *of == path).map(|(_, answer)| answer.clone());
        let answer = replaced.unwrap_or_else(|| Ok((200, self.answer(&path))));
        let mut headers = HeaderMap::new();
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        let response =
            answer.map(|(status, body)| Response { status, headers, body: body.to_string().into_bytes() });
        Box::pin(std::future::ready(response))
    }
}

impl Issuer {
    fn new() -> Arc<Self> {
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        let (replaced, nonce, requests) = (Mutex::default(), Mutex::default(), Mutex::default());
        Arc::new(Self { key, replaced, nonce, requests })
    }

    fn answer(&self, path: &str) -> Value {
        match path {
            "/.well-known/openid-configuration" => metadata(),
            "/jwks" => {
                serde_json::to_value(JwkSet::new(self.key.public_jwk().into_iter().collect())).unwrap()
            }
            "/token" => json!({
                "access_token": "at", "token_type": "Bearer", "expires_in": 600, "refresh_token": "rt",
                "id_token": self.id_token("alice"),
            }),
            "/userinfo" => json!({ "sub": "alice", "name": "Alice" }),
            _ => json!({}),
        }
    }

    fn id_token(&self, subject: &str) -> String {
        let claims = json!({
            "iss": ISSUER, "sub": subject, "aud": "orders", "nonce": *self.nonce.lock().unwrap(),
            "iat": NOW, "exp": NOW + 600, "auth_time": NOW,
        });
        self.key.sign("JWT", claims.to_string().as_bytes()).unwrap()
    }

    fn replace(&self, path: &'static str, answer: Answer) {
        self.replaced.lock().unwrap().push((path, answer));
    }

    async fn relying_party(self: &Arc<Self>) -> Result<RelyingParty, ClientError> {
        let registration = Registration {
            client_id: "orders".to_owned(),
            client_secret: "s3cret".to_owned(),
            redirect_uri: "https://orders.example/callback".to_owned(),
            scope: "openid".to_owned(),
            id_token_alg: Algorithm::Es256,
        };
        let fetch: Arc<dyn Fetch> = self.clone();
        RelyingParty::discover(fetch, ISSUER, registration).await
    }

    /// A browser that goes to the issuer and comes back with a code.
    fn visit(&self, request: &AuthorizationRequest) -> Params {
        let sent = Params::parse(request.url.split_once('?').unwrap().1.as_bytes()).unwrap();
        sent.get("nonce").unwrap().clone_into(&mut self.nonce.lock().unwrap());
        let query = format!("code=c&state={}&iss=https%3A%2F%2Fas.example", sent.get("state").unwrap());
        Params::parse(query.as_bytes()).unwrap()
    }

    async fn log_in(&self, relying_party: &RelyingParty) -> Result<LoggedIn, ClientError> {
        let request = begin(relying_party);
        let answer = self.visit(&request);
        relying_party.finish(&request.pending, &answer, NOW).await
    }

    fn last_request(&self) -> Request {
        self.requests.lock().unwrap().last().unwrap().clone()
    }
}

fn metadata() -> Value {
    json!({
        "issuer": ISSUER,
        "jwks_uri": "https://as.example/jwks",
        "authorization_endpoint": "https://as.example/authorize",
        "token_endpoint": "https://as.example/token",
        "userinfo_endpoint": "https://as.example/userinfo",
        "revocation_endpoint": "https://as.example/revoke",
        "end_session_endpoint": "https://as.example/logout",
        "authorization_response_iss_parameter_supported": true,
    })
}

fn begin(relying_party: &RelyingParty) -> AuthorizationRequest {
    let mut next = 0;
    relying_party.begin(|bytes| {
        next += 1;
        bytes.fill(next);
    })
}

#[tokio::test]
async fn from_discovery_to_logout() {
    let issuer = Issuer::new();
    let relying_party = issuer.relying_party().await.unwrap();
    let login = issuer.log_in(&relying_party).await.map_err(|error| error.to_string()).unwrap();
    assert_eq!(login.subject, "alice");
    assert_eq!(relying_party.userinfo(&login).await.unwrap().claims.name.as_deref(), Some("Alice"));
    assert_eq!(issuer.last_request().headers[header::AUTHORIZATION], "Bearer at");

    let refreshed =
        relying_party.refresh("alice", "rt", NOW).await.map_err(|error| error.to_string()).unwrap();
    assert_eq!((&*refreshed.access_token, refreshed.refresh_token.as_deref()), ("at", Some("rt")));

    relying_party.revoke("rt").await.unwrap();
    let revocation = issuer.last_request();
    assert_eq!((revocation.method, revocation.url.path()), (Method::Post, "/revoke"));
    assert_eq!(revocation.body, b"token=rt&token_type_hint=refresh_token");
    assert_eq!(revocation.headers[header::AUTHORIZATION], "Basic b3JkZXJzOnMzY3JldA==");

    let url = relying_party.logout_url("id", "https://orders.example/out", "s").unwrap();
    assert!(url.starts_with("https://as.example/logout?id_token_hint=id&"), "{url}");
}

#[tokio::test]
async fn the_code_goes_with_the_verifier_of_this_login() {
    let issuer = Issuer::new();
    let relying_party = issuer.relying_party().await.unwrap();
    issuer.log_in(&relying_party).await.map_err(|error| error.to_string()).unwrap();
    let requests = issuer.requests.lock().unwrap();
    let exchange = requests.iter().find(|request| request.url.path() == "/token").unwrap();
    let fields = Params::parse(&exchange.body).unwrap();
    assert_eq!(fields.get("code"), Some("c"));
    assert_eq!(fields.get("redirect_uri"), Some("https://orders.example/callback"));
    assert_eq!(fields.get("code_verifier").map(str::len), Some(43));
}

#[tokio::test]
async fn an_issuer_that_may_not_be_asked_is_not_asked() {
    let issuer = Issuer::new();
    let registration = Registration {
        client_id: String::new(),
        client_secret: String::new(),
        redirect_uri: String::new(),
        scope: String::new(),
        id_token_alg: Algorithm::Es256,
    };
    for url in ["http://as.example", "ftp://as.example", "https://as.example?x", "as.example"] {
        let fetch: Arc<dyn Fetch> = issuer.clone();
        let refused = RelyingParty::discover(fetch, url, registration.clone()).await.err();
        assert!(matches!(refused, Some(ClientError::Untrusted(_))), "{url}: {refused:?}");
    }
    assert!(issuer.requests.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_login_fails_as_the_issuer_fails() {
    let refusal = json!({ "error": "invalid_grant", "error_description": "used" });
    let refused =
        ClientError::Refused { error: "invalid_grant".to_owned(), description: Some("used".to_owned()) };
    let plain = json!({ "access_token": "at", "token_type": "Bearer" });
    for (path, answer, expected) in [
        ("/token", Ok((400, refusal)), refused),
        ("/token", Err(FetchError::TimedOut), ClientError::Fetch(FetchError::TimedOut)),
        ("/token", Ok((302, json!({}))), ClientError::Malformed("the issuer's refusal")),
        ("/token", Ok((200, plain)), ClientError::Untrusted("no ID token came")),
        ("/jwks", Ok((200, json!({ "keys": 1 }))), ClientError::Malformed("the issuer's key set")),
        ("/jwks", Err(FetchError::TooLarge), ClientError::Fetch(FetchError::TooLarge)),
    ] {
        let issuer = Issuer::new();
        let relying_party = issuer.relying_party().await.unwrap();
        issuer.replace(path, answer);
        assert_eq!(issuer.log_in(&relying_party).await.err(), Some(expected), "{path}");
    }
}

#[tokio::test]
async fn a_refresh_that_brings_another_person_is_refused() {
    let issuer = Issuer::new();
    let relying_party = issuer.relying_party().await.unwrap();
    let tokens =
        json!({ "access_token": "at", "token_type": "Bearer", "id_token": issuer.id_token("mallory") });
    issuer.replace("/token", Ok((200, tokens)));
    let refused = relying_party.refresh("alice", "rt", NOW).await.err();
    assert_eq!(refused, Some(ClientError::Untrusted("the ID token is about another person (sub)")));
}

#[tokio::test]
async fn an_api_that_says_no_has_answered() {
    let issuer = Issuer::new();
    let relying_party = issuer.relying_party().await.unwrap();
    issuer.replace("/orders", Ok((401, json!({}))));
    let answer = relying_party.call_api("https://as.example/orders", "at").await;
    let answer = answer.unwrap();
    assert_eq!((answer.status, answer.challenge.as_deref()), (401, Some("Bearer")));
}
