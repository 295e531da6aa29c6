//! `android-key` (WebAuthn section 8.4, and the key description of Android key attestation).
//!
//! Only what the secure hardware enforces counts. What the operating system says about a key is not used.

use super::certificate::{Certificate, CertificateError};
use super::error::AttestationError;
use super::statement::Statement;
use super::subject::Subject;
use super::verdict::{Attestation, Format, Voucher};
use crate::algorithm::CoseAlgorithm;
use crate::der;

/// The extension that holds the key description.
const KEY_DESCRIPTION: &str = "1.3.6.1.4.1.11129.2.1.17";

pub(super) fn verify(
    statement: &Statement<'_>,
    subject: &Subject<'_>,
) -> Result<Attestation, AttestationError> {
    let Statement {
        alg: Some(alg),
        sig: Some(sig),
        x5c: Some(chain),
        ver: None,
        cert_info: None,
        pub_area: None,
    } = statement
    else {
        return Err(AttestationError::Members);
    };
    let algorithm = CoseAlgorithm::from_number(*alg).ok_or(AttestationError::Algorithm(*alg))?;
    let certificate = Certificate::parse(chain.leaf)?;
    let key = certificate.key()?.ok_or(CertificateError::UnsupportedKey)?;
    key.verifier(algorithm)?.verify(&subject.signed(), sig)?;
    if key.material() != subject.key.public.material() {
        return Err(AttestationError::OtherKey);
    }
    let value = certificate.required_extension(KEY_DESCRIPTION)?;
    let description = KeyDescription::parse(value).ok_or(CertificateError::Extension(KEY_DESCRIPTION))?;
    if description.challenge != subject.client_data_hash {
        return Err(AttestationError::OtherRegistration);
    }
    description.check_lists()?;
    let (format, voucher) = (Format::AndroidKey, Voucher::Basic);
    Ok(Attestation::Certified { format, voucher, chain: chain.to_der() })
}

/// The parts of the key description that count.
#[derive(Debug, PartialEq, Eq)]
struct KeyDescription<'a> {
    challenge: &'a [u8],
    software: AuthorizationList<'a>,
    hardware: AuthorizationList<'a>,
}

/// What a key may be used for, by whose word.
#[derive(Debug, Default, PartialEq, Eq)]
struct AuthorizationList<'a> {
    purposes: Option<&'a [u8]>,
    all_applications: bool,
    origin: Option<&'a [u8]>,
}

impl<'a> KeyDescription<'a> {
    fn parse(value: &'a [u8]) -> Option<Self> {
        let mut fields = der::Reader::new(der::only(value, der::SEQUENCE)?);
        for tag in [der::INTEGER, der::ENUMERATED, der::INTEGER, der::ENUMERATED] {
            fields.element(tag)?;
        }
        let challenge = fields.element(der::OCTET_STRING)?;
        let _unique_id = fields.element(der::OCTET_STRING)?;
        let software = AuthorizationList::parse(fields.element(der::SEQUENCE)?)?;
        let hardware = AuthorizationList::parse(fields.element(der::SEQUENCE)?)?;
        fields.is_at_end().then_some(Self { challenge, software, hardware })
    }

    fn check_lists(&self) -> Result<(), AttestationError> {
        /// A set of one purpose, `KM_PURPOSE_SIGN`.
        const SIGN: &[u8] = &[0x02, 0x01, 0x02];
        /// `KM_ORIGIN_GENERATED`.
        const GENERATED: &[u8] = &[0x00];
        let one_application = !self.software.all_applications && !self.hardware.all_applications;
        let fits = self.hardware.purposes == Some(SIGN) && self.hardware.origin == Some(GENERATED);
        if one_application && fits { Ok(()) } else { Err(AttestationError::AuthorizationList) }
    }
}

impl<'a> AuthorizationList<'a> {
    /// A list has each tag once. Tags that do not count are skipped.
    fn parse(content: &'a [u8]) -> Option<Self> {
        const PURPOSE: u32 = der::explicit(1);
        const ALL_APPLICATIONS: u32 = der::explicit(600);
        const ORIGIN: u32 = der::explicit(702);
        let mut list = Self::default();
        let mut fields = der::Reader::new(content);
        while !fields.is_at_end() {
            let (tag, value) = fields.any()?;
            let is_new = match tag {
                PURPOSE => list.purposes.replace(der::only(value, der::SET)?).is_none(),
                ORIGIN => list.origin.replace(der::only(value, der::INTEGER)?).is_none(),
                ALL_APPLICATIONS => !std::mem::replace(&mut list.all_applications, true),
                _ => true,
            };
            if !is_new {
                return None;
            }
        }
        Some(list)
    }
}
