//! Scope (RFC 6749 section 3.3): a set of case-sensitive words, separated by single spaces.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, Serializer};

/// Longest single scope, in bytes.
pub const MAX_SCOPE_LEN: usize = 128;
/// Most scopes in one set (policy P12).
pub const MAX_SCOPES: usize = 50;

/// An ID token, and access to `UserInfo` (OIDC core section 3.1.2.1).
pub const OPENID: &str = "openid";
/// Name, picture and the like (OIDC core section 5.4).
pub const PROFILE: &str = "profile";
/// The e-mail address (OIDC core section 5.4).
pub const EMAIL: &str = "email";
/// The postal address (OIDC core section 5.4).
pub const ADDRESS: &str = "address";
/// The telephone number (OIDC core section 5.4).
pub const PHONE: &str = "phone";
/// The groups that the person is in. No standard defines it; applications that know groups ask for it by this name.
pub const GROUPS: &str = "groups";
/// Scopes that release claims about a person (OIDC core section 5.4, and `groups`).
const ABOUT_A_PERSON: [&str; 6] = [OPENID, PROFILE, EMAIL, ADDRESS, PHONE, GROUPS];
/// Requests access that outlives the session (OIDC core section 11).
pub const OFFLINE_ACCESS: &str = "offline_access";
/// Scopes that belong to the issuer: those that OpenID Connect defines, and `groups`. No API may define one of them.
pub const STANDARD_SCOPES: [&str; 7] = [OPENID, PROFILE, EMAIL, ADDRESS, PHONE, GROUPS, OFFLINE_ACCESS];

/// One scope word: `%x21 / %x23-5B / %x5D-7E`, 1..=128 bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Scope(String);

/// The text is not a scope, or there are too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a scope: use words of printable ASCII without quote and backslash, separated by spaces, at most {MAX_SCOPES}"
)]
pub struct InvalidScope;

impl Scope {
    /// Whether the text is one scope word.
    pub fn is_valid(text: &str) -> bool {
        let allowed = |c: u8| matches!(c, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        (1..=MAX_SCOPE_LEN).contains(&text.len()) && text.bytes().all(allowed)
    }

    /// The word.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Scope {
    type Err = InvalidScope;

    fn from_str(text: &str) -> Result<Self, InvalidScope> {
        if Self::is_valid(text) { Ok(Self(text.to_owned())) } else { Err(InvalidScope) }
    }
}

impl TryFrom<String> for Scope {
    type Error = InvalidScope;

    fn try_from(text: String) -> Result<Self, InvalidScope> {
        text.parse()
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.0
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A set of scopes, in the order they were first named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct ScopeSet(Vec<Scope>);

impl ScopeSet {
    /// Reads `scope` of a request. Extra spaces are ignored.
    ///
    /// # Errors
    /// A word is not a scope, or there are more than [`MAX_SCOPES`].
    pub fn requested(text: &str) -> Result<Self, InvalidScope> {
        Self::of_words(text.split(' ').filter(|word| !word.is_empty()))
    }

    /// The work is linear in the text.
    fn of_words<'a>(words: impl Iterator<Item = &'a str>) -> Result<Self, InvalidScope> {
        let mut set = Self::default();
        for word in words {
            let scope = word.parse::<Scope>()?;
            if !set.contains(word) {
                if set.len() == MAX_SCOPES {
                    return Err(InvalidScope);
                }
                set.0.push(scope);
            }
        }
        Ok(set)
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many scopes the set has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the set has this scope.
    pub fn contains(&self, word: &str) -> bool {
        self.0.iter().any(|scope| scope.as_str() == word)
    }

    /// Whether a scope of the set releases claims about a person.
    pub fn is_about_a_person(&self) -> bool {
        ABOUT_A_PERSON.iter().any(|scope| self.contains(scope))
    }

    /// Whether every scope of this set is in `other`.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.0.iter().all(|scope| other.contains(scope.as_str()))
    }

    /// The scopes of both, this set's first.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.iter().chain(other.iter()).cloned().collect()
    }

    /// Removes the scopes for which `keep` returns false.
    pub fn retain(&mut self, keep: impl FnMut(&Scope) -> bool) {
        self.0.retain(keep);
    }

    /// The scopes in order.
    pub fn iter(&self) -> impl Iterator<Item = &Scope> {
        self.0.iter()
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let mut set = Self::default();
        for scope in scopes {
            if !set.contains(scope.as_str()) {
                set.0.push(scope);
            }
        }
        set
    }
}

impl FromStr for ScopeSet {
    type Err = InvalidScope;

    /// Reads words separated by single spaces, as in a token. The empty text is the empty set.
    fn from_str(text: &str) -> Result<Self, InvalidScope> {
        if text.is_empty() { Ok(Self::default()) } else { Self::of_words(text.split(' ')) }
    }
}

impl TryFrom<String> for ScopeSet {
    type Error = InvalidScope;

    fn try_from(text: String) -> Result<Self, InvalidScope> {
        text.parse()
    }
}

impl Serialize for ScopeSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, scope) in self.0.iter().enumerate() {
            if n > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn j29_legal_words_one_space_apart_in_tokens_and_surplus_spaces_in_requests() {
        assert_eq!("a b a".parse::<ScopeSet>().unwrap().to_string(), "a b");
        for bad in [" a", "a ", "a  b", "a\tb", "a\"b", "ä", "a\nb"] {
            assert_eq!(bad.parse::<ScopeSet>(), Err(InvalidScope), "{bad:?}");
        }
        for surplus in [" a b", "a b ", "  a   b  a "] {
            assert_eq!(ScopeSet::requested(surplus).unwrap().to_string(), "a b", "{surplus:?}");
        }
        assert_eq!(ScopeSet::requested("a\tb"), Err(InvalidScope));
        assert!("A".parse::<ScopeSet>().unwrap() != "a".parse().unwrap());
    }

    #[test]
    fn j29_more_than_fifty_scopes_or_a_long_one_are_refused_early() {
        let words = |n: usize| (0..n).map(|n| n.to_string()).collect::<Vec<_>>().join(" ");
        assert_eq!(words(MAX_SCOPES).parse::<ScopeSet>().unwrap().len(), MAX_SCOPES);
        assert_eq!(words(500_000).parse::<ScopeSet>(), Err(InvalidScope));
        assert_eq!("x".repeat(MAX_SCOPE_LEN + 1).parse::<ScopeSet>(), Err(InvalidScope));
    }

    proptest! {
        #[test]
        fn a_set_reads_back_and_any_text_is_answered(text in any::<String>(), words in "[!#-\\[\\]-~]{1,5}( [!#-\\[\\]-~]{1,5}){0,9}") {
            for text in [text, words] {
                if let Ok(set) = text.parse::<ScopeSet>() {
                    prop_assert_eq!(set.to_string().parse::<ScopeSet>().unwrap(), set.clone());
                    prop_assert!(set.iter().all(|scope| text.split(' ').any(|word| word == scope.as_str())));
                }
            }
        }
    }
}
