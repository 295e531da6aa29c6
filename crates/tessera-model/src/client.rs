//! Applications and services that ask for tokens (RFC 6749 section 2).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tessera_jose::Algorithm;
use tessera_oauth::redirect::RedirectUri;
use tessera_oauth::scope::ScopeSet;
use tessera_oauth::token::GrantType;

use crate::settings::{Version, known_word, known_words};
use crate::{Digest, Timestamp, id::InvalidId};

/// `client_id`: 1..=128 of `a-z A-Z 0-9 . _ -`. Never a UUID, so that it cannot be mistaken for a person's `sub`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClientId(String);

/// The text is not a client id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a client id: use 1 to 128 of a-z, A-Z, 0-9 and . _ - (and not a UUID)")]
pub struct InvalidClientId;

impl ClientId {
    /// The id as it stands on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ClientId {
    type Err = InvalidClientId;

    fn from_str(text: &str) -> Result<Self, InvalidClientId> {
        let allowed = |c: u8| c.is_ascii_alphanumeric() || b"._-".contains(&c);
        let looks_like_a_subject = text.to_ascii_lowercase().parse::<crate::UserId>() != Err(InvalidId);
        if text.is_empty() || text.len() > 128 || !text.bytes().all(allowed) || looks_like_a_subject {
            return Err(InvalidClientId);
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for ClientId {
    type Error = InvalidClientId;

    fn try_from(text: String) -> Result<Self, InvalidClientId> {
        text.parse()
    }
}

impl From<ClientId> for String {
    fn from(id: ClientId) -> Self {
        id.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What kind of program it is; decides which settings are allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientKind {
    /// Server-side web application: confidential, redirects over HTTPS.
    Web,
    /// Single-page application: public.
    Spa,
    /// Mobile or desktop application (RFC 8252): public, loopback or private-use redirects.
    Native,
    /// Machine without a person: confidential, client credentials only.
    Service,
}

impl ClientKind {
    /// Whether the program can keep a secret (RFC 6749 section 2.1).
    pub const fn is_confidential(self) -> bool {
        match self {
            Self::Web | Self::Service => true,
            Self::Spa | Self::Native => false,
        }
    }
}

/// How the client proves itself at the token endpoint (OIDC core section 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthMethod {
    /// Public client.
    None,
    /// By its secret, in HTTP Basic or in the form body.
    ClientSecret,
    /// By its secret, in HTTP Basic only.
    ClientSecretBasic,
    /// By its secret, in the form body only.
    ClientSecretPost,
    /// A newer version chose a method that this one does not know. Nobody can authenticate by it here.
    #[serde(other)]
    Unknown,
}

/// Whether an authorization request needs a PKCE challenge (RFC 7636, policy P2). A challenge that was sent is always verified.
/// Public clients and private-use redirect URIs need one whatever this says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PkcePolicy {
    /// Not until the client has proven a challenge once; always from then on (RFC 9700 section 2.1.1).
    Auto,
    /// Always.
    Required,
    /// Never.
    Off,
    /// A newer version chose a policy that this one does not know. Counts as [`PkcePolicy::Required`].
    #[serde(other)]
    Unknown,
}

/// When a client with the `refresh_token` grant type gets refresh tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefreshTokens {
    /// Always. Without `offline_access` they end with the session.
    #[default]
    Always,
    /// Only where `offline_access` was granted (OIDC core section 11).
    OfflineAccess,
    /// A newer version chose a policy that this one does not know. Counts as never.
    #[serde(other)]
    Unknown,
}

/// Whether the client may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientStatus {
    /// In use.
    Active,
    /// Turned off by an administrator; its grants have been revoked.
    Disabled {
        /// Since when.
        at: Timestamp,
    },
}

/// One live secret of a client. Two may overlap while a deployment changes over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientSecret {
    /// HMAC-SHA256 of the secret under the issuer's secret-hash key.
    pub digest: Digest,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working; `None` for the newest.
    pub expires_at: Option<Timestamp>,
    /// `false` where a newer version stored something about it that this one does not know. It opens nothing here.
    pub understood: bool,
}

