//! A set of public keys (RFC 7517 section 5).

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use super::error::JwkError;
use super::parse;
use super::public_key::Jwk;
use crate::json;

/// The most keys that a set may have. [`json::MAX_LEN`] bounds its length in bytes.
pub const MAX_KEYS: usize = 64;

/// A set of public keys. It serialises to the document at `jwks_uri`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct JwkSet {
    /// The keys, in order.
    pub keys: Vec<Jwk>,
}

impl JwkSet {
    /// A set to publish.
    pub const fn new(keys: Vec<Jwk>) -> Self {
        Self { keys }
    }

    /// Parses a set. Keys of an unknown kind are left out (RFC 7517 section 5). One malformed or private key refuses the whole
    /// set.
    ///
    /// # Errors
    /// [`JwkError`], never `Unknown`.
    pub fn parse(bytes: &[u8]) -> Result<Self, JwkError> {
        let object = json::object(bytes)?;
        let values = object.get("keys").and_then(Value::as_array).ok_or(JwkError::Member("keys"))?;
        if values.len() > MAX_KEYS {
            return Err(JwkError::TooManyKeys);
        }
        let mut set = Self::default();
        for value in values {
            match parse::jwk(value.as_object().ok_or(JwkError::Member("keys"))?) {
                Ok(jwk) => set.keys.push(jwk),
                Err(JwkError::Unknown(_)) => {}
                Err(refused) => return Err(refused),
            }
        }
        let mut kids = BTreeSet::new();
        if set.keys.iter().filter_map(Jwk::kid).all(|kid| kids.insert(kid)) {
            Ok(set)
        } else {
            Err(JwkError::DuplicateKid)
        }
    }
}
