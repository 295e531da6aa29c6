//! What clients and APIs do: get tokens, verify them with the published keys, and use them.

use std::net::{IpAddr, SocketAddr};

use reqwest::header::{HeaderName, HeaderValue};
use serde_json::Value;
use tessera_jose::{JwkSet, Unverified, VerifyingKey};

use crate::browser::Answer;
use crate::server::{TestClient, TestServer};

/// A text member of a JSON answer. `""` if it is absent.
pub fn text<'a>(json: &'a Value, member: &str) -> &'a str {
    json[member].as_str().unwrap_or_default()
}

impl TestServer {
    /// Takes a person through login and consent with a new browser, and exchanges the code.
    ///
    /// # Panics
    /// If there are no tokens in the end.
    pub async fn tokens(&self, client: &TestClient, scope: &str, username: &str) -> Value {
        let code = self.code(client, scope, username).await;
        let answer = self.redeem(client, &code).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    /// Fetches a path with a plain GET.
    ///
    /// # Panics
    /// If the server does not answer.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::read(self.http.get(self.url(path)).send().await.expect("an answer")).await
    }

    /// Posts a form without an `Authorization` header.
    ///
    /// # Panics
    /// If the server does not answer.
    pub async fn post_form(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        Answer::read(self.http.post(self.url(path)).form(form).send().await.expect("an answer")).await
    }

    /// Posts a form with this `Authorization` header.
    ///
    /// # Panics
    /// If the server does not answer.
    pub async fn post_as(&self, path: &str, authorization: &str, form: &[(&str, &str)]) -> Answer {
        let request = self.http.post(self.url(path)).header("authorization", authorization).form(form);
        Answer::read(request.send().await.expect("an answer")).await
    }

    /// Uses an access token at the userinfo endpoint.
    ///
    /// # Panics
    /// If the server does not answer.
    pub async fn userinfo(&self, access_token: &str) -> Answer {
        let request = self.http.get(self.url("/userinfo")).bearer_auth(access_token);
        Answer::read(request.send().await.expect("an answer")).await
    }

    /// An absolute URL of the issuer.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer)
    }

    /// An HTTP client that connects from another loopback address.
    ///
    /// # Panics
    /// If it cannot be made.
    pub fn http_from(&self, source: IpAddr) -> reqwest::Client {
        self.http_builder().local_address(source).build().expect("an HTTP client")
    }

    /// A client behind a proxy on this machine, which adds this header to every request.
    ///
    /// # Panics
    /// If the header cannot be sent.
    pub fn http_behind(&self, header: &'static str, value: &'static str) -> reqwest::Client {
        let header = (HeaderName::from_static(header), HeaderValue::from_static(value));
        let builder = self.http_builder().default_headers([header].into_iter().collect());
        builder.build().expect("an HTTP client")
    }

    fn http_builder(&self) -> reqwest::ClientBuilder {
        let port = self.issuer.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).expect("a port");
        reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .resolve("localhost", SocketAddr::from(([127, 0, 0, 1], port)))
    }

    /// The published keys.
    ///
    /// # Panics
    /// If they cannot be read.
    pub async fn keys(&self) -> JwkSet {
        JwkSet::parse(self.get("/jwks").await.body.as_bytes()).expect("a key set")
    }

    /// Header and claims of a token, after checking its type and its signature with a published key.
    ///
    /// # Panics
    /// If the token is invalid.
    pub async fn verified(&self, token: &str, typ: &str) -> (Value, Value) {
        let unverified = Unverified::parse_document(token).expect("a signed token");
        assert!(unverified.has_typ(typ), "{:?} is not {typ}", unverified.typ());
        let keys = self.keys().await;
        let jwk = keys.keys.iter().find(|key| key.kid() == unverified.kid()).expect("a published key");
        let payload = unverified.verify(&VerifyingKey::from_jwk(jwk).expect("a key")).expect("a signature");
        let header = token.split('.').next().expect("a header");
        let header = tessera_jose::base64url::decode(header).expect("base64url");
        let parse = |bytes: &[u8]| serde_json::from_slice(bytes).expect("JSON");
        (parse(&header), parse(payload))
    }

    /// The revocation rules after number `after`, verified.
    ///
    /// # Panics
    /// If the feed is invalid.
    pub async fn rules(&self, after: u32) -> Value {
        let answer = self.get(&format!("/revocation/rules?after={after}")).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        self.verified(&answer.body, "revocation-rules+jwt").await.1
    }
}
