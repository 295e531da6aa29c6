//! Typed 16-byte identifiers. A user id cannot be passed where a grant id is expected.
//!
//! Ids are not secrets and give no access. They are random (UUID version 4), so that they do not tell when something was created.
//! Only the ids of audit events count up.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// An identifier of a `K`, written as a lower-case hyphenated UUID (RFC 9562).
pub struct Id<K> {
    bytes: [u8; 16],
    kind: PhantomData<fn() -> K>,
}

/// What an [`Id`] can name.
pub mod kind {
    /// A person.
    pub enum User {}
    /// A single sign-on session.
    pub enum Session {}
    /// An authorization.
    pub enum Grant {}
    /// An authenticator of a person.
    pub enum Authenticator {}
    /// A key fob of the organisation.
    pub enum Fob {}
    /// A login that is under way.
    pub enum Login {}
    /// A key of the issuer.
    pub enum Key {}
    /// An audit event.
    pub enum Audit {}
    /// A message that waits to be sent.
    pub enum Outbox {}
}

/// The id of a person, which is the `sub` of their tokens. It is never used again after deletion.
pub type UserId = Id<kind::User>;
/// The id of a single sign-on session.
pub type SessionId = Id<kind::Session>;
/// The id of a grant. It is part of the `jti` of the grant's access tokens.
pub type GrantId = Id<kind::Grant>;
/// The id of an authenticator of a person.
pub type AuthenticatorId = Id<kind::Authenticator>;
/// The id of a key fob of the organisation.
pub type FobId = Id<kind::Fob>;
/// The id of a login that is under way.
pub type LoginId = Id<kind::Login>;
/// The id of a key row. (The `kid` in JOSE is another name.)
pub type KeyId = Id<kind::Key>;
/// The id of an audit event.
pub type AuditId = Id<kind::Audit>;
/// The id of a message that waits to be sent.
pub type OutboxId = Id<kind::Outbox>;

impl<K> Id<K> {
    /// Makes an id of 16 random bytes; the version and variant bits are set here.
    pub fn from_random(random: [u8; 16]) -> Self {
        Self::from_bytes(uuid::Builder::from_random_bytes(random).into_uuid().into_bytes())
    }

    /// The id with exactly these bytes, as stored.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self { bytes, kind: PhantomData }
    }

    /// The bytes, as stored.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.bytes
    }
}

/// The text is not a lower-case hyphenated UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id: expected a form like 8f14e45f-ceea-467f-a1d3-6f1c2b0e9a77")]
pub struct InvalidId;

impl<K> FromStr for Id<K> {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let id =
            Uuid::try_parse(text).map(|uuid| Self::from_bytes(uuid.into_bytes())).map_err(|_| InvalidId)?;
        if id.to_string() == text { Ok(id) } else { Err(InvalidId) }
    }
}

impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Uuid::from_bytes(self.bytes).as_hyphenated().fmt(f)
    }
}

impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bytes.cmp(&other.bytes)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes.hash(state);
    }
}

impl<K> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, K> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_and_only_in_its_one_spelling() {
        let id = UserId::from_random([0xab; 16]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.to_string().to_uppercase().parse::<UserId>(), Err(InvalidId));
        assert_eq!(id.to_string().replace('-', "").parse::<UserId>(), Err(InvalidId));
    }
}
