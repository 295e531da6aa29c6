//! The keys in memory, opened and parsed once.

use std::collections::HashMap;

use tessera_jose::aead::SealingKey;
use tessera_jose::hmac::HmacSha256Key;
use tessera_jose::jwk::{Purpose, Role};
use tessera_jose::{Jwk, SigningKey, VerifyingKey};
use tessera_model::key::{MAX_PUBLISHED, RotationSchedule};
use tessera_model::{KeyPurpose, KeyState, StoredKey, Timestamp};

use super::view::signs_from;
use super::{Kek, KeyError};
use crate::grant_tokens::GrantTokens;
use crate::sid::Sids;

/// A public key, and until when it is published.
struct PublishedKey {
    jwk: Jwk,
    /// `None` while it signs or is about to.
    retired_at: Option<Timestamp>,
    until: Option<Timestamp>,
}

/// Everything that signs, verifies, seals or hashes.
pub struct KeyRing {
    signing: HashMap<KeyPurpose, SigningKey>,
    verifying: HashMap<String, (KeyPurpose, VerifyingKey)>,
    published: Vec<PublishedKey>,
    pub(crate) grant_tokens: GrantTokens,
    pub(crate) client_secrets: HmacSha256Key,
    /// Each sealed text has a key of its own, made from this one.
    pub(crate) seals: HmacSha256Key,
    pub(crate) forms: HmacSha256Key,
    pub(crate) sids: Sids,
    /// Stands for user names as typed, in counters and audit events.
    pub(crate) typed_names: HmacSha256Key,
    pub(crate) recovery_codes: HmacSha256Key,
    /// Seals the secrets of authenticators.
    pub(crate) authenticators: SealingKey,
}

impl KeyRing {
    /// Next keys begin to sign, and retired keys leave the published set, by this schedule.
    pub(crate) fn open(
        kek: &Kek,
        stored: &[StoredKey],
        schedule: &RotationSchedule,
    ) -> Result<Self, KeyError> {
        let mut signing = HashMap::new();
        let mut verifying = HashMap::new();
        let mut published = Vec::new();
        for key in stored {
            let Some(alg) = key.purpose.algorithm() else { continue };
            let private = kek.open_signing_key(key, alg)?;
            if let (Some(jwk), Some(purpose)) = (private.public_jwk(), purpose(key.purpose)) {
                let signs_from = signs_from(key, schedule.publish_ahead).seconds();
                let jwk = jwk.with_role(Role { purpose, signs_from });
                let retired_at = match key.state {
                    KeyState::Retired { at } => Some(at),
                    KeyState::Next | KeyState::Active => None,
                };
                let until = retired_at.map(|at| at.after(schedule.retire_for));
                published.push(PublishedKey { jwk, retired_at, until });
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
        let kept = HmacSha256Key::new(&symmetric(kek, stored, KeyPurpose::ClientSecrets)?);
        Ok(Self {
            signing,
            verifying,
            published,
            grant_tokens: GrantTokens::new(HmacSha256Key::new(&symmetric(
                kek,
                stored,
                KeyPurpose::GrantTokens,
            )?)),
            seals: HmacSha256Key::new(&HmacSha256Key::new(&browser).tag(&[b"seals"])),
            forms: HmacSha256Key::new(&HmacSha256Key::new(&browser).tag(&[b"forms"])),
            sids: Sids::new(HmacSha256Key::new(&HmacSha256Key::new(&browser).tag(&[b"sids"]))),
            typed_names: HmacSha256Key::new(&HmacSha256Key::new(&browser).tag(&[b"typed names"])),
            recovery_codes: HmacSha256Key::new(&HmacSha256Key::new(&browser).tag(&[b"recovery codes"])),
            // No secret holds a zero byte, so no hash of one is this key.
            authenticators: SealingKey::new(&kept.tag(&[b"\0authenticators"])),
            client_secrets: kept,
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
    /// begun to by `now`, even if the clock was ahead when it did. If there are more than [`MAX_PUBLISHED`], those that retired first
    /// are left out.
    pub(crate) fn published(&self, now: Timestamp) -> Vec<Jwk> {
        let is_published = |key: &&PublishedKey| key.until.is_none_or(|until| now < until);
        let mut keys: Vec<_> = self.published.iter().filter(is_published).collect();
        if keys.len() > MAX_PUBLISHED {
            keys.sort_by_key(|key| (key.retired_at.is_some(), std::cmp::Reverse(key.retired_at)));
            keys.truncate(MAX_PUBLISHED);
        }
        let jwks = keys.into_iter().map(|key| key.jwk.clone());
        let told = jwks.map(|jwk| match jwk.role() {
            Some(role) if jwk.kid().is_some_and(|kid| self.verifying.contains_key(kid)) => {
                jwk.with_role(Role { signs_from: role.signs_from.min(now.seconds()), ..role })
            }
            _ => jwk,
        });
        told.collect()
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
