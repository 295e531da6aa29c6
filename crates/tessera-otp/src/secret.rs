//! The secret that a person's device and the server share.

use std::fmt;

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::base32::{self, NotBase32};

/// Bytes of a shared secret (K of RFC 4226 section 5.1). Zeroized when dropped, never printed, compared in constant time.
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

/// Why bytes are no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// Fewer bytes than allowed.
    #[error("the secret has {0} bytes, which is too few")]
    TooShort(usize),
    /// More bytes than allowed.
    #[error("the secret has {0} bytes, at most {max}", max = Secret::MAX_LEN)]
    TooLong(usize),
    /// Every byte is the same: a seed that somebody forgot to fill in.
    #[error("all bytes of the secret are equal")]
    Uniform,
    /// The text is not base32.
    #[error(transparent)]
    NotBase32(#[from] NotBase32),
}

impl Secret {
    /// The shortest new secret, in bytes: 128 bits (RFC 4226 section 4 R6). [`crate::Algorithm::secret_len`] says how long it should be.
    pub const MIN_NEW_LEN: usize = 16;
    /// The shortest secret of an existing device, in bytes. Old fobs and apps have 80 bits.
    pub const MIN_IMPORTED_LEN: usize = 10;
    /// The longest secret, in bytes.
    pub const MAX_LEN: usize = 64;

    /// Makes a secret from fresh random bytes.
    ///
    /// # Errors
    /// [`SecretError`] for fewer than 16 or more than 64 bytes, or for bytes that are all equal.
    pub fn new(random: &[u8]) -> Result<Self, SecretError> {
        Self::of_at_least(Self::MIN_NEW_LEN, random)
    }

    /// Takes the secret of a device that exists already, or that was stored.
    ///
    /// # Errors
    /// [`SecretError`] for fewer than 10 or more than 64 bytes, or for bytes that are all equal.
    pub fn imported(bytes: &[u8]) -> Result<Self, SecretError> {
        Self::of_at_least(Self::MIN_IMPORTED_LEN, bytes)
    }

    /// Takes the secret of an existing device from base32 text.
    ///
    /// # Errors
    /// [`SecretError`] if the text is not base32, or as [`Secret::imported`].
    pub fn from_base32(text: &str) -> Result<Self, SecretError> {
        Self::imported(&base32::decode(text)?)
    }

    /// The bytes, for making codes and for sealing them before they are stored.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Base32 without padding, as authenticator apps take it.
    pub fn to_base32(&self) -> Zeroizing<String> {
        base32::encode(&self.0)
    }

    /// Base32 in groups of four, for people who type it.
    pub fn to_base32_grouped(&self) -> Zeroizing<String> {
        base32::encode_grouped(&self.0)
    }

    fn of_at_least(min: usize, bytes: &[u8]) -> Result<Self, SecretError> {
        if bytes.len() < min {
            return Err(SecretError::TooShort(bytes.len()));
        }
        if bytes.len() > Self::MAX_LEN {
            return Err(SecretError::TooLong(bytes.len()));
        }
        if bytes.iter().all(|byte| *byte == bytes[0]) {
            return Err(SecretError::Uniform);
        }
        Ok(Self(Zeroizing::new(bytes.to_vec())))
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_slice().ct_eq(&other.0).into()
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(len: u8) -> Vec<u8> {
        (1..=len).collect()
    }

    #[test]
    fn new_secrets_are_longer_than_imported_ones() {
        assert_eq!(Secret::new(&bytes(15)), Err(SecretError::TooShort(15)));
        assert!(Secret::new(&bytes(16)).is_ok());
        assert!(Secret::new(&bytes(64)).is_ok());
        assert_eq!(Secret::new(&bytes(65)), Err(SecretError::TooLong(65)));
        assert_eq!(Secret::imported(&bytes(9)), Err(SecretError::TooShort(9)));
        assert!(Secret::imported(&bytes(10)).is_ok());
        assert_eq!(Secret::imported(&bytes(65)), Err(SecretError::TooLong(65)));
        assert_eq!(Secret::imported(&[]), Err(SecretError::TooShort(0)));
    }

    #[test]
    fn a_secret_that_nobody_filled_in_is_refused() {
        assert_eq!(Secret::imported(&[0; 20]), Err(SecretError::Uniform));
        assert_eq!(Secret::new(&[0xff; 20]), Err(SecretError::Uniform));
    }

    #[test]
    fn the_content_is_not_printed() {
        assert_eq!(format!("{:?}", Secret::new(b"12345678901234567890")), "Ok(Secret(..))");
    }

    #[test]
    fn base32_goes_both_ways() {
        let secret = Secret::new(b"12345678901234567890").unwrap();
        assert_eq!(*secret.to_base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(Secret::from_base32(&secret.to_base32_grouped().to_lowercase()), Ok(secret));
        assert_eq!(Secret::from_base32("GEZDGNBV"), Err(SecretError::TooShort(5)));
        assert_eq!(Secret::from_base32("GEZDGNB1"), Err(SecretError::NotBase32(NotBase32)));
    }
}
