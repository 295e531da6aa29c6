//! The key-encryption key. Without it a stolen database signs nothing.

use tessera_jose::aead::SealingKey;
use tessera_jose::{Algorithm, SigningKey};
use tessera_model::{KeyId, KeyPurpose, StoredKey};
use zeroize::Zeroizing;

use super::KeyError;

/// AES-256-GCM under a key that lives outside the database. Every sealed key is bound to its row and purpose.
pub struct Kek(SealingKey);

impl Kek {
    /// Wraps the 256 bits from the key file.
    pub fn new(bytes: &[u8; 32]) -> Self {
        Self(SealingKey::new(bytes))
    }

    pub(super) fn seal(&self, id: KeyId, purpose: KeyPurpose, nonce: [u8; 12], private: &[u8]) -> Vec<u8> {
        self.0.seal(nonce, &binding(id, purpose), private)
    }

    pub(crate) fn open(&self, key: &StoredKey) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        self.0.open(&binding(key.id, key.purpose), &key.sealed).map_err(|_| KeyError::Sealed(key.id))
    }

    /// Seals a row that is no key. `binding` says which row: it opens nowhere else. Nonces are random, so at most 2^32 rows may be sealed.
    pub(crate) fn seal_for(&self, binding: &str, nonce: [u8; 12], plain: &[u8]) -> Vec<u8> {
        self.0.seal(nonce, binding.as_bytes(), plain)
    }

    /// Opens what was sealed for this row.
    pub(crate) fn open_for(&self, binding: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        self.0.open(binding.as_bytes(), sealed).ok()
    }

    pub(super) fn open_signing_key(&self, key: &StoredKey, alg: Algorithm) -> Result<SigningKey, KeyError> {
        Ok(SigningKey::from_pkcs8(alg, &self.open(key)?)?)
    }
}

/// The key of codes and refresh tokens was sealed as `tickets` before it had its present name, and stays readable.
fn binding(id: KeyId, purpose: KeyPurpose) -> Vec<u8> {
    match purpose {
        KeyPurpose::GrantTokens => format!("tessera key {id} tickets").into_bytes(),
        other => format!("tessera key {id} {other}").into_bytes(),
    }
}
