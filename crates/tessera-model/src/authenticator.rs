//! What a person proves themselves with, beside a password. Each belongs to exactly one person.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{AuthenticatorId, Proof, ProofMethod, ProofProperty, Timestamp, UserId};

/// How many authenticators a person may have.
pub const MAX_AUTHENTICATORS: usize = 20;

/// An authenticator of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authenticator {
    /// The id of the row. The seal of a secret covers it.
    pub id: AuthenticatorId,
    /// Whose it is.
    pub user_id: UserId,
    /// What its person calls it.
    pub name: AuthenticatorName,
    /// What it is.
    pub kind: AuthenticatorKind,
    /// How far it has counted: the signature counter of a security key, the last step of a code that follows the time, or how many codes
    /// of a counter are used up, which is the counter of the next one. It never goes back.
    pub counter: i64,
    /// When it was enrolled.
    pub created_at: Timestamp,
    /// When it was last used for a login.
    pub last_used_at: Option<Timestamp>,
}

impl Authenticator {
    /// The most that its person can prove with it, as far as its enrolment has shown. `None` for a kind that this version does not know.
    pub fn strongest_proof(&self, at: Timestamp) -> Option<Proof> {
        let (method, properties) = match &self.kind {
            AuthenticatorKind::WebAuthn(credential) => {
                let verifies = credential.user_verified.then_some(ProofProperty::UserVerified);
                (ProofMethod::WebAuthn, credential.properties().chain(verifies).collect())
            }
            AuthenticatorKind::Totp(_) => (ProofMethod::Totp, [].into()),
            AuthenticatorKind::Hotp(_) => (ProofMethod::Hotp, [].into()),
            AuthenticatorKind::Other(_) => return None,
        };
        Some(Proof { authenticator: Some(self.id), properties, ..Proof::new(method, at) })
    }
}

/// What an authenticator is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthenticatorKind {
    /// A passkey or a security key.
    WebAuthn(WebAuthnCredential),
    /// An app or a fob whose codes follow the time.
    Totp(TotpSecret),
    /// A fob whose codes follow a counter.
    Hotp(HotpSecret),
    /// A kind of a newer version. It is kept, and nobody can use it.
    Other(String),
}

impl AuthenticatorKind {
    /// Stable text form.
    pub fn as_str(&self) -> &str {
        match self {
            Self::WebAuthn(_) => "webauthn",
            Self::Totp(_) => "totp",
            Self::Hotp(_) => "hotp",
            Self::Other(name) => name,
        }
    }

    /// The dates of a key fob. `None` for whatever is none.
    pub const fn fob(&self) -> Option<FobDates> {
        match self {
            Self::Totp(secret) => secret.fob,
            Self::Hotp(secret) => Some(secret.fob),
            Self::WebAuthn(_) | Self::Other(_) => None,
        }
    }

    /// The same with another sealed secret. Nothing else has one.
    #[must_use]
    pub fn with_sealed(self, sealed: Vec<u8>) -> Self {
        match self {
            Self::Totp(secret) => Self::Totp(TotpSecret { sealed, ..secret }),
            Self::Hotp(secret) => Self::Hotp(HotpSecret { sealed, ..secret }),
            Self::WebAuthn(_) | Self::Other(_) => self,
        }
    }
}

/// A public key credential (WebAuthn level 3 section 4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebAuthnCredential {
    /// Its id. No two people have the same.
    #[serde(skip)]
    pub credential_id: Vec<u8>,
    /// The public key in COSE, byte for byte as the authenticator wrote it.
    #[serde(with = "base64url")]
    pub public_key: Vec<u8>,
    /// Whether the authenticator has verified its person at least once, so that it can.
    pub user_verified: bool,
    /// Whether the key may be copied to other devices. It never changes.
    pub backup_eligible: bool,
    /// Whether the key had been copied when it was last used.
    pub backed_up: bool,
    /// Whether it can name its person, so that no user name is needed. `None` if the browser did not tell.
    #[serde(default)]
    pub discoverable: Option<bool>,
    /// How browsers reach it, in their words. It is a hint.
    pub transports: Vec<String>,
    /// The model that it claims to be (AAGUID), as a UUID. Zeros if it does not tell.
    pub aaguid: String,
    /// Whether a chain of certificates that was verified says that the key is in hardware.
    #[serde(default)]
    pub hardware_attested: bool,
}

