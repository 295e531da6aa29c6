//! Public JSON Web Keys and sets of them (RFC 7517, RFC 7518 section 6, RFC 8037, RFC 7638).
//!
//! A [`Jwk`] holds public members only. A key with a private member is refused as a whole, because its owner should never have
//! sent it. Encodings are exact: no leading zero in RSA numbers, coordinates in full length. So each key has one thumbprint.
//! [`crate::VerifyingKey::from_jwk`] decides whether a key is strong enough.

mod error;
mod material;
mod parse;
mod public_key;
mod role;
mod set;

pub use self::error::JwkError;
pub use self::material::{Curve, Material};
pub use self::public_key::Jwk;
pub use self::role::{Purpose, Role};
pub use self::set::{JwkSet, MAX_KEYS};
