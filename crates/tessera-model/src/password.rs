//! Passwords as people type them and as the database keeps them.

use std::fmt;

use zeroize::Zeroizing;

/// Shortest password accepted when one is set, in bytes (policy P12).
pub const MIN_PASSWORD_LEN: usize = 8;
/// Longest password that is looked at, in bytes (policy P12): longer input is refused before hashing.
pub const MAX_PASSWORD_LEN: usize = 1024;

/// A password as typed: exact bytes, never trimmed, cut or normalised. `Debug` shows nothing of it.
pub struct PlainPassword(Zeroizing<String>);

/// Why a text cannot be a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPassword {
    /// Fewer than [`MIN_PASSWORD_LEN`] bytes.
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
    /// A password to be set: both bounds apply.
    ///
    /// # Errors
    /// [`InvalidPassword`] outside 8..=1024 bytes, or with a NUL.
    pub fn to_set(text: String) -> Result<Self, InvalidPassword> {
        match Self::to_check(text)? {
            Self(text) if text.len() < MIN_PASSWORD_LEN => Err(InvalidPassword::TooShort),
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
        if text.len() > MAX_PASSWORD_LEN { Err(InvalidPassword::TooLong) } else { Ok(Self(text)) }
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
