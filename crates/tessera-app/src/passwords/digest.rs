//! The name that a password has in lists of breached passwords: its SHA-1.
//!
//! SHA-1 protects nothing here. The lists are made with it, and it is used for nothing else.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use tessera_model::PlainPassword;
use zeroize::Zeroizing;

/// Characters of a digest in hexadecimal.
pub(super) const HEX_LEN: usize = 40;
/// Characters that a service is told.
const PREFIX_LEN: usize = 5;

/// The SHA-1 of a password in capital hexadecimal digits. It is as secret as a password that is easy to guess.
pub(super) struct PasswordDigest(Zeroizing<String>);

impl PasswordDigest {
    pub(super) fn of(password: &PlainPassword) -> Self {
        const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
        let digest = digest(&SHA1_FOR_LEGACY_USE_ONLY, password.expose());
        let nibbles = digest.as_ref().iter().flat_map(|byte| [byte >> 4, byte & 15]);
        Self(Zeroizing::new(nibbles.map(|nibble| char::from(DIGITS[usize::from(nibble)])).collect()))
    }

    /// All of it.
    pub(super) fn hex(&self) -> &str {
        &self.0
    }

    /// What a service is told, and what it is not told.
    pub(super) fn split(&self) -> (&str, &str) {
        self.0.split_at(PREFIX_LEN)
    }
}

/// Reads a line `DIGITS:COUNT` with `len` digits: the digits, and whether the password was breached. A count of 0 is padding. `None`
/// for a line of another form.
pub(super) fn entry(line: &[u8], len: usize) -> Option<(&[u8], bool)> {
    let (digest, rest) = line.split_at_checked(len)?;
    let count = rest.strip_prefix(b":")?;
    let of_form =
        digest.iter().all(u8::is_ascii_hexdigit) && !count.is_empty() && count.iter().all(u8::is_ascii_digit);
    of_form.then(|| (digest, count.iter().any(|digit| *digit != b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_that_of_the_lists() {
        let digest = PasswordDigest::of(&PlainPassword::to_check("password".to_owned()).unwrap());
        assert_eq!(digest.hex(), "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8");
        assert_eq!(digest.split(), ("5BAA6", "1E4C9B93F3F0682250B6CF8331B7EE68FD8"));
        assert_eq!(digest.hex().len(), HEX_LEN);
    }

    #[test]
    fn an_entry_is_a_digest_and_a_count() {
        assert_eq!(entry(b"0aF:12", 3), Some((&b"0aF"[..], true)));
        assert_eq!(entry(b"0aF:00", 3), Some((&b"0aF"[..], false)), "padding");
        for bad in
            ["", "0aF", "0aF:", "0aG:1", "0aF:x", "0aF:1 ", "0aF 1", "0a:1", "0aF0:1", "0aF:-1", "éF:1"]
        {
            assert_eq!(entry(bad.as_bytes(), 3), None, "{bad}");
        }
    }
}
