//! The `otpauth` URI by which an authenticator app takes over a TOTP secret.
//!
//! No RFC describes it. Apps follow the "Key URI Format" that Google Authenticator came with.

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

use crate::totp::Totp;

/// Everything but the unreserved characters of RFC 3986 section 2.3. A space becomes `%20`: some apps show `+` as it is.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Why a name cannot stand in the URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// Nothing, or nothing but spaces.
    #[error("the {0} is empty")]
    Empty(&'static str),
    /// More than [`MAX_LABEL_LEN`] bytes.
    #[error("the {0} has more than {MAX_LABEL_LEN} bytes")]
    TooLong(&'static str),
    /// A colon separates issuer and account, so neither may hold one; a control character is no part of a name.
    #[error("the {0} holds a colon or a control character")]
    Character(&'static str),
}

/// How long issuer and account may be, in bytes each. So the URI fits into a QR code.
pub const MAX_LABEL_LEN: usize = 128;

/// The URI of `totp` for the app of a person.
///
/// `issuer` is what the app shows as the name of the service, `account` tells several accounts of it apart. The issuer stands in
/// the label and as a parameter, because apps read one or the other. The URI holds the secret.
///
/// # Errors
/// [`LabelError`] if issuer or account is empty, longer than [`MAX_LABEL_LEN`], or holds a colon or a control character.
pub fn otpauth_uri(totp: &Totp, issuer: &str, account: &str) -> Result<Zeroizing<String>, LabelError> {
    let issuer = encoded("issuer", issuer)?;
    let account = encoded("account", account)?;
    let (algorithm, digits, period) =
        (totp.algorithm().name(), totp.digits().count(), totp.period().seconds());
    let secret = totp.secret().to_base32();
    // One allocation, so that no shorter copy of the secret stays behind.
    let mut uri =
        Zeroizing::new(String::with_capacity(128 + 2 * issuer.len() + account.len() + secret.len()));
    uri.push_str("otpauth://totp/");
    uri.push_str(&issuer);
    uri.push(':');
    uri.push_str(&account);
    uri.push_str("?secret=");
    uri.push_str(&secret);
    uri.push_str("&issuer=");
    uri.push_str(&issuer);
    let _ = write!(uri, "&algorithm={algorithm}&digits={digits}&period={period}");
    Ok(uri)
}

fn encoded(which: &'static str, name: &str) -> Result<String, LabelError> {
    let name = name.trim();
    if name.is_empty() {
        return Err(LabelError::Empty(which));
    }
    if name.len() > MAX_LABEL_LEN {
        return Err(LabelError::TooLong(which));
    }
    if name.chars().any(|c| c == ':' || c.is_control()) {
        return Err(LabelError::Character(which));
    }
    Ok(utf8_percent_encode(name, RESERVED).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algorithm::{Algorithm, Digits, Period};
    use crate::secret::Secret;

    fn uri(issuer: &str, account: &str) -> Result<String, LabelError> {
        let secret = Secret::new(b"12345678901234567890").unwrap();
        let totp = Totp::new(secret, Algorithm::Sha1, Digits::Six, Period::Seconds30);
        otpauth_uri(&totp, issuer, account).map(|uri| uri.to_string())
    }

    #[test]
    fn r13_all_parameters_are_spelled_out() {
        assert_eq!(
            uri("Tessera", "alice@example.com").unwrap(),
            "otpauth://totp/Tessera:alice%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Tessera&algorithm=SHA1&digits=6&period=30"
        );
        let secret = Secret::new(&(0..64).collect::<Vec<u8>>()).unwrap();
        let totp = Totp::new(secret, Algorithm::Sha512, Digits::Eight, Period::Seconds60);
        let uri = otpauth_uri(&totp, "T", "a").unwrap();
        assert!(uri.ends_with("&issuer=T&algorithm=SHA512&digits=8&period=60"), "{uri:?}");
    }

    #[test]
    fn s18_hostile_names_stay_inside_their_part() {
        let uri = uri("Müller & Söhne", "a?secret=B&issuer=#/%2F <x>\"").unwrap();
        assert_eq!(
            uri,
            "otpauth://totp/M%C3%BCller%20%26%20S%C3%B6hne:a%3Fsecret%3DB%26issuer%3D%23%2F%252F%20%3Cx%3E%22\
             ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=M%C3%BCller%20%26%20S%C3%B6hne\
             &algorithm=SHA1&digits=6&period=30"
        );
    }

    #[test]
    fn names_that_apps_would_misread_are_refused() {
        assert_eq!(uri(" ", "a"), Err(LabelError::Empty("issuer")));
        assert_eq!(uri("T", ""), Err(LabelError::Empty("account")));
        assert_eq!(uri("T: x", "a"), Err(LabelError::Character("issuer")));
        assert_eq!(uri("T", "a\r\nb"), Err(LabelError::Character("account")));
        assert_eq!(uri(&"x".repeat(129), "a"), Err(LabelError::TooLong("issuer")));
        assert!(uri(&"x".repeat(128), &"ü".repeat(64)).is_ok());
    }
}
