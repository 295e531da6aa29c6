//! `apple` (WebAuthn section 8.8).

use tessera_jose::digest;

use super::certificate::{Certificate, CertificateError};
use super::error::AttestationError;
use super::statement::Statement;
use super::subject::Subject;
use super::verdict::{Attestation, Format, Voucher};
use crate::der;

/// The extension that holds the nonce.
const NONCE: &str = "1.2.840.113635.100.8.2";

pub(super) fn verify(
    statement: &Statement<'_>,
    subject: &Subject<'_>,
) -> Result<Attestation, AttestationError> {
    let Statement { alg, sig: None, x5c: Some(chain), ver: None, cert_info: None, pub_area: None } =
        statement
    else {
        return Err(AttestationError::Members);
    };
    // The syntax has no `alg`, but devices with an older draft send it.
    if alg.is_some_and(|alg| alg != subject.key.algorithm.number()) {
        return Err(AttestationError::AlgorithmMismatch);
    }
    let certificate = Certificate::parse(chain.leaf)?;
    let value = certificate.required_extension(NONCE)?;
    if nonce(value).ok_or(CertificateError::Extension(NONCE))? != digest::sha256(&subject.signed()) {
        return Err(AttestationError::OtherRegistration);
    }
    let key = certificate.key()?.ok_or(CertificateError::UnsupportedKey)?;
    if key.material() != subject.key.public.material() {
        return Err(AttestationError::OtherKey);
    }
    let (format, voucher) = (Format::Apple, Voucher::AnonymizationCa);
    Ok(Attestation::Certified { format, voucher, chain: chain.to_der() })
}

/// A sequence of one explicitly tagged octet string.
fn nonce(value: &[u8]) -> Option<&[u8]> {
    let tagged = der::only(der::only(value, der::SEQUENCE)?, der::explicit(1))?;
    der::only(tagged, der::OCTET_STRING)
}
