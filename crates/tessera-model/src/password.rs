//! Passwords as people type them and as the database keeps them.

use std::fmt;

use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

/// Shortest password accepted when one is set, in characters (policy P12).
pub const MIN_PASSWORD_LEN: usize = 8;
/// Longest password that is looked at, in bytes, as typed and as normalised (policy P12): longer input is refused before hashing.
pub const MAX_PASSWORD_LEN: usize = 1024;

/// A password as typed, in Unicode's normalisation form C: an accent is the same whichever keyboard composed it (NIST SP 800-63B
/// section 5.1.1.2). Otherwise exact, never trimmed or cut. `Debug` shows nothing of it.
pub struct PlainPassword(Zeroizing<String>);

/// Why a text cannot be a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPassword {
    /// Fewer than [`MIN_PASSWORD_LEN`] characters.
    #[error("the password is too short: use at least {MIN_PASSWORD_LEN} characters")]
    TooShort,
    /// A NUL, which no login form can send.
    #[error("the password contains a NUL character: leave it out")]
    Nul,
    /// More than [`MAX_PASSWORD_LEN`] bytes.
    #[error("the password is too long: use at most {MAX_PASSWORD_LEN} bytes")]
    TooLong,
}

impl PlainPassword {
    /// A password or passphrase to be set: both bounds apply. The use cases demand more of a new password. Characters are counted as Unicode counts them after normalisation.
    ///
    /// # Errors
    /// [`InvalidPassword`] under 8 characters, over 1024 bytes, or with a NUL.
    pub fn to_set(text: String) -> Result<Self, InvalidPassword> {
        match Self::to_check(text)? {
            Self(text) if text.chars().count() < MIN_PASSWORD_LEN => Err(InvalidPassword::TooShort),
            Self(text) if text.contains('\0') => Err(InvalidPassword::Nul),
            password => Ok(password),
        }
    }

    /// A password to be compared with the stored one: only the upper bound applies.
    ///
    /// # Errors
    /// [`InvalidPassword::TooLong`] over 1024 bytes.
    pub fn to_check(text: String) -> Result<Self, InvalidPassword> {
        let text = Zeroizing::new(text);
        if text.len() > MAX_PASSWORD_LEN {
            return Err(InvalidPassword::TooLong);
        }
        // No normalisation form C is longer than three times its text (UAX 15 section 12): nothing moves, nothing is left behind.
        let mut normalised = Zeroizing::new(String::with_capacity(text.len() * 3));
        normalised.extend(text.nfc());
        if normalised.len() > MAX_PASSWORD_LEN { Err(InvalidPassword::TooLong) } else { Ok(Self(normalised)) }
    }

    /// The text to judge.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The bytes to hash.
    pub fn expose(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for PlainPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainPassword(…)")
    }
}

/// A password hash in PHC string form (`$argon2id$v=19$…`), with its own parameters and salt.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Wraps a PHC string made by the hasher or read from the database.
    pub fn new(phc: String) -> Self {
        Self(phc)
    }

    /// The PHC string.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str) -> Result<Vec<u8>, InvalidPassword> {
        PlainPassword::to_set(text.to_owned()).map(|password| password.expose().to_vec())
    }

    #[test]
    fn l09_an_accent_is_one_however_it_was_typed_and_nothing_else_changes() {
        assert_eq!(bytes("cafe\u{301} au lait"), bytes("caf\u{e9} au lait"));
        assert_eq!(bytes("\u{1112}\u{1161}\u{11ab}글글글글글글글"), bytes("한글글글글글글글"));
        // Form KC would make these the same.
        assert_ne!(bytes("\u{ff21}bcdefgh"), bytes("Abcdefgh"));
        assert_ne!(bytes("ﬁne words"), bytes("fine words"));
        assert_ne!(bytes(" blanks  "), bytes("blanks  "));
        assert_ne!(bytes("Alphabet"), bytes("alphabet"));
    }

    #[test]
    fn l09_characters_are_counted_and_bytes_are_bounded() {
        assert_eq!(bytes("пароль7"), Err(InvalidPassword::TooShort), "13 bytes, 7 characters");
        assert!(bytes("пароль78").is_ok());
        assert_eq!(
            bytes(&"e\u{301}".repeat(7)),
            Err(InvalidPassword::TooShort),
            "seven letters with accents"
        );
        assert!(bytes(&"e\u{301}".repeat(8)).is_ok());
        assert!(bytes(&"x".repeat(1024)).is_ok());
        assert_eq!(bytes(&"x".repeat(1025)), Err(InvalidPassword::TooLong));
        assert_eq!(bytes(&"e\u{301}".repeat(400)), Err(InvalidPassword::TooLong), "1200 as typed");
        // Excluded from composition: three bytes become six.
        assert_eq!(
            bytes(&"\u{958}".repeat(300)),
            Err(InvalidPassword::TooLong),
            "900 as typed, 1800 as normalised"
        );
        assert_eq!(bytes("12345678\0"), Err(InvalidPassword::Nul));
        assert!(PlainPassword::to_check("short".to_owned()).is_ok());
    }
}
