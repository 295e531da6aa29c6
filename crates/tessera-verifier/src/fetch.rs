//! What the verifier asks the issuer over HTTP: metadata (RFC 8414, OpenID Connect Discovery), keys, revocation rules.
//!
//! `tessera-fetch` sends the requests and holds their limits. The operator chooses the issuer, so it may be in a private network.
//! Nothing from a token ever becomes a URL.

use std::sync::Arc;

use tessera_fetch::{Fetch, HeaderValue, IssuerUrl, Request, Url, header};
use tessera_jose::{JwkSet, MAX_DOCUMENT_LEN, base64url, json};
use tessera_oauth::endpoint::{OAUTH_METADATA_PATH, OPENID_CONFIGURATION_PATH, REVOCATION_RULES_PATH};
use tessera_oauth::metadata::AuthorizationServerMetadata;

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

impl From<tessera_fetch::FetchError> for FetchError {
    fn from(error: tessera_fetch::FetchError) -> Self {
        use tessera_fetch::FetchError as Port;
        match error {
            Port::Url | Port::Address => Self::Url,
            Port::TimedOut => Self::Transport(error.to_string()),
            Port::Transport(cause) => Self::Transport(cause),
            Port::Redirected => Self::Redirected,
            Port::TooLarge => Self::TooLarge,
        }
    }
}

/// The issuer, as seen from here.
#[derive(Debug)]
pub(crate) struct Issuer {
    /// Byte for byte as in `iss`.
    pub(crate) name: String,
    pub(crate) url: IssuerUrl,
    pub(crate) fetch: Arc<dyn Fetch>,
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
        Ok(self.url.allows(&metadata.jwks_uri)?)
    }

    /// The published keys.
    pub(crate) async fn keys(&self, jwks_uri: Url) -> Result<JwkSet, FetchError> {
        let bytes = self.get(jwks_uri, MAX_KEYS).await?;
        JwkSet::parse(&bytes).map_err(|_| FetchError::Malformed("key set"))
    }

    /// Signed revocation rules after number `after`; the answer repeats the nonce.
    pub(crate) async fn rules(&self, after: i64, nonce: &str) -> Result<String, FetchError> {
        let mut url = self.url.below(REVOCATION_RULES_PATH);
        url.set_query(Some(&format!("after={after}&nonce={nonce}")));
        let bytes = self.get(url, MAX_DOCUMENT_LEN).await?;
        String::from_utf8(bytes).map_err(|_| FetchError::Malformed("revocation rules"))
    }

    async fn get(&self, url: Url, limit: usize) -> Result<Vec<u8>, FetchError> {
        let fresh = HeaderValue::from_static("no-cache");
        let request = Request::get(url).header(header::CACHE_CONTROL, fresh).max_response(limit);
        let response = self.fetch.fetch(request).await?;
        if response.status == 200 { Ok(response.body) } else { Err(FetchError::Status(response.status)) }
    }
}

/// A value that no earlier question carried and nobody can guess.
#[expect(
    clippy::disallowed_methods,
    reason = "the adapter: a nonce is for this exchange alone and decides nothing"
)]
pub(crate) fn nonce() -> Result<String, FetchError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| FetchError::Transport(error.to_string()))?;
    Ok(base64url::encode(bytes))
}
