//! Signature algorithms by their COSE numbers (IANA COSE Algorithms, RFC 9053, RFC 8812).

use std::fmt;

use tessera_jose::Algorithm;

/// An algorithm that a credential can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CoseAlgorithm {
    /// ECDSA with P-256 and SHA-256, number -7.
    Es256,
    /// Ed25519, number -8.
    EdDsa,
    /// ECDSA with P-384 and SHA-384, number -35.
    Es384,
    /// RSASSA-PKCS1-v1_5 with SHA-256, number -257.
    Rs256,
}

impl CoseAlgorithm {
    /// Every algorithm, the preferred ones first.
    pub const ALL: [Self; 4] = [Self::Es256, Self::EdDsa, Self::Es384, Self::Rs256];

    /// The number in `pubKeyCredParams` and in a COSE key.
    pub const fn number(self) -> i64 {
        match self {
            Self::Es256 => -7,
            Self::EdDsa => -8,
            Self::Es384 => -35,
            Self::Rs256 => -257,
        }
    }

    /// The algorithm with this number.
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.number() == number)
    }

    pub(crate) const fn jose(self) -> Algorithm {
        match self {
            Self::Es256 => Algorithm::Es256,
            Self::EdDsa => Algorithm::EdDsa,
            Self::Es384 => Algorithm::Es384,
            Self::Rs256 => Algorithm::Rs256,
        }
    }
}

impl fmt::Display for CoseAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.jose().fmt(f)
    }
}
