//! One public key and how it is published.

use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};

use super::material::Material;
use super::role::{self, Role};
use crate::algorithm::Algorithm;
use crate::{base64url, digest};

/// One public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jwk {
    pub(super) material: Material,
    pub(super) alg: Option<Algorithm>,
    pub(super) key_use: Option<String>,
    pub(super) key_ops: Option<Vec<String>>,
    pub(super) kid: Option<String>,
    pub(super) role: Option<Role>,
}

impl Jwk {
    /// A key that we publish. Its `use` is `sig` and its `kid` is the thumbprint.
    pub(crate) fn published(material: Material, alg: Algorithm) -> Self {
        let kid = Some(thumbprint_of(&material));
        Self { material, alg: Some(alg), key_use: Some("sig".to_owned()), key_ops: None, kid, role: None }
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

    /// Whether `use` and `key_ops`, where present, allow the key to verify signatures.
    pub fn may_verify(&self) -> bool {
        self.key_use.as_ref().is_none_or(|key_use| key_use == "sig")
            && self.key_ops.as_ref().is_none_or(|ops| ops.iter().any(|op| op == "verify"))
    }

    /// The same key, published with this role.
    #[must_use]
    pub fn with_role(self, role: Role) -> Self {
        Self { role: Some(role), ..self }
    }

    /// What the key is for, if it says so. Keys of other issuers do not.
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
