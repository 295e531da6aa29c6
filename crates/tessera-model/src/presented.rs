//! Secrets that somebody presents: recognisable, checksummed, and never printed by accident.
//!
//! Text form: `tsr_<kind>_<base64url body><6 checksum characters>`. The prefix lets secret scanners find a leaked one, the
//! checksum (CRC-32 over everything before it) lets them tell it from noise. Bodies hold at least 256 unguessable bits.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

/// What a presented secret is for; a secret of one kind never passes for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PresentedKind {
    /// Authorization code (RFC 6749 section 4.1.2).
    AuthorizationCode,
    /// Refresh token (RFC 6749 section 6).
    RefreshToken,
    /// Client secret (RFC 6749 section 2.3.1).
    ClientSecret,
    /// Single sign-on session cookie.
    Session,
    /// Cookie that tells one browser from another before anybody has logged in.
    Browser,
    /// Cookie of a device that has logged in to an account before.
    Device,
}

impl PresentedKind {
    /// The text that every secret of this kind starts with.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "tsr_ac_",
            Self::RefreshToken => "tsr_rt_",
            Self::ClientSecret => "tsr_cs_",
            Self::Session => "tsr_ss_",
            Self::Browser => "tsr_br_",
            Self::Device => "tsr_dv_",
        }
    }
}

/// A presented secret. `Debug` shows only its kind.
pub struct Presented {
    kind: PresentedKind,
    body: Zeroizing<Vec<u8>>,
}

/// Longest text that is looked at, in bytes.
pub const MAX_PRESENTED_LEN: usize = 256;
const CHECKSUM_LEN: usize = 6;

impl Presented {
    /// Wraps a body of secret bytes.
    pub fn new(kind: PresentedKind, body: &[u8]) -> Self {
        Self { kind, body: Zeroizing::new(body.to_vec()) }
    }

    /// Reads the text form; `None` for another kind, a wrong checksum or anything else that was never issued.
    pub fn parse(kind: PresentedKind, text: &str) -> Option<Self> {
        if text.len() > MAX_PRESENTED_LEN {
            return None;
        }
        let rest = text.strip_prefix(kind.prefix())?;
        let (encoded, sum) = rest.split_at_checked(rest.len().checked_sub(CHECKSUM_LEN)?)?;
        if checksum(&text[..text.len() - CHECKSUM_LEN]) != sum {
            return None;
        }
        let body = Zeroizing::new(URL_SAFE_NO_PAD.decode(encoded).ok()?);
        Some(Self { kind, body })
    }

    /// The secret bytes.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The text form, for the one response that hands it out.
    pub fn reveal(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(MAX_PRESENTED_LEN));
        text.push_str(self.kind.prefix());
        URL_SAFE_NO_PAD.encode_string(&*self.body, &mut text);
        let sum = checksum(&text);
        text.push_str(&sum);
        text
    }
}

impl fmt::Debug for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}…", self.kind.prefix())
    }
}

/// CRC-32 of the text in six base-62 digits.
fn checksum(text: &str) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut rest = crc32fast::hash(text.as_bytes()) as usize;
    let mut digits = [b'0'; CHECKSUM_LEN];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[rest % 62];
        rest /= 62;
    }
    digits.iter().copied().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_secret_reads_back_and_any_changed_character_is_refused(body in prop::collection::vec(any::<u8>(), 32..64), at in any::<prop::sample::Index>()) {
            let text = Presented::new(PresentedKind::RefreshToken, &body).reveal();
            prop_assert_eq!(Presented::parse(PresentedKind::RefreshToken, &text).map(|p| p.body().to_vec()), Some(body));
            prop_assert!(Presented::parse(PresentedKind::AuthorizationCode, &text).is_none());
            let mut changed = text.as_bytes().to_vec();
            let at = at.index(changed.len());
            changed[at] = if changed[at] == b'x' { b'y' } else { b'x' };
            prop_assert!(Presented::parse(PresentedKind::RefreshToken, &String::from_utf8(changed).unwrap()).is_none());
        }

        #[test]
        fn any_text_is_answered_without_panic(text in ".{0,300}") {
            prop_assert!(Presented::parse(PresentedKind::Session, &text).is_none());
        }
    }

    #[test]
    fn s01_debug_never_shows_the_secret() {
        assert_eq!(format!("{:?}", Presented::new(PresentedKind::ClientSecret, &[1; 32])), "tsr_cs_…");
    }
}
