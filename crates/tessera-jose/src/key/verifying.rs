//! Public keys and shared secrets, ready to verify.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::signature::{
    self, EcdsaVerificationAlgorithm, ParsedPublicKey, RsaParameters, RsaPublicKeyComponents,
};

use super::check;
use super::error::{KeyError, MIN_SECRET_LEN};
use crate::algorithm::Algorithm;
use crate::hmac::HmacSha256Key;
use crate::jwk::{Curve, Jwk, Material};

/// This key did not sign these bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature is wrong")]
pub struct BadSignature;

/// A key that verifies under one algorithm. Clones share it.
#[derive(Clone)]
pub struct VerifyingKey(Arc<Inner>);

struct Inner {
    alg: Algorithm,
    kid: Option<String>,
    key: ParsedKey,
}

enum ParsedKey {
    Public(ParsedPublicKey),
    Secret(Box<HmacSha256Key>),
}

impl VerifyingKey {
    /// Loads a public key under the algorithm that it names. For an EC or OKP key that names none, the curve decides: ES256,
    /// ES384, ES512 or `EdDSA`.
    ///
    /// # Errors
    /// [`KeyError`]. `NoAlgorithm` for an RSA key that names none: use [`Self::from_jwk_for`].
    pub fn from_jwk(jwk: &Jwk) -> Result<Self, KeyError> {
        let implied = match jwk.material() {
            Material::Ec { curve: Curve::P256, .. } => Some(Algorithm::Es256),
            Material::Ec { curve: Curve::P384, .. } => Some(Algorithm::Es384),
            Material::Ec { curve: Curve::P521, .. } => Some(Algorithm::Es512),
            Material::Ed25519 { .. } => Some(Algorithm::EdDsa),
            Material::Rsa { .. } => None,
        };
        Self::from_jwk_for(jwk, jwk.alg().or(implied).ok_or(KeyError::NoAlgorithm)?)
    }

    /// Loads a public key under an algorithm that is known from elsewhere, such as a client's registration.
    ///
    /// # Errors
    /// [`KeyError`]. `AlgMismatch` if the key names another algorithm.
    pub fn from_jwk_for(jwk: &Jwk, alg: Algorithm) -> Result<Self, KeyError> {
        if !jwk.may_verify() {
            return Err(KeyError::WrongUse);
        }
        if jwk.alg().is_some_and(|named| named != alg) {
            return Err(KeyError::AlgMismatch);
        }
        Self::new(jwk.material(), alg, jwk.kid().map(str::to_owned))
    }

    /// Loads a shared secret for HS256. `kid` is the name that both sides use for it.
    ///
    /// # Errors
    /// `TooShort` under [`MIN_SECRET_LEN`] bytes.
    pub fn from_secret(secret: &[u8], kid: Option<&str>) -> Result<Self, KeyError> {
        if secret.len() < MIN_SECRET_LEN {
            return Err(KeyError::TooShort);
        }
        let key = ParsedKey::Secret(Box::new(HmacSha256Key::new(secret)));
        Ok(Self(Arc::new(Inner { alg: Algorithm::Hs256, kid: kid.map(str::to_owned), key })))
    }

    pub(super) fn new(material: &Material, alg: Algorithm, kid: Option<String>) -> Result<Self, KeyError> {
        let key = ParsedKey::Public(parse(material, alg)?);
        Ok(Self(Arc::new(Inner { alg, kid, key })))
    }

    /// The one algorithm of the key.
    pub fn algorithm(&self) -> Algorithm {
        self.0.alg
    }

    /// The name of the key (`kid`).
    pub fn kid(&self) -> Option<&str> {
        self.0.kid.as_deref()
    }

    /// Verifies a signature in the form of JWS. ECDSA signatures are two numbers side by side (RFC 7518 section 3.4).
    ///
    /// # Errors
    /// [`BadSignature`].
    pub fn verify(&self, signing_input: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        match &self.0.key {
            ParsedKey::Public(key) => key.verify_sig(signing_input, signature).map_err(|_| BadSignature),
            ParsedKey::Secret(key) if key.verify(&[signing_input], signature) => Ok(()),
            ParsedKey::Secret(_) => Err(BadSignature),
        }
    }
}

fn parse(material: &Material, alg: Algorithm) -> Result<ParsedPublicKey, KeyError> {
    match (material, alg) {
        (Material::Ec { curve: Curve::P256, x, y }, Algorithm::Es256) => {
            point(&signature::ECDSA_P256_SHA256_FIXED, x, y)
        }
        (Material::Ec { curve: Curve::P384, x, y }, Algorithm::Es384) => {
            point(&signature::ECDSA_P384_SHA384_FIXED, x, y)
        }
        (Material::Ec { curve: Curve::P521, x, y }, Algorithm::Es512) => {
            point(&signature::ECDSA_P521_SHA512_FIXED, x, y)
        }
        (Material::Ed25519 { x }, Algorithm::EdDsa | Algorithm::Ed25519) => {
            check::ed25519(x)?;
            ParsedPublicKey::new(&signature::ED25519, x).map_err(|_| KeyError::Invalid)
        }
        (Material::Rsa { n, e }, _) => rsa(rsa_parameters(alg).ok_or(KeyError::AlgMismatch)?, n, e),
        _ => Err(KeyError::AlgMismatch),
    }
}

const fn rsa_parameters(alg: Algorithm) -> Option<&'static RsaParameters> {
    match alg {
        Algorithm::Rs256 => Some(&signature::RSA_PKCS1_2048_8192_SHA256),
        Algorithm::Rs384 => Some(&signature::RSA_PKCS1_2048_8192_SHA384),
        Algorithm::Rs512 => Some(&signature::RSA_PKCS1_2048_8192_SHA512),
        Algorithm::Ps256 => Some(&signature::RSA_PSS_2048_8192_SHA256),
        Algorithm::Ps384 => Some(&signature::RSA_PSS_2048_8192_SHA384),
        Algorithm::Ps512 => Some(&signature::RSA_PSS_2048_8192_SHA512),
        Algorithm::Es256
        | Algorithm::Es384
        | Algorithm::Es512
        | Algorithm::EdDsa
        | Algorithm::Ed25519
        | Algorithm::Hs256 => None,
    }
}

/// The provider checks that the point is on the curve and not at infinity.
fn point(alg: &'static EcdsaVerificationAlgorithm, x: &[u8], y: &[u8]) -> Result<ParsedPublicKey, KeyError> {
    const UNCOMPRESSED: &[u8] = &[4];
    ParsedPublicKey::new(alg, [UNCOMPRESSED, x, y].concat()).map_err(|_| KeyError::Invalid)
}

fn rsa(parameters: &'static RsaParameters, n: &[u8], e: &[u8]) -> Result<ParsedPublicKey, KeyError> {
    check::rsa(n, e)?;
    RsaPublicKeyComponents { n, e }.to_parsed_public_key(parameters).map_err(|_| KeyError::Invalid)
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyingKey")
            .field("alg", &self.0.alg)
            .field("kid", &self.0.kid)
            .finish_non_exhaustive()
    }
}
