//! JOSE on one crypto provider: keys parsed once, signatures, JWK sets. Pure: no I/O, no clock.
//!
//! The crate follows RFC 7515, 7517, 7518, 7638, 8037, 8725 and 9864:
//!
//! * A key has one algorithm. The `alg` of a token is only compared with it ([`key`]).
//! * A malformed token is refused before any key is looked at ([`jws`]).
//! * JSON and base64url can be understood in one way only: no duplicate names, no padding, no spare bits ([`json`],
//!   [`base64url`]).
//!
//! It does not do: `none`, JSON serialisation, detached or unencoded payloads, `crit` extensions, keys or certificates from a
//! header, compression, encryption (JWE), secrets of less than 256 bits, RSA keys of less than 2048 bits. Claims and time are up
//! to the callers.
//!
//! ```
//! use tessera_jose::{Algorithm, JwkSet, SigningKey, Unverified, VerifyingKey};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let key = SigningKey::generate(Algorithm::Es256)?;
//! let token = key.sign("at+jwt", br#"{"sub":"alice"}"#)?;
//!
//! // The other side knows the public key only.
//! let published = serde_json::to_vec(&JwkSet::new(key.public_jwk().into_iter().collect()))?;
//! let set = JwkSet::parse(&published)?;
//! let trusted = set.keys.iter().map(VerifyingKey::from_jwk).collect::<Result<Vec<_>, _>>()?;
//!
//! let unverified = Unverified::parse(&token)?;
//! assert!(unverified.has_typ("at+jwt"));
//! let key = trusted.iter().find(|key| key.kid() == unverified.kid()).ok_or("unknown key")?;
//! assert_eq!(unverified.verify(key)?, br#"{"sub":"alice"}"#);
//! # Ok(())
//! # }
//! ```

pub mod aead;
pub mod algorithm;
pub mod base64url;
pub mod digest;
pub mod hmac;
pub mod json;
pub mod jwk;
pub mod jws;
pub mod key;
mod limits;

pub use aead::SealingKey;
pub use algorithm::Algorithm;
pub use hmac::HmacSha256Key;
pub use jwk::{Jwk, JwkError, JwkSet};
pub use jws::{JwsError, MAX_DOCUMENT_LEN, MAX_JWS_LEN, Unverified};
pub use key::{BadSignature, KeyError, SignError, SigningKey, VerifyingKey};
