//! Private keys and shared secrets, ready to sign.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaKeyPair, RsaSignatureEncoding,
};
use zeroize::Zeroizing;

use super::der;
use super::error::KeyError;
use super::verifying::VerifyingKey;
use crate::algorithm::Algorithm;
use crate::hmac::HmacSha256Key;
use crate::jwk::{Curve, Jwk, Material};
use crate::limits::{MAX_DOCUMENT_LEN, MAX_JWS_LEN};
use crate::{base64url, digest};

/// Why nothing was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// `typ` is not a media type name.
    #[error("the token type is not a media type name")]
    Type,
    /// There is nothing to sign. [`crate::Unverified`] refuses an empty payload.
    #[error("the payload is empty")]
    EmptyPayload,
    /// The token would be longer than [`MAX_JWS_LEN`], or the document longer than [`MAX_DOCUMENT_LEN`].
    #[error("the token would be too long")]
    TooLarge,
    /// The provider failed.
    #[error("signing failed")]
    Provider,
}

/// A key that signs under one algorithm. Clones share it. When the last clone is dropped, the encoded private key is wiped.
#[derive(Clone)]
pub struct SigningKey(Arc<Inner>);

struct Inner {
    alg: Algorithm,
    signer: Signer,
    encoded: Zeroizing<Vec<u8>>,
    public: Option<Jwk>,
    verifying: VerifyingKey,
    kid: String,
}

enum Signer {
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair, &'static RsaSignatureEncoding),
    Secret(Box<HmacSha256Key>),
}

