//! Public keys of certificates: their type, and whether they are strong.
//!
//! A key goes to `tessera-jose` in the form of a JWK. So the checks that a key is strong (points on their curve, RSA of 2048 bits or
//! more, not of the weak shape that a generator of smart cards once made, no small order) stand in one place.

use tessera_jose::jwk::Curve;
use tessera_jose::{Algorithm, Jwk, JwkError, KeyError, VerifyingKey, base64url};

use crate::der::{self, Reader};
use crate::oid::ObjectIdentifier;

/// Why a public key is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// Neither RSA, nor ECDSA with P-256, P-384 or P-521, nor Ed25519.
    #[error("the type of key is not supported")]
    Unsupported,
    /// Not the numbers of a key.
    #[error("malformed public key: {0}")]
    Malformed(#[from] JwkError),
    /// The key is weak, or off its curve.
    #[error("public key refused: {0}")]
    Refused(#[from] KeyError),
}

/// Refuses a weak key.
pub(crate) fn check(info: &[u8]) -> Result<(), BadKey> {
    let (jwk, algorithm) = jwk(info).ok_or(BadKey::Unsupported)?;
    VerifyingKey::from_jwk_for(&Jwk::parse(jwk.as_bytes())?, algorithm)?;
    Ok(())
}

/// The key in a `SubjectPublicKeyInfo`, as RFC 5280 section 4.1.2.7 calls it: the bits, without their number of unused ones.
pub(crate) fn bits(info: &[u8]) -> Option<&[u8]> {
    let mut info = der::only(info, der::SEQUENCE)?;
    info.content(der::SEQUENCE)?;
    let bits = info.bytes_of_bits()?;
    info.end(bits)
}

fn jwk(info: &[u8]) -> Option<(String, Algorithm)> {
    let bits = bits(info)?;
    let mut algorithm = der::only(info, der::SEQUENCE)?.inside(der::SEQUENCE)?;
    let kind = ObjectIdentifier::read(&mut algorithm)?.to_string();
    match kind.as_str() {
        "1.2.840.10045.2.1" => {
            let curve = ObjectIdentifier::read(&mut algorithm)?.to_string();
            algorithm.end(())?;
            elliptic(&curve, bits)
        }
        "1.2.840.113549.1.1.1" => rsa(bits),
        "1.3.101.112" => {
            algorithm.end(())?;
            let x = base64url::encode(bits);
            Some((format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#), Algorithm::EdDsa))
        }
        _ => None,
    }
}

/// RFC 5480 section 2.2, uncompressed.
fn elliptic(curve: &str, bits: &[u8]) -> Option<(String, Algorithm)> {
    let (curve, algorithm) = match curve {
        "1.2.840.10045.3.1.7" => (Curve::P256, Algorithm::Es256),
        "1.3.132.0.34" => (Curve::P384, Algorithm::Es384),
        "1.3.132.0.35" => (Curve::P521, Algorithm::Es512),
        _ => return None,
    };
    let point = bits.strip_prefix(&[4]).filter(|point| point.len() == 2 * curve.coordinate_len())?;
    let (x, y) = point.split_at(curve.coordinate_len());
    let (x, y, curve) = (base64url::encode(x), base64url::encode(y), curve.as_str());
    Some((format!(r#"{{"kty":"EC","crv":"{curve}","x":"{x}","y":"{y}"}}"#), algorithm))
}

/// RFC 3279 section 2.3.1.
fn rsa(bits: &[u8]) -> Option<(String, Algorithm)> {
    let mut numbers: Reader<'_> = der::only(bits, der::SEQUENCE)?;
    let (n, e) = (base64url::encode(numbers.unsigned()?), base64url::encode(numbers.unsigned()?));
    numbers.end((format!(r#"{{"kty":"RSA","n":"{n}","e":"{e}"}}"#), Algorithm::Rs256))
}
