//! The certificate of an attestation key, and the requirements that formats share (WebAuthn sections 8.2.1 and 8.3.1, RFC 5280).
//!
//! `x509-cert` takes the certificate apart. Extensions that only attestation knows are read with [`crate::der`].

use tessera_jose::jwk::Curve;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Decode as _, Tag, Tagged as _};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, SubjectAltName};
use x509_cert::name::Name;
use x509_cert::spki::SubjectPublicKeyInfoOwned;
use x509_cert::{TbsCertificate, Version};

use crate::authenticator_data::Aaguid;
use crate::der;
use crate::key::{BadKey, PublicKey};

/// `id-fido-gen-ce-aaguid`.
const AAGUID: &str = "1.3.6.1.4.1.45724.1.1.4";

const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P_384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// The longest certificate of an attestation key, in bytes. Real ones have about a thousand. The library sorts the parts of a
/// name in quadratic time: 4 KiB take 10 ms, and 60 KiB took 4.6 s.
pub const MAX_CERTIFICATE_LEN: usize = 4 * 1024;

/// Why the certificate of an attestation key is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Longer than [`MAX_CERTIFICATE_LEN`].
    #[error("too long")]
    TooLong,
    /// Not one certificate in DER.
    #[error("malformed")]
    Malformed,
    /// The key is of a type that this crate does not verify with.
    #[error("unsupported type of key")]
    UnsupportedKey,
    /// Not version 3.
    #[error("not version 3")]
    Version,
    /// The subject does not have the form that the format requires.
    #[error("the subject does not have the required form")]
    Subject,
    /// The alternative name does not have the form that the format requires.
    #[error("the alternative name does not have the required form")]
    AlternativeName,
    /// The certificate does not say that its key is no CA.
    #[error("not marked as the certificate of an end entity")]
    BasicConstraints,
    /// The certificate is not for the purpose that the format requires.
    #[error("not for attestation keys")]
    ExtendedKeyUsage,
    /// The extension is malformed, occurs twice, or must not be critical.
    #[error("extension {0} is malformed")]
    Extension(&'static str),
    /// The extension is missing.
    #[error("extension {0} is missing")]
    MissingExtension(&'static str),
    /// The certificate is for another model.
    #[error("the certificate is for another model")]
    Aaguid,
}

/// What is signed in a certificate.
pub(super) struct Certificate(TbsCertificate);

impl Certificate {
    pub(super) fn parse(der: &[u8]) -> Result<Self, CertificateError> {
        if der.len() > MAX_CERTIFICATE_LEN {
            return Err(CertificateError::TooLong);
        }
        let certificate = x509_cert::Certificate::from_der(der);
        certificate.map(|parsed| Self(parsed.tbs_certificate)).map_err(|_| CertificateError::Malformed)
    }

    /// The key of the certificate. `None` if it is of a type that is not used here.
    pub(super) fn key(&self) -> Result<Option<PublicKey>, BadKey> {
        let info = &self.0.subject_public_key_info;
        let Some(bits) = info.subject_public_key.as_bytes() else { return Ok(None) };
        match info.algorithm.oid {
            EC => ec_key(info, bits),
            RSA => rsa_key(bits),
            ED25519 => PublicKey::ed25519(bits).map(Some),
            _ => Ok(None),
        }
    }

    pub(super) fn require_version_3(&self) -> Result<(), CertificateError> {
        if self.0.version == Version::V3 { Ok(()) } else { Err(CertificateError::Version) }
    }

    pub(super) fn require_end_entity(&self) -> Result<(), CertificateError> {
        match self.0.get::<BasicConstraints>() {
            Ok(Some((_, constraints))) if !constraints.ca => Ok(()),
            _ => Err(CertificateError::BasicConstraints),
        }
    }

    /// The extended key usage must contain this purpose.
    pub(super) fn require_purpose(&self, purpose: ObjectIdentifier) -> Result<(), CertificateError> {
        match self.0.get::<ExtendedKeyUsage>() {
            Ok(Some((_, usage))) if usage.0.contains(&purpose) => Ok(()),
            _ => Err(CertificateError::ExtendedKeyUsage),
        }
    }

    pub(super) fn has_empty_subject(&self) -> bool {
        self.0.subject.is_empty()
    }

    /// The values of an attribute of the subject.
    pub(super) fn subject(&self, attribute: ObjectIdentifier) -> Vec<&str> {
        texts(&self.0.subject, attribute).collect()
    }

    /// Whether a directory name among the alternative names has a value for each of the attributes.
    pub(super) fn alternative_name_has(&self, attributes: &[ObjectIdentifier]) -> bool {
        let Ok(Some((_, SubjectAltName(names)))) = self.0.get::<SubjectAltName>() else { return false };
        names.iter().any(|name| match name {
            GeneralName::DirectoryName(name) => {
                attributes.iter().all(|attribute| texts(name, *attribute).any(|text| !text.is_empty()))
            }
            _ => false,
        })
    }

    /// An extension, which must be there at most once.
    pub(super) fn extension(&self, id: &'static str) -> Result<Option<&Extension>, CertificateError> {
        let extensions = self.0.extensions.iter().flatten();
        let mut found = extensions.filter(|extension| extension.extn_id.to_string() == id);
        let first = found.next();
        if found.next().is_some() {
            return Err(CertificateError::Extension(id));
        }
        Ok(first)
    }

    /// The value of an extension, which must be there once.
    pub(super) fn required_extension(&self, id: &'static str) -> Result<&[u8], CertificateError> {
        let extension = self.extension(id)?.ok_or(CertificateError::MissingExtension(id))?;
        Ok(extension.extn_value.as_bytes())
    }

    /// If the certificate names a model, it must be this one (section 8.2.1).
    pub(super) fn check_aaguid(&self, aaguid: Aaguid) -> Result<(), CertificateError> {
        let Some(extension) = self.extension(AAGUID)? else { return Ok(()) };
        match der::only(extension.extn_value.as_bytes(), der::OCTET_STRING) {
            Some(named) if named.len() == 16 && !extension.critical => {
                if named == aaguid.0 {
                    Ok(())
                } else {
                    Err(CertificateError::Aaguid)
                }
            }
            _ => Err(CertificateError::Extension(AAGUID)),
        }
    }
}

/// The values of an attribute, as far as they are texts.
fn texts(name: &Name, attribute: ObjectIdentifier) -> impl Iterator<Item = &str> {
    let attributes = name.0.iter().flat_map(|part| part.0.iter());
    attributes.filter(move |candidate| candidate.oid == attribute).filter_map(text)
}

fn text(attribute: &AttributeTypeAndValue) -> Option<&str> {
    let is_text = matches!(attribute.value.tag(), Tag::Utf8String | Tag::PrintableString);
    std::str::from_utf8(attribute.value.value()).ok().filter(|_| is_text)
}

/// RFC 5480: the curve stands in the parameters, the key is a point.
fn ec_key(info: &SubjectPublicKeyInfoOwned, bits: &[u8]) -> Result<Option<PublicKey>, BadKey> {
    let parameters = info.algorithm.parameters.as_ref();
    let curve = match parameters.and_then(|parameters| parameters.decode_as::<ObjectIdentifier>().ok()) {
        Some(P_256) => Curve::P256,
        Some(P_384) => Curve::P384,
        _ => return Ok(None),
    };
    let point = bits.strip_prefix(&[4]);
    match point.and_then(|point| point.split_at_checked(curve.coordinate_len())) {
        Some((x, y)) => PublicKey::ec(curve, x, y).map(Some),
        None => Ok(None),
    }
}

/// RFC 3279 section 2.3.1.
fn rsa_key(bits: &[u8]) -> Result<Option<PublicKey>, BadKey> {
    let numbers = || {
        let mut numbers = der::Reader::new(der::only(bits, der::SEQUENCE)?);
        let n = der::positive(numbers.element(der::INTEGER)?)?;
        let e = der::positive(numbers.element(der::INTEGER)?)?;
        numbers.is_at_end().then_some((n, e))
    };
    numbers().map(|(n, e)| PublicKey::rsa(n, e)).transpose()
}