impl SigningKey {
    /// Makes a key with the provider's randomness: ES256, `EdDSA`, Ed25519, RS256 or PS256 (2048 bits).
    /// For HS256, make a secret and load it with [`Self::from_secret`].
    ///
    /// # Errors
    /// `Unsupported` for other algorithms, `Generation`.
    pub fn generate(alg: Algorithm) -> Result<Self, KeyError> {
        match alg {
            Algorithm::Es256 => {
                let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
                Self::ecdsa(alg, pair.map_err(|_| KeyError::Generation)?)
            }
            Algorithm::EdDsa | Algorithm::Ed25519 => {
                Self::ed25519(alg, Ed25519KeyPair::generate().map_err(|_| KeyError::Generation)?)
            }
            Algorithm::Rs256 | Algorithm::Ps256 => {
                Self::rsa(alg, RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError::Generation)?)
            }
            _ => Err(KeyError::Unsupported(alg)),
        }
    }

    /// Loads an unencrypted PKCS #8 private key (RFC 5958).
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn from_pkcs8(alg: Algorithm, der: &[u8]) -> Result<Self, KeyError> {
        match alg {
            Algorithm::Es256 => {
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, whole(der)?);
                Self::ecdsa(alg, pair.map_err(|_| KeyError::Invalid)?)
            }
            Algorithm::EdDsa | Algorithm::Ed25519 => {
                Self::ed25519(alg, Ed25519KeyPair::from_pkcs8(whole(der)?).map_err(|_| KeyError::Invalid)?)
            }
            Algorithm::Rs256 | Algorithm::Ps256 => {
                Self::rsa(alg, RsaKeyPair::from_pkcs8(whole(der)?).map_err(|_| KeyError::Invalid)?)
            }
            _ => Err(KeyError::Unsupported(alg)),
        }
    }

    /// Loads a shared secret for HS256.
    ///
    /// # Errors
    /// `TooShort` under [`MIN_SECRET_LEN`](super::MIN_SECRET_LEN) bytes.
    pub fn from_secret(secret: &[u8]) -> Result<Self, KeyError> {
        // RFC 7638 section 3.2: `oct` requires the members k and kty.
        let canonical = Zeroizing::new(format!(r#"{{"k":"{}","kty":"oct"}}"#, base64url::encode(secret)));
        let kid = base64url::encode(digest::sha256(canonical.as_bytes()));
        let verifying = VerifyingKey::from_secret(secret, Some(&kid))?;
        let signer = Signer::Secret(Box::new(HmacSha256Key::new(secret)));
        let encoded = Zeroizing::new(secret.to_vec());
        Ok(Self(Arc::new(Inner { alg: Algorithm::Hs256, signer, encoded, public: None, verifying, kid })))
    }

    fn ecdsa(alg: Algorithm, pair: EcdsaKeyPair) -> Result<Self, KeyError> {
        let encoded = pair.to_pkcs8v1().map_err(|_| KeyError::Generation)?;
        let encoded = Zeroizing::new(encoded.as_ref().to_vec());
        let point = pair.public_key().as_ref().strip_prefix(&[4]).ok_or(KeyError::Invalid)?;
        let (x, y) = point.split_at_checked(Curve::P256.coordinate_len()).ok_or(KeyError::Invalid)?;
        let material = Material::Ec { curve: Curve::P256, x: x.to_vec(), y: y.to_vec() };
        Self::asymmetric(alg, Signer::Ecdsa(pair), encoded, material)
    }

    fn ed25519(alg: Algorithm, pair: Ed25519KeyPair) -> Result<Self, KeyError> {
        // Version 1, without the public key: the form that other libraries read.
        let encoded = pair.to_pkcs8v1().map_err(|_| KeyError::Generation)?;
        let encoded = Zeroizing::new(encoded.as_ref().to_vec());
        let x = pair.public_key().as_ref().try_into().map_err(|_| KeyError::Invalid)?;
        Self::asymmetric(alg, Signer::Ed25519(pair), encoded, Material::Ed25519 { x })
    }

    fn rsa(alg: Algorithm, pair: RsaKeyPair) -> Result<Self, KeyError> {
        let encoding = if alg == Algorithm::Ps256 { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
        let encoded = pair.as_der().map_err(|_| KeyError::Generation)?;
        let encoded = Zeroizing::new(encoded.as_ref().to_vec());
        let (n, e) = der::rsa_public_key(pair.public_key().as_ref()).ok_or(KeyError::Invalid)?;
        Self::asymmetric(alg, Signer::Rsa(pair, encoding), encoded, Material::Rsa { n, e })
    }

    fn asymmetric(
        alg: Algorithm,
        signer: Signer,
        encoded: Zeroizing<Vec<u8>>,
        material: Material,
    ) -> Result<Self, KeyError> {
        let public = Jwk::published(material, alg);
        let kid = public.thumbprint();
        let verifying = VerifyingKey::new(public.material(), alg, Some(kid.clone()))?;
        Ok(Self(Arc::new(Inner { alg, signer, encoded, public: Some(public), verifying, kid })))
    }

    /// The private key as unencrypted PKCS #8, or the raw secret of HS256. Encrypt it before you store or send it.
    pub fn to_pkcs8(&self) -> Zeroizing<Vec<u8>> {
        self.0.encoded.clone()
    }

    /// The one algorithm of the key.
    pub fn algorithm(&self) -> Algorithm {
        self.0.alg
    }

    /// The RFC 7638 SHA-256 thumbprint, in base64url. The thumbprint of a secret reveals as much about the secret as a tag does.
    pub fn kid(&self) -> &str {
        &self.0.kid
    }

    /// The key to publish, with `alg`, `use` and `kid`. `None` for a secret.
    pub fn public_jwk(&self) -> Option<Jwk> {
        self.0.public.clone()
    }

    /// The key that verifies what this one signs.
    pub fn verifying_key(&self) -> VerifyingKey {
        self.0.verifying.clone()
    }

    /// Signs `payload` into a compact JWS with the header `{"alg","typ","kid"}`.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn sign(&self, typ: &str, payload: &[u8]) -> Result<String, SignError> {
        self.sign_up_to(MAX_JWS_LEN, typ, payload)
    }

    /// Signs a document, which may be longer than a token. [`crate::Unverified::parse_document`] reads it.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn sign_document(&self, typ: &str, payload: &[u8]) -> Result<String, SignError> {
        self.sign_up_to(MAX_DOCUMENT_LEN, typ, payload)
    }

    fn sign_up_to(&self, limit: usize, typ: &str, payload: &[u8]) -> Result<String, SignError> {
        let header = self.header(typ)?;
        if payload.is_empty() {
            return Err(SignError::EmptyPayload);
        }
        let parts = [header.len(), payload.len(), self.signature_len()].map(base64url::encoded_len);
        let len = parts.iter().sum::<usize>() + 2;
        if len > limit {
            return Err(SignError::TooLarge);
        }
        let mut token = String::with_capacity(len);
        base64url::encode_onto(&mut token, header.as_bytes());
        token.push('.');
        base64url::encode_onto(&mut token, payload);
        self.append_signature(&mut token)?;
        Ok(token)
    }

    /// Writing it costs less than a cache would. No value needs escaping.
    fn header(&self, typ: &str) -> Result<String, SignError> {
        if typ.is_empty() || !typ.bytes().all(is_media_type_byte) {
            return Err(SignError::Type);
        }
        let Inner { alg, kid, .. } = &*self.0;
        Ok([r#"{"alg":""#, alg.as_str(), r#"","typ":""#, typ, r#"","kid":""#, kid, r#""}"#].concat())
    }

    fn signature_len(&self) -> usize {
        match &self.0.signer {
            Signer::Ecdsa(_) | Signer::Ed25519(_) => 64,
            Signer::Rsa(pair, _) => pair.public_modulus_len(),
            Signer::Secret(_) => 32,
        }
    }

    /// Signs the two segments in `token` and appends the third.
    fn append_signature(&self, token: &mut String) -> Result<(), SignError> {
        let input = token.as_bytes();
        // The interface asks for a generator, but the provider uses its own.
        let random = SystemRandom::new();
        match &self.0.signer {
            Signer::Ecdsa(pair) => {
                let signature = pair.sign(&random, input).map_err(|_| SignError::Provider)?;
                append(token, signature.as_ref());
            }
            Signer::Ed25519(pair) => {
                let signature = pair.try_sign(input).map_err(|_| SignError::Provider)?;
                append(token, signature.as_ref());
            }
            Signer::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*encoding, &random, input, &mut signature).map_err(|_| SignError::Provider)?;
                append(token, &signature);
            }
            Signer::Secret(key) => append(token, &key.tag(&[input])),
        }
        Ok(())
    }
}

/// The provider ignores bytes after a private key. We refuse them.
fn whole(der: &[u8]) -> Result<&[u8], KeyError> {
    if der::is_one_sequence(der) { Ok(der) } else { Err(KeyError::Invalid) }
}

fn append(token: &mut String, signature: &[u8]) {
    token.push('.');
    base64url::encode_onto(token, signature);
}

/// A byte of a media type name (RFC 6838 section 4.2), or the slash between type and subtype.
const fn is_media_type_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'!' | b'#' | b'$' | b'&' | b'-' | b'^' | b'_' | b'.' | b'+' | b'/')
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("alg", &self.0.alg)
            .field("kid", &self.0.kid)
            .finish_non_exhaustive()
    }
}
