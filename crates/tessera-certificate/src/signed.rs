//! What certificates, CRLs and OCSP responses share: bytes, an algorithm and a signature (RFC 5280 section 4.1.1).
//!
//! `rustls-webpki` verifies, with the same list of algorithms as for chains: ECDSA, Ed25519 and RSA of 2048 bits or more, with SHA-2.

use rustls_pki_types::SubjectPublicKeyInfoDer;
use webpki::{ALL_VERIFICATION_ALGS, RawPublicKeyEntity};

use crate::der::{self, Reader};

/// Why a signature does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// SHA-1 or another algorithm that is not accepted, or one that is not for the key.
    #[error("the signature algorithm is not accepted, or is not for the key")]
    Algorithm,
    /// The key did not sign these bytes, or it is too short.
    #[error("the signature is wrong")]
    Wrong,
}

/// Bytes with their signature.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signed<'a> {
    /// The signed element, with tag and length.
    pub(crate) message: &'a [u8],
    /// The content of the signed element.
    pub(crate) content: &'a [u8],
    /// The content of the `AlgorithmIdentifier`.
    pub(crate) algorithm: &'a [u8],
    signature: &'a [u8],
}

impl<'a> Signed<'a> {
    pub(crate) fn read(reader: &mut Reader<'a>) -> Option<Self> {
        let message = reader.element(der::SEQUENCE)?;
        let algorithm = reader.content(der::SEQUENCE)?;
        let signature = reader.bytes_of_bits()?;
        Some(Self { message: message.whole, content: message.content, algorithm, signature })
    }

    /// Whether the key in this `SubjectPublicKeyInfo` signed the message.
    pub(crate) fn verify(&self, key: &[u8]) -> Result<(), SignatureError> {
        let key = SubjectPublicKeyInfoDer::from(key);
        let key = RawPublicKeyEntity::try_from(&key).map_err(|_| SignatureError::Wrong)?;
        let fitting = ALL_VERIFICATION_ALGS
            .iter()
            .filter(|algorithm| algorithm.signature_alg_id().as_ref() == self.algorithm);
        for algorithm in fitting {
            match key.verify_signature(*algorithm, self.message, self.signature) {
                Ok(()) => return Ok(()),
                Err(webpki::Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_)) => {}
                Err(_) => return Err(SignatureError::Wrong),
            }
        }
        Err(SignatureError::Algorithm)
    }
}
