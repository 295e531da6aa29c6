//! Public keys of credentials and certificates, and what they verify.
//!
//! A key goes to `tessera-jose` in the form of a JWK. So the checks that a key is strong (points on their curve, RSA of 2048 bits or
//! more, no small order) stand in one place, and no primitive is named here.

use tessera_jose::jwk::{Curve, Material};
use tessera_jose::{Algorithm, Jwk, JwkError, KeyError, VerifyingKey, base64url};

use crate::algorithm::CoseAlgorithm;
use crate::der;

/// Why a public key is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// Not the numbers of a key: a length does not fit the curve, or a leading zero.
    #[error("malformed public key: {0}")]
    Malformed(#[from] JwkError),
    /// The key is weak, off its curve, or not for its algorithm.
    #[error("public key refused: {0}")]
    Refused(#[from] KeyError),
}

/// These bytes were not signed with the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature is wrong")]
pub struct WrongSignature;

/// A public key without an algorithm.
#[derive(Clone, Debug)]
pub(crate) struct PublicKey(Jwk);

impl PublicKey {
    pub(crate) fn ec(curve: Curve, x: &[u8], y: &[u8]) -> Result<Self, BadKey> {
        let (x, y) = (base64url::encode(x), base64url::encode(y));
        Self::parse(&format!(r#"{{"kty":"EC","crv":"{}","x":"{x}","y":"{y}"}}"#, curve.as_str()))
    }

    pub(crate) fn ed25519(x: &[u8]) -> Result<Self, BadKey> {
        Self::parse(&format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{}"}}"#, base64url::encode(x)))
    }

    /// Both numbers are big endian without leading zero.
    pub(crate) fn rsa(n: &[u8], e: &[u8]) -> Result<Self, BadKey> {
        let (n, e) = (base64url::encode(n), base64url::encode(e));
        Self::parse(&format!(r#"{{"kty":"RSA","n":"{n}","e":"{e}"}}"#))
    }

    fn parse(jwk: &str) -> Result<Self, BadKey> {
        Ok(Self(Jwk::parse(jwk.as_bytes())?))
    }

    /// The numbers of the key.
    pub(crate) const fn material(&self) -> &Material {
        self.0.material()
    }

    /// The key, ready to verify under this algorithm.
    pub(crate) fn verifier(&self, algorithm: CoseAlgorithm) -> Result<Verifier, BadKey> {
        let key = VerifyingKey::from_jwk_for(&self.0, algorithm.jose())?;
        Ok(Verifier { algorithm, key })
    }
}

/// A public key with its one algorithm.
#[derive(Clone, Debug)]
pub(crate) struct Verifier {
    algorithm: CoseAlgorithm,
    key: VerifyingKey,
}

impl Verifier {
    /// Verifies a signature in the form of WebAuthn section 6.5.5: ECDSA in DER, the others plain.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), WrongSignature> {
        let coordinate = match self.algorithm.jose() {
            Algorithm::Es256 => Some(Curve::P256.coordinate_len()),
            Algorithm::Es384 => Some(Curve::P384.coordinate_len()),
            _ => None,
        };
        let verified = match coordinate {
            Some(len) => {
                let fixed = der::ecdsa_signature(signature, len).ok_or(WrongSignature)?;
                self.key.verify(message, &fixed)
            }
            None => self.key.verify(message, signature),
        };
        verified.map_err(|_| WrongSignature)
    }
}
