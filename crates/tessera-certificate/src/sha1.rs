//! SHA-1, by which OCSP requests name a CA (RFC 5019 section 2.1.1). It finds a CA whose key is known. Nothing is believed
//! because of it.

use aws_lc_rs::digest;

/// SHA-1 of `bytes`.
pub(crate) fn sha1(bytes: &[u8]) -> [u8; 20] {
    let mut out = [0; 20];
    out.copy_from_slice(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, bytes).as_ref());
    out
}
