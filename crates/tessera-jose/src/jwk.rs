//! Public JSON Web Keys and sets of them (RFC 7517, RFC 7518 section 6, RFC 8037, RFC 7638).
//!
//! A [`Jwk`] holds public members only: a text with a private one is refused as a whole, because it should
//! never have been sent. Encodings are exact (no leading zero in RSA numbers, full length coordinates), so a
//! key has one thumbprint. Whether the key is good for anything is decided where it is loaded, in
//! [`crate::VerifyingKey::from_jwk`].

mod material;
mod parse;
mod role;
mod set;

use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};

pub use self::material::{Curve, Material};
pub use self::role::{Purpose, Role};
pub use self::set::{JwkSet, MAX_KEYS};
use crate::algorithm::Algorithm;
use crate::json::{self, JsonError};
use crate::{base64url, digest};

/// Why a text is not a public key or a set of public keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwkError {
    /// Not an object with unique names.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A member is missing, of the wrong type, or not in its one exact encoding.
    #[error("JWK member {0:?} is missing or malformed")]
    Member(&'static str),
    /// `d`, `p`, `q`, `dp`, `dq`, `qi`, `oth`, `k`: this was not meant to be published.
    #[error("JWK contains the private member {0:?}")]
    PrivateMember(&'static str),
    /// `kty`, `crv`, `alg` or the purpose is none we know.
    #[error("JWK has an unknown {0:?}")]
    Unknown(&'static str),
    /// Two keys of a set have the same `kid`.
    #[error("two keys of the set have the same kid")]
    DuplicateKid,
    /// More than [`MAX_KEYS`] keys.
    #[error("the key set has too many keys")]
    TooManyKeys,
}

/// One public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jwk {
    material: Material,
    alg: Option<Algorithm>,
    key_use: Option<String>,
    key_ops: Option<Vec<String>>,
    kid: Option<String>,
    role: Option<Role>,
}

impl Jwk {
    /// A key we publish: `use` is `sig` and `kid` the thumbprint.
    pub(crate) fn published(material: Material, alg: Algorithm) -> Self {
        let kid = Some(thumbprint_of(&material));
        Self { material, alg: Some(alg), key_use: Some("sig".to_owned()), key_ops: None, kid, role: None }
    }

    /// Parses one key. Members that are not defined for signatures (`x5c` and its kin among them) are passed
    /// over and forgotten.
    ///
    /// # Errors
    /// [`JwkError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, JwkError> {
        parse::jwk(&json::object(bytes)?)
    }

    /// The numbers of the key.
    pub const fn material(&self) -> &Material {
        &self.material
    }

    /// The one algorithm of the key, if it names one.
    pub const fn alg(&self) -> Option<Algorithm> {
        self.alg
    }

    /// The name of the key, 1 to 256 bytes.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Whether neither `use` nor `key_ops` keeps the key from verifying signatures.
    pub fn may_verify(&self) -> bool {
        self.key_use.as_ref().is_none_or(|key_use| key_use == "sig")
            && self.key_ops.as_ref().is_none_or(|ops| ops.iter().any(|op| op == "verify"))
    }

    /// The same key, published for this purpose alone.
    #[must_use]
    pub fn with_role(self, role: Role) -> Self {
        Self { role: Some(role), ..self }
    }

    /// What the key is for, if it says so; keys of other issuers do not.
    pub const fn role(&self) -> Option<Role> {
        self.role
    }

    /// The RFC 7638 thumbprint with SHA-256, in base64url.
    pub fn thumbprint(&self) -> String {
        thumbprint_of(&self.material)
    }
}

fn thumbprint_of(material: &Material) -> String {
    base64url::encode(digest::sha256(material.canonical().as_bytes()))
}

impl Serialize for Jwk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.material.members(|name, value| map.serialize_entry(name, value))?;
        if let Some(alg) = self.alg {
            map.serialize_entry("alg", alg.as_str())?;
        }
        if let Some(key_use) = &self.key_use {
            map.serialize_entry("use", key_use)?;
        }
        if let Some(ops) = &self.key_ops {
            map.serialize_entry("key_ops", ops)?;
        }
        if let Some(kid) = &self.kid {
            map.serialize_entry("kid", kid)?;
        }
        if let Some(role) = self.role {
            map.serialize_entry(role::PURPOSE, role.purpose.as_str())?;
            map.serialize_entry(role::SIGNS_FROM, &role.signs_from)?;
        }
        map.end()
    }
}
