//! Groups of people. Applications and policies ask who is in one.

use std::fmt;
use std::str::FromStr;

use crate::Timestamp;

/// Most groups that a person may be in: a token names them all, in some 2 KB.
pub const MAX_GROUPS_OF_PERSON: u64 = 50;

/// Most people that one act puts into a group, or takes out. Their accounts wait for each other meanwhile.
pub const MAX_MEMBERS_AT_ONCE: usize = 100;

/// The name of a group: 1..=40 of `a-z 0-9 . _ -`, of which the first is a letter or a digit. Applications know a group by it, so it
/// never changes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupName(String);

/// The text is not the name of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a group: use 1 to 40 of a-z, 0-9 and . _ -, and begin with a letter or a digit")]
pub struct InvalidGroupName;

impl GroupName {
    /// The name as applications see it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for GroupName {
    type Err = InvalidGroupName;

    fn from_str(text: &str) -> Result<Self, InvalidGroupName> {
        let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
        let allowed = |c: u8| plain(c) || b"._-".contains(&c);
        let begins_well = text.bytes().next().is_some_and(plain);
        if begins_well && text.len() <= 40 && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidGroupName)
        }
    }
}

impl fmt::Display for GroupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for GroupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A group of people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What applications call it.
    pub name: GroupName,
    /// Who is meant, for administrators: at most 200 characters, or nothing.
    pub description: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_plain_and_in_lower_case() {
        for good in ["a", "7", "sales", "ops.on-call_2", &"x".repeat(40)] {
            assert_eq!(good.parse::<GroupName>().map(|name| name.to_string()), Ok(good.to_owned()));
        }
        for bad in ["", "-a", ".a", "_", "Sales", "a b", "a,b", "a/b", "ä", "a\n", &"x".repeat(41)] {
            assert_eq!(bad.parse::<GroupName>(), Err(InvalidGroupName), "{bad:?}");
        }
    }
}
