//! The numbers of a public key (RFC 7518 section 6, RFC 8037 section 2) and their canonical text (RFC 7638
//! section 3).

use crate::base64url;

/// A curve of `kty` EC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
    /// NIST P-521.
    P521,
}

impl Curve {
    /// The name in `crv`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    /// The length of a coordinate in bytes.
    pub const fn coordinate_len(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        [Self::P256, Self::P384, Self::P521].into_iter().find(|curve| curve.as_str() == name)
    }
}

/// The numbers of a public key, in their exact lengths. Nobody has checked yet that the key is strong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Material {
    /// `kty` EC.
    Ec {
        /// The curve.
        curve: Curve,
        /// The x coordinate, big endian, full length.
        x: Vec<u8>,
        /// The y coordinate, big endian, full length.
        y: Vec<u8>,
    },
    /// `kty` OKP with `crv` Ed25519.
    Ed25519 {
        /// The encoded point.
        x: [u8; 32],
    },
    /// `kty` RSA.
    Rsa {
        /// The modulus, big endian, no leading zero.
        n: Vec<u8>,
        /// The public exponent, big endian, no leading zero.
        e: Vec<u8>,
    },
}

impl Material {
    /// Passes each required member to `put`, in the lexicographic order of RFC 7638.
    pub(super) fn members<E>(&self, mut put: impl FnMut(&str, &str) -> Result<(), E>) -> Result<(), E> {
        match self {
            Self::Ec { curve, x, y } => {
                put("crv", curve.as_str())?;
                put("kty", "EC")?;
                put("x", &base64url::encode(x))?;
                put("y", &base64url::encode(y))
            }
            Self::Ed25519 { x } => {
                put("crv", "Ed25519")?;
                put("kty", "OKP")?;
                put("x", &base64url::encode(x))
            }
            Self::Rsa { n, e } => {
                put("e", &base64url::encode(e))?;
                put("kty", "RSA")?;
                put("n", &base64url::encode(n))
            }
        }
    }

    /// The text to hash: the required members, without white space. No value needs escaping.
    pub(super) fn canonical(&self) -> String {
        let mut text = String::from("{");
        let Ok(()) = self.members(|name, value| {
            let open = if text.len() > 1 { ",\"" } else { "\"" };
            text.extend([open, name, "\":\"", value, "\""]);
            Ok::<(), std::convert::Infallible>(())
        });
        text.push('}');
        text
    }
}
