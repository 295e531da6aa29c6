//! Key fobs of the organisation: devices that show codes. One is in stock, somebody has it, or it is lost.

use std::fmt;
use std::str::FromStr;

use crate::id::FobId;
use crate::{AuthenticatorId, AuthenticatorKind, Timestamp, UserId};

/// A key fob. Whoever has it has an authenticator of the same secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fob {
    /// The id of the row. The seal of the secret covers it.
    pub id: FobId,
    /// Which one it is.
    pub label: FobLabel,
    /// How its codes are made, with a secret that is sealed for this row. It is of a kind that shows codes.
    pub kind: AuthenticatorKind,
    /// How far it has counted, as at [`crate::Authenticator::counter`]. It never goes back, whoever has the fob.
    pub counter: i64,
    /// When it was imported.
    pub imported_at: Timestamp,
    /// When a code of it last counted.
    pub last_used_at: Option<Timestamp>,
    /// Where it is.
    pub state: FobState,
}

/// Where a fob is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FobState {
    /// Nobody has it.
    InStock,
    /// A person logs in with it.
    Assigned {
        /// Who.
        user: UserId,
        /// What it is among their authenticators.
        authenticator: AuthenticatorId,
    },
    /// It never counts again, and its secret is erased. The row stays, so that no import brings it back.
    Lost {
        /// Since when.
        at: Timestamp,
    },
}

/// Who made a fob, and its number. No two fobs have the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FobLabel {
    /// The serial number, as it is printed on the fob.
    pub serial: FobText,
    /// Who made it. `None` if nobody said.
    pub manufacturer: Option<FobText>,
}

impl fmt::Display for FobLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.manufacturer {
            Some(manufacturer) => write!(f, "{} {}", self.serial, manufacturer),
            None => self.serial.fmt(f),
        }
    }
}

/// A serial number or the name of a manufacturer: one line of 1 to 100 characters, without spaces around it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FobText(String);

/// The text is no serial number and no manufacturer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("use 1 to 100 characters on one line")]
pub struct InvalidFobText;

impl FobText {
    /// The longest text, in characters.
    pub const MAX_LEN: usize = 100;

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for FobText {
    type Err = InvalidFobText;

    fn from_str(text: &str) -> Result<Self, InvalidFobText> {
        let text = text.trim();
        let fits = (1..=Self::MAX_LEN).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        if fits { Ok(Self(text.to_owned())) } else { Err(InvalidFobText) }
    }
}

impl fmt::Display for FobText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serial_number_is_one_line_and_not_empty() {
        assert_eq!(" 00-12 ".parse::<FobText>().unwrap().as_str(), "00-12");
        for bad in ["", "  ", "a\nb", "\u{7f}", &"7".repeat(101)] {
            assert_eq!(bad.parse::<FobText>(), Err(InvalidFobText), "{bad:?}");
        }
    }
}
