//! Keys, parsed and checked once (RFC 7518 section 3, RFC 8725 sections 3.1 to 3.5).
//!
//! A key has exactly one algorithm, given when it is made or loaded. A weak key is refused when it is loaded: RSA under 2048
//! bits, with an even exponent or the exponent 1, or with the modulus shape of CVE-2017-15361; points off their curve or of small
//! order; secrets under 256 bits.

mod check;
mod der;
mod error;
mod signing;
mod verifying;

pub use self::error::{KeyError, MIN_SECRET_LEN};
pub use self::signing::{SignError, SigningKey};
pub use self::verifying::{BadSignature, VerifyingKey};
