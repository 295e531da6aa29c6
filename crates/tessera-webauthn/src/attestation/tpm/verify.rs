//! The verification procedure of section 8.3, and the requirements of section 8.3.1.

use tessera_jose::digest;
use x509_cert::der::asn1::ObjectIdentifier;

use super::structures::{CertifyInfo, PublicArea};
use crate::algorithm::CoseAlgorithm;
use crate::attestation::certificate::{Certificate, CertificateError};
use crate::attestation::error::AttestationError;
use crate::attestation::statement::Statement;
use crate::attestation::subject::Subject;
use crate::attestation::verdict::{Attestation, Format, Voucher};

pub(in crate::attestation) fn verify(
    statement: &Statement<'_>,
    subject: &Subject<'_>,
) -> Result<Attestation, AttestationError> {
    let Statement {
        alg: Some(alg),
        sig: Some(sig),
        x5c: Some(chain),
        ver: Some("2.0"),
        cert_info: Some(cert_info),
        pub_area: Some(pub_area),
    } = statement
    else {
        return Err(AttestationError::Members);
    };
    let area = PublicArea::parse(pub_area).ok_or(AttestationError::TpmStructure("pubArea"))?;
    if area.key()?.material() != subject.key.public.material() {
        return Err(AttestationError::OtherKey);
    }
    let certificate = Certificate::parse(chain.leaf)?;
    check_requirements(&certificate)?;
    certificate.check_aaguid(subject.credential.aaguid)?;
    let key = certificate.key()?.ok_or(CertificateError::UnsupportedKey)?;
    key.verifier(algorithm(*alg)?)?.verify(cert_info, sig)?;
    let info = CertifyInfo::parse(cert_info).ok_or(AttestationError::TpmStructure("certInfo"))?;
    if info.extra_data != digest::sha256(&subject.signed()) {
        return Err(AttestationError::OtherRegistration);
    }
    if info.name != digest::sha256(pub_area) {
        return Err(AttestationError::OtherKey);
    }
    let (format, voucher) = (Format::Tpm, Voucher::AttestationCa);
    Ok(Attestation::Certified { format, voucher, chain: chain.to_der() })
}

/// The algorithms whose hash is SHA-256, because the TPM uses that hash for `extraData` too.
fn algorithm(number: i64) -> Result<CoseAlgorithm, AttestationError> {
    match CoseAlgorithm::from_number(number) {
        Some(algorithm @ (CoseAlgorithm::Es256 | CoseAlgorithm::Rs256)) => Ok(algorithm),
        _ => Err(AttestationError::Algorithm(number)),
    }
}

/// Section 8.3.1. The alternative name tells manufacturer, model and version of the TPM.
fn check_requirements(certificate: &Certificate) -> Result<(), CertificateError> {
    const MANUFACTURER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.133.2.1");
    const MODEL: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.133.2.2");
    const VERSION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.133.2.3");
    const ATTESTATION_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.133.8.3");
    certificate.require_version_3()?;
    if !certificate.has_empty_subject() {
        return Err(CertificateError::Subject);
    }
    if !certificate.alternative_name_has(&[MANUFACTURER, MODEL, VERSION]) {
        return Err(CertificateError::AlternativeName);
    }
    certificate.require_purpose(ATTESTATION_KEY)?;
    certificate.require_end_entity()
}
