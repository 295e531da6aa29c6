//! Protects the parts of a backup. With a passphrase: AES-256-GCM under a key from argon2id (RFC 9106). Without one: SHA-256,
//! which only detects damage.
//!
//! Each part is bound to its file and its number, so none can be changed, left out, repeated, or taken from another file. The
//! last part says that it is the last.

use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use tessera_jose::SealingKey;
use tessera_jose::digest::sha256;
use tessera_model::PlainPassword;
use zeroize::Zeroizing;

use super::error::FormatError;
use crate::hasher::Hashing;

/// How the parts of a file are protected. Stands at its beginning, readable for everybody.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Protection {
    /// Makes the file, and the key of a passphrase, unlike any other: base64url of 16 random bytes.
    pub(super) salt: String,
    /// How the key is made from the passphrase. `None` without one.
    pub(super) argon2id: Option<Costs>,
}

/// The costs of argon2id with one lane.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Costs {
    memory_kib: u32,
    passes: u32,
}

impl Costs {
    /// A passphrase is tried out on a copy of the file, as often as somebody likes. So one try is dearer than at a login.
    pub(super) const TODAY: Self = Self { memory_kib: 65_536, passes: 3 };

    fn params(self) -> Result<Params, FormatError> {
        let allowed =
            Hashing::MEMORY_KIB.contains(&self.memory_kib) && Hashing::PASSES.contains(&self.passes);
        let params = Params::new(self.memory_kib, self.passes, 1, Some(32)).ok();
        params.filter(|_| allowed).ok_or(FormatError::Costs)
    }
}

/// The protection of one file, part after part.
pub(super) struct Seal {
    key: Option<SealingKey>,
    /// SHA-256 of the beginning of the file.
    file: [u8; 32],
    /// The number of the next part.
    next: u32,
}

impl Seal {
    /// The protection of a file that begins with these bytes.
    pub(super) fn new(
        protection: &Protection,
        beginning: &[u8],
        passphrase: Option<&PlainPassword>,
    ) -> Result<Self, FormatError> {
        let key = match (protection.argon2id, passphrase) {
            (None, None) => None,
            (Some(costs), Some(passphrase)) => Some(key(costs, &protection.salt, passphrase)?),
            (Some(_), None) => return Err(FormatError::NeedsPassphrase),
            (None, Some(_)) => return Err(FormatError::NotSealed),
        };
        Ok(Self { key, file: sha256(beginning), next: 0 })
    }

    /// Protects the next part.
    pub(super) fn close(&mut self, plain: &[u8]) -> Result<Vec<u8>, FormatError> {
        let (number, place) = self.take_place()?;
        Ok(match &self.key {
            // The key is of this file alone, so no nonce comes twice under it.
            Some(key) => key.seal(nonce(number), &place, plain),
            None => [plain, &checksum(&place, plain)].concat(),
        })
    }

    /// Opens the next part.
    pub(super) fn open(&mut self, closed: &[u8]) -> Result<Zeroizing<Vec<u8>>, FormatError> {
        let (number, place) = self.take_place()?;
        let changed = if number == 0 && self.key.is_some() {
            FormatError::WrongPassphrase
        } else {
            FormatError::Damaged("a part was changed, or belongs elsewhere")
        };
        match &self.key {
            Some(key) => key.open(&place, closed).map_err(|_| changed),
            None => match closed.split_last_chunk::<32>() {
                Some((plain, sum)) if *sum == checksum(&place, plain) => Ok(Zeroizing::new(plain.to_vec())),
                _ => Err(changed),
            },
        }
    }

    /// The number of a part, and what it is bound to: file and number.
    fn take_place(&mut self) -> Result<(u32, Vec<u8>), FormatError> {
        let number = self.next;
        self.next = number.checked_add(1).ok_or(FormatError::Damaged("too many parts"))?;
        Ok((number, [&self.file[..], &number.to_be_bytes()].concat()))
    }
}

fn key(costs: Costs, salt: &str, passphrase: &PlainPassword) -> Result<SealingKey, FormatError> {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, costs.params()?);
    let mut key = Zeroizing::new([0; 32]);
    let made = argon2.hash_password_into(passphrase.expose(), salt.as_bytes(), &mut *key);
    made.map_err(|_| FormatError::Costs)?;
    Ok(SealingKey::new(&key))
}

fn nonce(number: u32) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[8..].copy_from_slice(&number.to_be_bytes());
    nonce
}

fn checksum(place: &[u8], plain: &[u8]) -> [u8; 32] {
    sha256(&[place, plain].concat())
}
