//! AES-256-GCM (NIST SP 800-38D): only the holder of the key can read or change what is sealed.
//!
//! Sealed form: nonce (12 bytes), ciphertext, tag (16 bytes). The caller supplies the nonce because randomness is an argument. A
//! nonce must never repeat under one key. Random nonces are safe for 2^32 messages per key.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use zeroize::Zeroizing;

const NONCE_LEN: usize = 12;
const TAG_LEN: usize = 16;

/// A 256-bit key, set up once for many messages.
pub struct SealingKey(LessSafeKey);

/// The bytes were changed, truncated, or sealed under another key or for another purpose. The error does not say which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sealed bytes do not open")]
pub struct CannotOpen;

impl SealingKey {
    /// Makes a key from 32 secret bytes.
    ///
    /// # Panics
    /// Only when memory for the cipher's state runs out.
    #[expect(clippy::expect_used, reason = "the type fixes the key length; only a lack of memory is left")]
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, secret).expect("AES-256-GCM takes 32 bytes")))
    }

    /// Seals `plain`. `aad` names its purpose and place; the same `aad` is needed to open it.
    ///
    /// # Panics
    /// Only when `plain` is longer than GCM allows (64 GiB).
    #[expect(
        clippy::expect_used,
        reason = "the type fixes the nonce length; only a plaintext of 64 GiB is left"
    )]
    pub fn seal(&self, nonce: [u8; 12], aad: &[u8], plain: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::with_capacity(NONCE_LEN + plain.len() + TAG_LEN);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self
            .0
            .seal_in_place_separate_tag(nonce, Aad::from(aad), &mut sealed[NONCE_LEN..])
            .expect("AES-256-GCM seals up to 64 GiB");
        sealed.extend_from_slice(tag.as_ref());
        sealed
    }

    /// Opens what was sealed under this key with the same `aad`.
    ///
    /// # Errors
    /// [`CannotOpen`] if a single bit of key, `aad` or `sealed` differs.
    pub fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, CannotOpen> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(CannotOpen)?;
        let mut plain = Zeroizing::new(rest.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let len = self.0.open_in_place(nonce, Aad::from(aad), &mut plain).map_err(|_| CannotOpen)?.len();
        plain.truncate(len);
        Ok(plain)
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_what_it_sealed() {
        let key = SealingKey::new(&[1; 32]);
        for plain in [b"".as_slice(), b"x", &[9; 300]] {
            let sealed = key.seal([3; 12], b"cookie", plain);
            assert_eq!(sealed.len(), plain.len() + NONCE_LEN + TAG_LEN);
            assert_eq!(key.open(b"cookie", &sealed).unwrap().as_slice(), plain);
        }
    }

    /// Test case 14 of the GCM specification: zero key, zero nonce, one zero block.
    #[test]
    fn gcm_specification_case_14() {
        let sealed = SealingKey::new(&[0; 32]).seal([0; 12], b"", &[0; 16]);
        let expected = [
            0xce, 0xa7, 0x40, 0x3d, 0x4d, 0x60, 0x6b, 0x6e, 0x07, 0x4e, 0xc5, 0xd3, 0xba, 0xf3, 0x9d, 0x18,
            0xd0, 0xd1, 0xc8, 0xa7, 0x99, 0x99, 0x6b, 0xf0, 0x26, 0x5b, 0x98, 0xb5, 0xd4, 0x8a, 0xb9, 0x19,
        ];
        assert_eq!(&sealed[NONCE_LEN..], expected);
    }

    #[test]
    fn any_change_and_any_truncation_is_refused() {
        let key = SealingKey::new(&[1; 32]);
        let sealed = key.seal([3; 12], b"cookie", b"secret");
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(key.open(b"cookie", &changed), Err(CannotOpen));
        }
        for len in 0..sealed.len() {
            assert_eq!(key.open(b"cookie", &sealed[..len]), Err(CannotOpen));
        }
        assert_eq!(key.open(b"code", &sealed), Err(CannotOpen));
        assert_eq!(SealingKey::new(&[2; 32]).open(b"cookie", &sealed), Err(CannotOpen));
    }
}
