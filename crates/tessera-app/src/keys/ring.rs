//! The keys in memory, opened and parsed once.

use std::collections::HashMap;
use std::time::Duration;

use tessera_jose::hmac::HmacSha256Key;
use tessera_jose::jwk::{Purpose, Role};
use tessera_jose::{Jwk, SigningKey, VerifyingKey};
use tessera_model::{KeyPurpose, KeyState, StoredKey, Timestamp};

use super::view::signs_from;
use super::{Kek, KeyError};
use crate::grant_tokens::GrantTokens;

/// Everything that signs, verifies, seals or hashes.
pub struct KeyRing {
    signing: HashMap<KeyPurpose, SigningKey>,
    verifying: HashMap<String, (KeyPurpose, VerifyingKey)>,
    published: Vec<Jwk>,
    pub(crate) grant_tokens: GrantTokens,
    pub(crate) client_secrets: HmacSha256Key,
    /// Each sealed text has a key of its own, made from this one.
    pub(crate) seals: HmacSha256Key,
    pub(crate) forms: HmacSha256Key,
    /// Stands for user names as typed, in counters and audit events.
    pub(crate) typed_names: HmacSha256Key,
}

impl KeyRing {
    /// Next keys begin to sign `publish_ahead` of their making.
    pub(crate) fn open(kek: &Kek, stored: &[StoredKey], publish_ahead: Duration) -> Result<Self, KeyError> {
        let mut signing = HashMap::new();
        let mut verifying = HashMap::new();
        let mut published = Vec::new();
        for key in stored {
            let Some(alg) = key.purpose.algorithm() else { continue };
            let private = kek.open_signing_key(key, alg)?;
            if let (Some(jwk), Some(purpose)) = (private.public_jwk(), purpose(key.purpose)) {
                let signs_from = signs_from(key, publish_ahead).seconds();
                published.push(jwk.with_role(Role { purpose, signs_from }));
            }
            match key.state {
                // A next key is published, but what it signs is not accepted yet.
                KeyState::Next => {}
                KeyState::Retired { .. } => {
                    verifying.insert(private.kid().to_owned(), (key.purpose, private.verifying_key()));
                }
                KeyState::Active => {
                    verifying.insert(private.kid().to_owned(), (key.purpose, private.verifying_key()));
                    signing.insert(key.purpose, private);
                }
            }
        }
        let browser = symmetric(kek, stored, KeyPurpose::Browser)?;
        Ok(Self {
            signing,
            verifying,
            published,
            grant_tokens: GrantTokens::new(HmacSha256Key::new(&symmetric(
                kek,
                stored,
                KeyPurpose::GrantTokens,
            )?)),
            client_secrets: HmacSha256Key::new(&symmetric(kek, stored, KeyPurpose::ClientSecrets)?),
            seals: HmacSha256Key::new(&HmacSha256Key::new(&browser).tag(&[b"seals"])),
            forms: HmacSha256Key::new(&HmacSha256Key::new(&browser).tag(&[b"forms"])),
            typed_names: HmacSha256Key::new(&HmacSha256Key::new(&browser).tag(&[b"typed names"])),
        })
    }

    /// The key that signs for this purpose now.
    pub(crate) fn signing(&self, purpose: KeyPurpose) -> Result<&SigningKey, KeyError> {
        self.signing.get(&purpose).ok_or(KeyError::Missing(purpose))
    }

    /// The active or retired key with this `kid`, and what it is for.
    pub(crate) fn verifying(&self, kid: &str) -> Option<&(KeyPurpose, VerifyingKey)> {
        self.verifying.get(kid)
    }

    /// Public parts of all published keys (RFC 7517), each with what it is for and when it begins to sign. What may sign now has
    /// begun to by `now`, even if the clock was ahead when it did.
    pub(crate) fn published(&self, now: Timestamp) -> impl Iterator<Item = Jwk> {
        self.published.iter().cloned().map(move |jwk| match jwk.role() {
            Some(role) if jwk.kid().is_some_and(|kid| self.verifying.contains_key(kid)) => {
                jwk.with_role(Role { signs_from: role.signs_from.min(now.seconds()), ..role })
            }
            _ => jwk,
        })
    }
}

/// What others are told that a key is for.
const fn purpose(purpose: KeyPurpose) -> Option<Purpose> {
    match purpose {
        KeyPurpose::Access(_) => Some(Purpose::AccessToken),
        KeyPurpose::IdToken(_) => Some(Purpose::IdToken),
        KeyPurpose::Feed(_) => Some(Purpose::RevocationRules),
        KeyPurpose::GrantTokens | KeyPurpose::Browser | KeyPurpose::ClientSecrets => None,
    }
}

fn symmetric(
    kek: &Kek,
    stored: &[StoredKey],
    purpose: KeyPurpose,
) -> Result<zeroize::Zeroizing<Vec<u8>>, KeyError> {
    let active = stored.iter().find(|key| key.purpose == purpose && key.state == KeyState::Active);
    kek.open(active.ok_or(KeyError::Missing(purpose))?)
}