impl WebAuthnCredential {
    /// What every proof with it says.
    pub fn properties(&self) -> impl Iterator<Item = ProofProperty> {
        let copied = self.backup_eligible.then_some(ProofProperty::BackupEligible);
        let attested = self.hardware_attested.then_some(ProofProperty::HardwareAttested);
        copied.into_iter().chain(attested)
    }
}

/// The secret of codes that follow the time (RFC 6238), and how the codes are made.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TotpSecret {
    /// The secret, sealed under a key that is not in the database.
    #[serde(skip)]
    pub sealed: Vec<u8>,
    /// The hash, as the database and `otpauth` URIs name it: `SHA1`, `SHA256`, `SHA512`.
    pub algorithm: String,
    /// How many digits a code has.
    pub digits: u8,
    /// How long a code is shown, in seconds.
    pub period: u32,
    /// By how many steps its clock is known to be ahead; negative if it is behind. Apps have the time of a telephone, so it is kept for
    /// fobs alone.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub drift: i64,
    /// The dates of a key fob. `None` for an app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fob: Option<FobDates>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
const fn is_zero(drift: &i64) -> bool {
    *drift == 0
}

/// The secret of codes that follow a counter (RFC 4226), and how the codes are made.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HotpSecret {
    /// The secret, sealed under a key that is not in the database.
    #[serde(skip)]
    pub sealed: Vec<u8>,
    /// The hash, as the database and `otpauth` URIs name it: `SHA1`, `SHA256`, `SHA512`.
    pub algorithm: String,
    /// How many digits a code has.
    pub digits: u8,
    /// The dates of the fob.
    #[serde(default)]
    pub fob: FobDates,
}

impl fmt::Debug for HotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HotpSecret({}, {} digits)", self.algorithm, self.digits)
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TotpSecret({}, {} digits, {} s)", self.algorithm, self.digits, self.period)
    }
}

/// When the codes of a fob count, by the word of whoever made it (RFC 6030 sections 4.3.1 and 5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FobDates {
    /// Not before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Timestamp>,
    /// Not from this moment on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry: Option<Timestamp>,
}

impl FobDates {
    /// Whether codes count at this moment.
    pub fn allow(&self, now: Timestamp) -> bool {
        self.start.is_none_or(|start| start <= now) && self.expiry.is_none_or(|expiry| now < expiry)
    }
}

/// The name of an authenticator: one line of 1 to 60 characters, without spaces around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthenticatorName(String);

/// The text is no name of an authenticator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a name: use 1 to 60 characters on one line")]
pub struct InvalidAuthenticatorName;

impl AuthenticatorName {
    /// The longest name, in characters.
    pub const MAX_LEN: usize = 60;

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AuthenticatorName {
    type Err = InvalidAuthenticatorName;

    fn from_str(text: &str) -> Result<Self, InvalidAuthenticatorName> {
        let text = text.trim();
        let fits = (1..=Self::MAX_LEN).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        if fits { Ok(Self(text.to_owned())) } else { Err(InvalidAuthenticatorName) }
    }
}

/// Bytes as base64url text, in a document.
mod base64url {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        URL_SAFE_NO_PAD.decode(text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_and_not_empty() {
        assert_eq!(" Key 1 ".parse::<AuthenticatorName>().unwrap().as_str(), "Key 1");
        assert!("ü".repeat(60).parse::<AuthenticatorName>().is_ok());
        for bad in ["", "  ", "a\nb", "\u{7f}", &"ü".repeat(61)] {
            assert_eq!(bad.parse::<AuthenticatorName>(), Err(InvalidAuthenticatorName), "{bad:?}");
        }
    }

    #[test]
    fn a_secret_shows_nothing_when_it_is_printed() {
        let (sealed, algorithm) = (vec![7; 40], "SHA1".to_owned());
        let secret = TotpSecret {
            sealed: sealed.clone(),
            algorithm: algorithm.clone(),
            digits: 6,
            period: 30,
            drift: 0,
            fob: None,
        };
        let hotp = HotpSecret { sealed, algorithm, digits: 6, fob: FobDates::default() };
        assert_eq!(format!("{hotp:?}"), "HotpSecret(SHA1, 6 digits)");
        assert_eq!(format!("{secret:?}"), "TotpSecret(SHA1, 6 digits, 30 s)");
    }

    #[test]
    fn codes_count_from_the_start_until_the_expiry() {
        let at = Timestamp::from_seconds;
        let dates = FobDates { start: Some(at(5)), expiry: Some(at(9)) };
        assert_eq!([4, 5, 8, 9].map(|now| dates.allow(at(now))), [false, true, true, false]);
        assert!(FobDates::default().allow(at(0)));
    }
}
