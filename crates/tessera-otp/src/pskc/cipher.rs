//! The two algorithms that seed files are encrypted with: AES-CBC of XML Encryption, and PBKDF2 (RFC 8018 section 5.2).

use std::num::NonZeroU32;

use aws_lc_rs::cipher::{
    AES_128, AES_192, AES_256, Algorithm, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::pbkdf2;
use zeroize::Zeroizing;

use crate::algorithm::Algorithm as Hash;

/// A block of AES, and the length of its initialisation vector.
const BLOCK: usize = 16;

/// AES in CBC mode, with the length of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cipher {
    Aes128,
    Aes192,
    Aes256,
}

/// Wrong key or changed bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Undecryptable;

impl Cipher {
    /// The cipher of an identifier of XML Encryption.
    pub(super) fn from_uri(uri: &str) -> Option<Self> {
        match uri {
            "http://www.w3.org/2001/04/xmlenc#aes128-cbc" => Some(Self::Aes128),
            "http://www.w3.org/2001/04/xmlenc#aes192-cbc" => Some(Self::Aes192),
            "http://www.w3.org/2001/04/xmlenc#aes256-cbc" => Some(Self::Aes256),
            _ => None,
        }
    }

    /// Decrypts an initialisation vector and the blocks behind it (XML Encryption section 5.2). The last byte says how many bytes are padding;
    /// what the others of the padding are is not said, so it is not looked at. Nothing here tells whether the bytes were changed.
    pub(super) fn decrypt(self, key: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Undecryptable> {
        let (iv, blocks) = sealed.split_first_chunk::<BLOCK>().ok_or(Undecryptable)?;
        let mut plain = Zeroizing::new(blocks.to_vec());
        let key = UnboundCipherKey::new(self.algorithm(), key).map_err(|_| Undecryptable)?;
        let key = PaddedBlockDecryptingKey::cbc_iso10126(key).map_err(|_| Undecryptable)?;
        let iv = DecryptionContext::Iv128(FixedLength::from(iv));
        let len = key.decrypt(&mut plain, iv).map_err(|_| Undecryptable)?.len();
        plain.truncate(len);
        Ok(plain)
    }

    fn algorithm(self) -> &'static Algorithm {
        match self {
            Self::Aes128 => &AES_128,
            Self::Aes192 => &AES_192,
            Self::Aes256 => &AES_256,
        }
    }
}

/// `len` bytes of key from a password. `len` must be small; the caller has bounded it.
pub(super) fn derive_key(
    hash: Hash,
    password: &str,
    salt: &[u8],
    iterations: NonZeroU32,
    len: usize,
) -> Zeroizing<Vec<u8>> {
    let algorithm = match hash {
        Hash::Sha1 => pbkdf2::PBKDF2_HMAC_SHA1,
        Hash::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
        Hash::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
    };
    let mut key = Zeroizing::new(vec![0; len]);
    pbkdf2::derive(algorithm, iterations, salt, password.as_bytes(), &mut key);
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6070: PBKDF2 with HMAC-SHA-1.
    #[test]
    fn rfc6070_vectors() {
        let derive = |iterations, len| {
            let iterations = NonZeroU32::new(iterations).unwrap();
            derive_key(Hash::Sha1, "password", b"salt", iterations, len)
        };
        assert_eq!(derive(1, 4).as_slice(), [0x0c, 0x60, 0xc8, 0x0f]);
        assert_eq!(derive(4096, 4).as_slice(), [0x4b, 0x00, 0x79, 0x01]);
    }

    #[test]
    fn what_is_no_whole_number_of_blocks_does_not_decrypt() {
        for len in [0, 1, 15, 16, 17, 31, 33] {
            assert_eq!(Cipher::Aes128.decrypt(&[1; 16], &vec![7; len]), Err(Undecryptable), "{len}");
        }
        assert_eq!(Cipher::Aes128.decrypt(&[1; 32], &[7; 32]), Err(Undecryptable), "a key of another length");
    }
}
