//! People.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tessera_oauth::claims::ProfileClaims;

use crate::{PasswordHash, Timestamp, UserId};

/// A person who can log in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The `sub` of the person's tokens.
    pub id: UserId,
    /// The login name. It is unique.
    pub username: Username,
    /// Display name, at most 100 characters.
    pub name: Option<String>,
    /// E-mail address as given. It is never used to link identities (policy P9).
    pub email: Option<String>,
    /// Whether the person has proven that the address is theirs.
    pub email_verified: bool,
    /// The other claims of OIDC core section 5.1. Scopes release them.
    pub claims: ProfileClaims,
    /// Whether the person may log in and hold tokens.
    pub status: UserStatus,
    /// `None` if the person cannot log in with a password.
    pub password: Option<PasswordHash>,
    /// The current generation of the person's credentials.
    pub security_version: SecurityVersion,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When any of this last changed. It is `updated_at` of OIDC core section 5.1.
    pub updated_at: Timestamp,
}

/// The generation of a person's credentials. A new password and the end of an authenticator begin the next generation. A login
/// that verified older credentials fails then, and devices that logged in with them are no longer known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecurityVersion(pub i64);

impl SecurityVersion {
    /// The first generation.
    pub const FIRST: Self = Self(1);

    /// The next generation.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// Whether a person may log in and hold tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserStatus {
    /// May log in.
    Active,
    /// Locked by an administrator. There is no login and no token until it is unlocked. Sessions and grants stay.
    Locked {
        /// Since when.
        at: Timestamp,
    },
    /// Closed for good. Sessions and grants have ended. The row stays, so that nobody else gets the name.
    Disabled {
        /// Since when.
        at: Timestamp,
    },
}

impl UserStatus {
    /// Whether tokens may be issued for this person (invariant I2).
    pub const fn is_active(self) -> bool {
        match self {
            Self::Active => true,
            Self::Locked { .. } | Self::Disabled { .. } => false,
        }
    }
}

/// A login name: 1..=128 of `a-z 0-9 . _ @ + -`, in lower case and never a UUID, so that no two names look alike.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Username(String);

/// The text is not a login name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a username: use 1 to 128 of a-z, 0-9 and . _ @ + - (and not a UUID)")]
pub struct InvalidUsername;

impl Username {
    /// The name in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Username {
    type Err = InvalidUsername;

    fn from_str(text: &str) -> Result<Self, InvalidUsername> {
        let allowed = |c: u8| c.is_ascii_alphanumeric() || b"._@+-".contains(&c);
        // A name that looks like an id would be ambiguous where either is accepted, and could pass for another person's
        // `sub`.
        let looks_like_a_subject = text.to_ascii_lowercase().parse::<UserId>().is_ok();
        if text.is_empty() || text.len() > 128 || !text.bytes().all(allowed) || looks_like_a_subject {
            return Err(InvalidUsername);
        }
        Ok(Self(text.to_ascii_lowercase()))
    }
}

impl TryFrom<String> for Username {
    type Error = InvalidUsername;

    fn try_from(text: String) -> Result<Self, InvalidUsername> {
        text.parse()
    }
}

impl From<Username> for String {
    fn from(name: Username) -> Self {
        name.0
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l47_names_that_look_alike_are_one_name_or_none() {
        assert_eq!("Alice".parse::<Username>(), "alice".parse::<Username>());
        for bad in [
            "",
            "al ice",
            "alice\u{200b}",
            "аlice",
            "alice\n",
            "a/b",
            "8f14e45f-ceea-467f-a1d3-6f1c2b0e9a77",
            &"a".repeat(129),
        ] {
            assert_eq!(bad.parse::<Username>(), Err(InvalidUsername), "{bad:?}");
        }
    }
}
