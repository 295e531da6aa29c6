//! HMAC-SHA-256 (RFC 2104) over a message in parts. Tags are compared in constant time.

use std::fmt;

use aws_lc_rs::hmac;
use subtle::ConstantTimeEq as _;

/// A secret, set up once for many tags. Any length is accepted here; [`crate::key`] checks the length for HS256.
#[derive(Clone)]
pub struct HmacSha256Key(hmac::Key);

impl HmacSha256Key {
    /// Makes a key from secret bytes. Use 32 random bytes.
    pub fn new(secret: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// The tag of the concatenated `parts`. Callers must delimit the parts: `["ab", "c"]` and `["a", "bc"]` have the same tag.
    pub fn tag(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            context.update(part);
        }
        let mut tag = [0; 32];
        tag.copy_from_slice(context.sign().as_ref());
        tag
    }

    /// Whether `tag` is the whole tag of `parts`. The time does not depend on where they differ.
    #[must_use]
    pub fn verify(&self, parts: &[&[u8]], tag: &[u8]) -> bool {
        self.tag(parts).as_slice().ct_eq(tag).into()
    }
}

impl HmacSha256Key {
    /// Whether `half` is the first half of the tag of `parts`. 128 bits are a tag of their own (RFC 2104 section 5).
    #[must_use]
    pub fn verify_half(&self, parts: &[&[u8]], half: &[u8; 16]) -> bool {
        self.tag(parts)[..16].ct_eq(half).into()
    }
}

impl fmt::Debug for HmacSha256Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HmacSha256Key(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_concatenated() {
        let key = HmacSha256Key::new(&[7; 32]);
        let tag = key.tag(&[b"ab", b"", b"c"]);
        assert_eq!(tag, key.tag(&[b"abc"]));
        assert!(key.verify(&[b"abc"], &tag));
        assert!(!key.verify(&[b"abd"], &tag));
        assert!(!HmacSha256Key::new(&[8; 32]).verify(&[b"abc"], &tag));
    }

    #[test]
    fn truncated_and_extended_tags_are_refused() {
        let key = HmacSha256Key::new(&[7; 32]);
        let tag = key.tag(&[b"abc"]);
        assert!(!key.verify(&[b"abc"], &tag[..31]));
        assert!(!key.verify(&[b"abc"], &[]));
        assert!(!key.verify(&[b"abc"], &[tag.as_slice(), &[0]].concat()));
    }

    #[test]
    fn only_the_first_half_of_a_tag_is_its_half() {
        let key = HmacSha256Key::new(&[7; 32]);
        let tag = key.tag(&[b"abc"]);
        let half = |part: &[u8]| <[u8; 16]>::try_from(part).unwrap();
        assert!(key.verify_half(&[b"abc"], &half(&tag[..16])));
        assert!(!key.verify_half(&[b"abc"], &half(&tag[16..])));
        assert!(!key.verify_half(&[b"abd"], &half(&tag[..16])));
    }

    #[test]
    fn the_secret_is_not_printed() {
        assert_eq!(format!("{:?}", HmacSha256Key::new(b"hush")), "HmacSha256Key(..)");
    }
}
