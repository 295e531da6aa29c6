//! HMAC (RFC 2104) with the three hashes of RFC 6238.

use aws_lc_rs::hmac;

use crate::algorithm::Algorithm;

/// A secret, set up once for many tags. The provider wipes its state when it is dropped.
pub(crate) struct MacKey(hmac::Key);

impl MacKey {
    pub(crate) fn new(algorithm: Algorithm, secret: &[u8]) -> Self {
        let algorithm = match algorithm {
            Algorithm::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Algorithm::Sha256 => hmac::HMAC_SHA256,
            Algorithm::Sha512 => hmac::HMAC_SHA512,
        };
        Self(hmac::Key::new(algorithm, secret))
    }

    /// The tag of `message`: 20, 32 or 64 bytes.
    pub(crate) fn tag(&self, message: &[u8]) -> hmac::Tag {
        hmac::sign(&self.0, message)
    }

    /// Whether `tag` is the whole tag of `message`. The time does not depend on where they differ.
    pub(crate) fn verify(&self, message: &[u8], tag: &[u8]) -> bool {
        hmac::verify(&self.0, message, tag).is_ok()
    }
}
