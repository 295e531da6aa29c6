//! Why a key is refused.

use crate::algorithm::Algorithm;

/// The shortest HS256 secret, in bytes (RFC 7518 section 3.2).
pub const MIN_SECRET_LEN: usize = 32;

/// Why a key was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// This crate does not sign with the algorithm, or the algorithm does not take a key of this form.
    #[error("keys for {0} cannot be made or loaded this way")]
    Unsupported(Algorithm),
    /// The key names no algorithm and its type allows several.
    #[error("the key does not name its algorithm")]
    NoAlgorithm,
    /// The key is for another algorithm than the one it is loaded for, or its type or curve does not fit its own algorithm.
    #[error("the key is not for this algorithm")]
    AlgMismatch,
    /// `use` or `key_ops` does not allow verifying.
    #[error("the key is not for signatures")]
    WrongUse,
    /// Not a key of this type: wrong encoding, a point off the curve, or a private and a public half of different keys.
    #[error("the key is invalid")]
    Invalid,
    /// Fewer than 2048 bits of RSA or 256 bits of secret.
    #[error("the key is too short")]
    TooShort,
    /// More than 8192 bits of RSA.
    #[error("the key is too long")]
    TooLong,
    /// The RSA exponent is even, one, or longer than 32 bits.
    #[error("the RSA exponent is unsafe")]
    Exponent,
    /// A broken generator made the RSA modulus (CVE-2017-15361).
    #[error("the RSA modulus is of a known weak shape")]
    WeakModulus,
    /// The Ed25519 point has small order or is not in its canonical encoding.
    #[error("the Ed25519 point is unsafe")]
    WeakPoint,
    /// The provider could not make a key.
    #[error("key generation failed")]
    Generation,
}
