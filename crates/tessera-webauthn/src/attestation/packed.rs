//! `packed` (WebAuthn section 8.2).

use x509_cert::der::asn1::ObjectIdentifier;

use super::certificate::{Certificate, CertificateError};
use super::error::AttestationError;
use super::statement::{Chain, Statement};
use super::subject::Subject;
use super::verdict::{Attestation, Format, Voucher};
use crate::algorithm::CoseAlgorithm;

pub(super) fn verify(
    statement: &Statement<'_>,
    subject: &Subject<'_>,
) -> Result<Attestation, AttestationError> {
    match *statement {
        Statement { alg: Some(alg), sig: Some(sig), ref x5c, ver: None, cert_info: None, pub_area: None } => {
            match x5c {
                Some(chain) => certified(alg, sig, chain, subject),
                None => self_signed(alg, sig, subject),
            }
        }
        _ => Err(AttestationError::Members),
    }
}

fn self_signed(alg: i64, sig: &[u8], subject: &Subject<'_>) -> Result<Attestation, AttestationError> {
    if alg != subject.key.algorithm.number() {
        return Err(AttestationError::AlgorithmMismatch);
    }
    subject.key.verify(&subject.signed(), sig)?;
    Ok(Attestation::SelfSigned)
}

fn certified(
    alg: i64,
    sig: &[u8],
    chain: &Chain<'_>,
    subject: &Subject<'_>,
) -> Result<Attestation, AttestationError> {
    let algorithm = CoseAlgorithm::from_number(alg).ok_or(AttestationError::Algorithm(alg))?;
    let certificate = Certificate::parse(chain.leaf)?;
    let key = certificate.key()?.ok_or(CertificateError::UnsupportedKey)?;
    key.verifier(algorithm)?.verify(&subject.signed(), sig)?;
    check_requirements(&certificate)?;
    certificate.check_aaguid(subject.credential.aaguid)?;
    let (format, voucher) = (Format::Packed, Voucher::BasicOrAttestationCa);
    Ok(Attestation::Certified { format, voucher, chain: chain.to_der() })
}

/// Section 8.2.1.
fn check_requirements(certificate: &Certificate) -> Result<(), CertificateError> {
    const COUNTRY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.6");
    const ORGANIZATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
    const UNIT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.11");
    const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
    certificate.require_version_3()?;
    let is_country = |text: &&str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    let has = |attribute| certificate.subject(attribute).iter().any(|text| !text.is_empty());
    let fits = certificate.subject(COUNTRY).iter().any(is_country)
        && has(ORGANIZATION)
        && certificate.subject(UNIT) == ["Authenticator Attestation"]
        && has(COMMON_NAME);
    if !fits {
        return Err(CertificateError::Subject);
    }
    certificate.require_end_entity()
}
