//! Keys of the issuer. There is one for each purpose and algorithm. They rotate on schedule and are encrypted at rest.

use std::fmt;
use std::time::Duration;

use tessera_jose::Algorithm;

use crate::{KeyId, Timestamp};

/// What a key is for. A key never serves two purposes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyPurpose {
    /// Signs access tokens (RFC 9068).
    Access(Algorithm),
    /// Signs ID tokens (OIDC core section 2).
    IdToken(Algorithm),
    /// Signs the revocation rules for verifiers.
    Feed(Algorithm),
    /// MACs codes and refresh tokens.
    GrantTokens,
    /// Seals data that travels through the browser, such as the authorization request behind a login page.
    Browser,
    /// Hashes client secrets, and seals the secrets of authenticators, by a key that is made of it. A restore keeps it.
    ClientSecrets,
}

impl KeyPurpose {
    /// Stable text form, e.g. `access:ES256`.
    pub fn name(self) -> String {
        match self {
            Self::Access(alg) => format!("access:{alg}"),
            Self::IdToken(alg) => format!("id_token:{alg}"),
            Self::Feed(alg) => format!("feed:{alg}"),
            Self::GrantTokens => "grant_tokens".to_owned(),
            Self::Browser => "browser".to_owned(),
            Self::ClientSecrets => "client_secrets".to_owned(),
        }
    }

    /// Reads [`KeyPurpose::name`].
    pub fn parse(name: &str) -> Option<Self> {
        match name.split_once(':') {
            Some(("access", alg)) => alg.parse().ok().map(Self::Access),
            Some(("id_token", alg)) => alg.parse().ok().map(Self::IdToken),
            Some(("feed", alg)) => alg.parse().ok().map(Self::Feed),
            Some(_) => None,
            None => match name {
                "grant_tokens" => Some(Self::GrantTokens),
                "browser" => Some(Self::Browser),
                "client_secrets" => Some(Self::ClientSecrets),
                _ => None,
            },
        }
    }

    /// The signature algorithm, if keys of this purpose sign.
    pub const fn algorithm(self) -> Option<Algorithm> {
        match self {
            Self::Access(alg) | Self::IdToken(alg) | Self::Feed(alg) => Some(alg),
            Self::GrantTokens | Self::Browser | Self::ClientSecrets => None,
        }
    }

    /// Whether others verify with it. Such keys are published, and pass through `next` and `retired`.
    pub const fn is_published(self) -> bool {
        self.algorithm().is_some()
    }
}

impl fmt::Display for KeyPurpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

/// The state of a key. It only moves down this list (invariant I4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Published, so that verifiers know the key before it signs.
    Next,
    /// Signs.
    Active,
    /// No longer signs. It stays published until its last token has expired.
    Retired {
        /// Since when.
        at: Timestamp,
    },
}

/// A key as stored. The private part is sealed under the key-encryption key.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredKey {
    /// The id of the row. The seal of the private part covers it.
    pub id: KeyId,
    /// The purpose of the key.
    pub purpose: KeyPurpose,
    /// The state of the key.
    pub state: KeyState,
    /// Sealed private part.
    pub sealed: Vec<u8>,
    /// When the key was generated. From then on a published key is in the JWKS.
    pub created_at: Timestamp,
    /// When the key became active.
    pub activated_at: Option<Timestamp>,
    /// When the next step of the key is due, as the server that moves keys on has planned it: that it signs, that it gets a
    /// successor or retires, that it is removed.
    pub due_at: Option<Timestamp>,
}

impl fmt::Debug for StoredKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoredKey({} {} {:?})", self.id, self.purpose, self.state)
    }
}

/// Most keys that are published: as many as a verifier reads.
pub const MAX_PUBLISHED: usize = tessera_jose::jwk::MAX_KEYS;
/// How many purposes may have published keys: access tokens of five algorithms, ID tokens of four, and the revocation rules.
pub const PUBLISHED_PURPOSES: u64 = 10;

/// The rotation schedule.
#[derive(Clone, Copy, Debug)]
pub struct RotationSchedule {
    /// How long a key signs (default 90 days).
    pub period: Duration,
    /// How long a key is published before it signs (default 1 day). At least the time for which verifiers cache the JWKS.
    pub publish_ahead: Duration,
    /// How long a retired key stays published (default 2 days). At least the longest token lifetime plus the clock leeway.
    pub retire_for: Duration,
}

impl RotationSchedule {
    /// Most keys that are published at a time, if there are keys for so many purposes: for each, one that signs, its successor, and
    /// those that retired not long ago.
    pub fn most_published(&self, purposes: u64) -> u64 {
        let retired = self.retire_for.as_secs().div_ceil(self.period.as_secs().max(1));
        purposes.saturating_mul(retired.saturating_add(2))
    }
}

impl Default for RotationSchedule {
    fn default() -> Self {
        const DAY: u64 = 86_400;
        Self {
            period: Duration::from_secs(90 * DAY),
            publish_ahead: Duration::from_secs(DAY),
            retire_for: Duration::from_secs(2 * DAY),
        }
    }
}