impl ClientSecret {
    /// A new one.
    pub const fn new(digest: Digest, now: Timestamp) -> Self {
        Self { digest, created_at: now, expires_at: None, understood: true }
    }
}

/// Most secrets that work at the same time.
pub const MAX_LIVE_SECRETS: usize = 2;

/// An application or service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// `client_id`.
    pub id: ClientId,
    /// What kind of program it is.
    pub kind: ClientKind,
    /// Shown on the consent page, at most 100 characters.
    pub name: String,
    /// Whether it may be used.
    pub status: ClientStatus,
    /// Everything an administrator chooses.
    pub settings: ClientSettings,
    /// Live secrets, newest first, at most [`MAX_LIVE_SECRETS`]; empty for public clients.
    pub secrets: Vec<ClientSecret>,
    /// When it first proved a PKCE challenge with its secret, on an https redirect URI; counts under [`PkcePolicy::Auto`].
    pub pkce_proven_at: Option<Timestamp>,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When any of this last changed.
    pub updated_at: Timestamp,
}

/// What an administrator chooses for a client; stored as one JSON document. See [`crate::settings`] for documents of other
/// versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "ClientDocument")]
pub struct ClientSettings {
    /// Registered redirect URIs, compared byte for byte (policy P7).
    pub redirect_uris: Vec<RedirectUri>,
    /// Where logout may send the browser.
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// Grant types it may use.
    pub grant_types: Vec<GrantType>,
    /// How it authenticates; nothing else is accepted.
    pub auth_method: ClientAuthMethod,
    /// Scopes it may ask for, of OpenID Connect and of all its APIs.
    pub scopes: ScopeSet,
    /// Audiences of the APIs it may ask tokens for.
    pub audiences: Vec<String>,
    /// Whether its authorization requests need a PKCE challenge (policy P2).
    pub pkce: PkcePolicy,
    /// Signature of its ID tokens. `None` for an algorithm that this version does not know: the client gets no ID token here.
    pub id_token_signed_response_alg: Option<Algorithm>,
    /// Ask the person before the first token (remembered). `false` only for first-party applications.
    pub require_consent: bool,
    /// Put the claims of the granted scopes into ID tokens too, for applications that do not ask the `UserInfo` endpoint.
    pub id_token_claims: bool,
    /// Ask the person before a logout that the client begins with a good `id_token_hint`. `false` only for applications that
    /// ask themselves.
    pub confirm_logout: bool,
    /// Access-token lifetime instead of the API's, if shorter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token_seconds: Option<u32>,
    /// When it gets refresh tokens.
    pub refresh_tokens: RefreshTokens,
    /// Fields of the stored document that this version does not know, or whose values it does not know. Never written.
    #[serde(skip_serializing)]
    pub not_understood: BTreeSet<String>,
}

/// The settings as a document of any version has them.
#[derive(Deserialize)]
struct ClientDocument {
    #[serde(default, rename = "version")]
    _version: Version,
    redirect_uris: Vec<RedirectUri>,
    post_logout_redirect_uris: Vec<RedirectUri>,
    grant_types: Vec<String>,
    auth_method: ClientAuthMethod,
    scopes: ScopeSet,
    audiences: Vec<String>,
    pkce: PkcePolicy,
    id_token_signed_response_alg: String,
    require_consent: bool,
    #[serde(default)]
    id_token_claims: bool,
    #[serde(default = "yes")]
    confirm_logout: bool,
    #[serde(default)]
    access_token_seconds: Option<u32>,
    #[serde(default)]
    refresh_tokens: RefreshTokens,
    #[serde(flatten)]
    unknown: BTreeMap<String, Value>,
}

const fn yes() -> bool {
    true
}

