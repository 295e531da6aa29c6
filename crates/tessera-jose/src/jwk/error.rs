//! Why a JWK or a set of them is refused.

use crate::json::JsonError;

/// Why a text is not a public key or a set of public keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwkError {
    /// Not an object with unique names.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A member is missing, of the wrong type, or not in its one exact encoding.
    #[error("JWK member {0:?} is missing or malformed")]
    Member(&'static str),
    /// `d`, `p`, `q`, `dp`, `dq`, `qi`, `oth`, `k`: somebody published a private key.
    #[error("JWK contains the private member {0:?}")]
    PrivateMember(&'static str),
    /// This crate does not know the `kty`, `crv`, `alg` or purpose.
    #[error("JWK has an unknown {0:?}")]
    Unknown(&'static str),
    /// Two keys of a set have the same `kid`.
    #[error("two keys of the set have the same kid")]
    DuplicateKid,
    /// More than [`MAX_KEYS`](super::MAX_KEYS) keys.
    #[error("the key set has too many keys")]
    TooManyKeys,
}
