//! What the verifier asks the issuer over HTTP: metadata (RFC 8414, OpenID Connect Discovery), keys, revocation rules.
//!
//! Only HTTPS, except that an issuer on `http://` loopback may name other `http://` loopback addresses. No redirects, no proxy
//! from the environment, 5 s, bounded answers. Nothing from a token ever becomes a URL.

use std::time::Duration;

use reqwest::{Client, StatusCode};
use tessera_jose::{JwkSet, MAX_DOCUMENT_LEN, base64url, json};
use tessera_oauth::metadata::{AuthorizationServerMetadata, OAUTH_METADATA_PATH, OPENID_CONFIGURATION_PATH};
use url::{Host, Url};

const TIMEOUT: Duration = Duration::from_secs(5);
const MAX_METADATA: usize = 64 * 1024;
const MAX_KEYS: usize = 256 * 1024;

/// Why an answer of the issuer could not be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// Could not connect, TLS failed, or it took longer than 5 s.
    #[error("the issuer cannot be reached: {0}")]
    Transport(String),
    /// Not 200.
    #[error("the issuer answered with status {0}")]
    Status(u16),
    /// The answer came from another URL than asked.
    #[error("the issuer redirected")]
    Redirected,
    /// The answer is too long.
    #[error("the issuer's answer is too long")]
    TooLarge,
    /// Neither HTTPS nor loopback HTTP of a loopback issuer.
    #[error("the issuer names a URL that is not allowed")]
    Url,
    /// The metadata name another issuer (RFC 8414 section 3.3).
    #[error("the metadata are those of another issuer")]
    WrongIssuer,
    /// Not the document it should be.
    #[error("the issuer's {0} cannot be read")]
    Malformed(&'static str),
    /// No published key can be used.
    #[error("the issuer publishes no usable key")]
    NoUsableKey,
    /// The signature of the revocation rules, or what they say about themselves, is not good.
    #[error("the revocation rules are not trustworthy: {0}")]
    Untrusted(&'static str),
}

/// The issuer's URL, known to be allowed.
#[derive(Clone, Debug)]
pub(crate) struct IssuerUrl {
    url: Url,
    loopback: bool,
}

impl IssuerUrl {
    /// An `https` URL, or `http` on a loopback address; no query, fragment or user information.
    pub(crate) fn parse(issuer: &str) -> Option<Self> {
        let url = Url::parse(issuer).ok()?;
        let plain = url.query().is_none() && url.fragment().is_none();
        let plain = plain && url.username().is_empty() && url.password().is_none() && url.has_host();
        let loopback = is_loopback_http(&url);
        (plain && (loopback || url.scheme() == "https")).then_some(Self { url, loopback })
    }

    /// A URL the issuer names, if it may be asked.
    fn allows(&self, url: &str) -> Result<Url, FetchError> {
        let url = Url::parse(url).map_err(|_| FetchError::Url)?;
        let allowed = url.scheme() == "https" || (self.loopback && is_loopback_http(&url));
        let plain = url.username().is_empty() && url.password().is_none();
        if allowed && plain { Ok(url) } else { Err(FetchError::Url) }
    }

    /// `path` below the issuer.
    fn below(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(&format!("{}{path}", self.url.path().trim_end_matches('/')));
        url
    }

    /// `path` between host and path of the issuer (RFC 8414 section 3.1).
    fn before(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(&format!("{path}{}", self.url.path().trim_end_matches('/')));
        url
    }
}

fn is_loopback_http(url: &Url) -> bool {
    url.scheme() == "http"
        && match url.host() {
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        }
}

/// The client used unless the caller brings one.
pub(crate) fn client(extra_roots: Vec<reqwest::Certificate>) -> Result<Client, FetchError> {
    Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(TIMEOUT)
        .connect_timeout(TIMEOUT)
        .tls_certs_merge(extra_roots)
        .build()
        .map_err(|error| transport(&error))
}

/// The issuer, as seen from here.
#[derive(Debug)]
pub(crate) struct Issuer {
    /// Byte for byte as in `iss`.
    pub(crate) name: String,
    pub(crate) url: IssuerUrl,
    pub(crate) client: Client,
}

impl Issuer {
    /// Where the keys are, according to metadata that name this issuer byte for byte.
    pub(crate) async fn discover(&self) -> Result<Url, FetchError> {
        let bytes = match self.get(self.url.below(OPENID_CONFIGURATION_PATH), MAX_METADATA).await {
            Err(FetchError::Status(404)) => {
                self.get(self.url.before(OAUTH_METADATA_PATH), MAX_METADATA).await?
            }
            answer => answer?,
        };
        let metadata: AuthorizationServerMetadata =
            json::strict(&bytes).map_err(|_| FetchError::Malformed("metadata"))?;
        if metadata.issuer != self.name {
            return Err(FetchError::WrongIssuer);
        }
        self.url.allows(&metadata.jwks_uri)
    }

    /// The published keys.
    pub(crate) async fn keys(&self, jwks_uri: Url) -> Result<JwkSet, FetchError> {
        let bytes = self.get(jwks_uri, MAX_KEYS).await?;
        JwkSet::parse(&bytes).map_err(|_| FetchError::Malformed("key set"))
    }

    /// Signed revocation rules after number `after`; the answer repeats the nonce.
    pub(crate) async fn rules(&self, after: i64, nonce: &str) -> Result<String, FetchError> {
        let mut url = self.url.below("/revocation/rules");
        url.set_query(Some(&format!("after={after}&nonce={nonce}")));
        let bytes = self.get(url, MAX_DOCUMENT_LEN).await?;
        String::from_utf8(bytes).map_err(|_| FetchError::Malformed("revocation rules"))
    }

    async fn get(&self, url: Url, limit: usize) -> Result<Vec<u8>, FetchError> {
        let request = self.client.get(url.clone()).timeout(TIMEOUT).header("cache-control", "no-cache");
        let mut response = request.send().await.map_err(|error| transport(&error))?;
        if *response.url() != url {
            return Err(FetchError::Redirected);
        }
        if response.status() != StatusCode::OK {
            return Err(FetchError::Status(response.status().as_u16()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| transport(&error))? {
            if body.len() + chunk.len() > limit {
                return Err(FetchError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

/// What no question asked before, and nobody can foresee.
#[expect(
    clippy::disallowed_methods,
    reason = "the adapter: a nonce is for this exchange alone and decides nothing"
)]
pub(crate) fn nonce() -> Result<String, FetchError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| FetchError::Transport(error.to_string()))?;
    Ok(base64url::encode(bytes))
}

/// The innermost cause: the outer ones only repeat the URL.
fn transport(error: &reqwest::Error) -> FetchError {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    FetchError::Transport(cause.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_https_or_loopback() {
        for good in [
            "https://as.example",
            "https://as.example/tenant",
            "http://127.0.0.1:8080",
            "http://[::1]:1/x",
            "http://localhost:3",
        ] {
            assert!(IssuerUrl::parse(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "as.example",
            "http://as.example",
            "http://10.0.0.1",
            "http://127.0.0.1.evil.example",
            "ftp://as.example",
            "file:///etc",
            "https://as.example?x",
            "https://as.example#x",
            "https://u:p@as.example",
            "data:text/plain,x",
        ] {
            assert!(IssuerUrl::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn plain_http_only_between_loopback_addresses() {
        let public = IssuerUrl::parse("https://as.example").unwrap();
        let local = IssuerUrl::parse("http://127.0.0.1:8080").unwrap();
        assert!(public.allows("https://keys.example/jwks").is_ok());
        assert!(local.allows("http://127.0.0.1:9/jwks").is_ok());
        for bad in [
            "http://127.0.0.1/jwks",
            "http://as.example/jwks",
            "file:///etc/passwd",
            "https://u@as.example/",
            "/jwks",
        ] {
            assert_eq!(public.allows(bad), Err(FetchError::Url), "{bad}");
        }
        assert_eq!(local.allows("http://169.254.169.254/"), Err(FetchError::Url));
    }

    #[test]
    fn the_two_well_known_places() {
        let issuer = IssuerUrl::parse("https://as.example/tenant/").unwrap();
        assert_eq!(
            issuer.below(OPENID_CONFIGURATION_PATH).as_str(),
            "https://as.example/tenant/.well-known/openid-configuration"
        );
        assert_eq!(
            issuer.before(OAUTH_METADATA_PATH).as_str(),
            "https://as.example/.well-known/oauth-authorization-server/tenant"
        );
        let root = IssuerUrl::parse("https://as.example").unwrap();
        assert_eq!(
            root.before(OAUTH_METADATA_PATH).as_str(),
            "https://as.example/.well-known/oauth-authorization-server"
        );
    }
}