impl From<ClientDocument> for ClientSettings {
    fn from(document: ClientDocument) -> Self {
        let mut not_understood: BTreeSet<String> = document.unknown.into_keys().collect();
        let mut doubt = |name: &str, known: bool| {
            if !known {
                not_understood.insert(name.to_owned());
            }
        };
        doubt("auth_method", document.auth_method != ClientAuthMethod::Unknown);
        doubt("pkce", document.pkce != PkcePolicy::Unknown);
        doubt("refresh_tokens", document.refresh_tokens != RefreshTokens::Unknown);
        let id_token_signed_response_alg = known_word(&document.id_token_signed_response_alg);
        doubt("id_token_signed_response_alg", id_token_signed_response_alg.is_some());
        let grant_types: Vec<_> = known_words(&document.grant_types);
        doubt("grant_types", grant_types.len() == document.grant_types.len());
        Self {
            redirect_uris: document.redirect_uris,
            post_logout_redirect_uris: document.post_logout_redirect_uris,
            grant_types,
            auth_method: document.auth_method,
            scopes: document.scopes,
            audiences: document.audiences,
            pkce: document.pkce,
            id_token_signed_response_alg,
            require_consent: document.require_consent,
            id_token_claims: document.id_token_claims,
            confirm_logout: document.confirm_logout,
            access_token_seconds: document.access_token_seconds,
            refresh_tokens: document.refresh_tokens,
            not_understood,
        }
    }
}

impl Client {
    /// Whether it may be used.
    pub const fn is_active(&self) -> bool {
        match self.status {
            ClientStatus::Active => true,
            ClientStatus::Disabled { .. } => false,
        }
    }

    /// Whether it may use this grant type.
    pub fn allows(&self, grant_type: GrantType) -> bool {
        self.settings.grant_types.contains(&grant_type)
    }

    /// Whether its requests need a PKCE challenge, apart from the redirect URI and the policy of the issuer (policy P2).
    pub const fn needs_pkce(&self) -> bool {
        match self.settings.pkce {
            _ if !self.kind.is_confidential() => true,
            PkcePolicy::Auto => self.pkce_proven_at.is_some(),
            PkcePolicy::Required | PkcePolicy::Unknown => true,
            PkcePolicy::Off => false,
        }
    }

    /// Whether it gets refresh tokens for a grant that is `offline` or not.
    pub fn may_refresh(&self, offline: bool) -> bool {
        let wanted = match self.settings.refresh_tokens {
            RefreshTokens::Always => true,
            RefreshTokens::OfflineAccess => offline,
            RefreshTokens::Unknown => false,
        };
        wanted && self.allows(GrantType::RefreshToken)
    }

    /// Digests of the secrets that work at `now`.
    pub fn live_secrets(&self, now: Timestamp) -> impl Iterator<Item = &Digest> {
        let live = move |s: &&ClientSecret| s.understood && s.expires_at.is_none_or(|at| now < at);
        self.secrets.iter().filter(live).map(|s| &s.digest)
    }

    /// Puts a new secret in front; the previous one keeps working for `overlap`, older ones stop.
    pub fn rotate_secret(&mut self, digest: Digest, now: Timestamp, overlap: Duration) {
        self.secrets.retain(|s| s.expires_at.is_none_or(|at| now < at));
        self.secrets.truncate(MAX_LIVE_SECRETS - 1);
        for previous in &mut self.secrets {
            let limit = now.after(overlap);
            previous.expires_at = Some(previous.expires_at.map_or(limit, |at| at.min(limit)));
        }
        self.secrets.insert(0, ClientSecret::new(digest, now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn j28_a_client_id_never_looks_like_a_person() {
        assert!("8f14e45f-ceea-467f-a1d3-6f1c2b0e9a77".parse::<ClientId>().is_err());
        assert!("8F14E45F-CEEA-467F-A1D3-6F1C2B0E9A77".parse::<ClientId>().is_err());
        assert!("demo-web".parse::<ClientId>().is_ok());
        assert!("a:b".parse::<ClientId>().is_err());
    }
}
