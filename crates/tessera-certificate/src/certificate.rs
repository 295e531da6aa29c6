//! One certificate, taken apart (RFC 5280 section 4.1).
//!
//! Reading takes time in proportion to the length. Nothing here says that a certificate can be trusted.

use std::fmt;

use tessera_jose::digest;

use crate::der::{self, Reader};
use crate::extensions::{self, Extensions};
use crate::hex;
use crate::key::{self, BadKey};
use crate::name::Name;
use crate::oid::ObjectIdentifier;
use crate::signed::{SignatureError, Signed};
use crate::time;

/// The longest certificate, in bytes.
pub const MAX_CERTIFICATE_LEN: usize = 64 * 1024;

/// The longest serial number, in bytes. RFC 5280 allows 20.
const MAX_SERIAL_LEN: usize = 32;

/// Why bytes are no certificate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Longer than [`MAX_CERTIFICATE_LEN`].
    #[error("too long")]
    TooLong,
    /// Not one certificate of version 3 in DER, with a serial number that is not negative.
    #[error("malformed")]
    Malformed,
    /// The extension is malformed.
    #[error("extension {0} is malformed")]
    Extension(ObjectIdentifier),
}

/// A serial number. Numbers are written as hexadecimal digits, two a byte.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Serial(Vec<u8>);

impl Serial {
    /// Without leading zeros.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        reader.unsigned().filter(|digits| digits.len() <= MAX_SERIAL_LEN).map(|digits| Self(digits.to_vec()))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

impl fmt::Debug for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A certificate that nobody has verified yet, unless it comes out of a [`VerifiedCertificate`](crate::VerifiedCertificate).
#[derive(Clone)]
pub struct Certificate {
    der: Vec<u8>,
    serial: Serial,
    issuer: Name,
    not_before: u64,
    not_after: u64,
    subject: Name,
    key: Vec<u8>,
    extensions: Extensions,
}

impl Certificate {
    /// Takes a certificate in DER apart.
    ///
    /// # Errors
    /// [`CertificateError`].
    pub fn parse(der: &[u8]) -> Result<Self, CertificateError> {
        if der.len() > MAX_CERTIFICATE_LEN {
            return Err(CertificateError::TooLong);
        }
        let signed = signed(der).ok_or(CertificateError::Malformed)?;
        let mut fields = Reader::new(signed.content);
        let certificate =
            Self::fields(der, &mut fields, signed.algorithm).ok_or(CertificateError::Malformed)?;
        if fields.is_at_end() {
            return Ok(certificate);
        }
        let mut tagged = fields.inside(der::constructed(3)).ok_or(CertificateError::Malformed)?;
        let sequence = tagged.inside(der::SEQUENCE).ok_or(CertificateError::Malformed)?;
        if !tagged.is_at_end() || !fields.is_at_end() {
            return Err(CertificateError::Malformed);
        }
        let malformed = |id: Option<_>| id.map_or(CertificateError::Malformed, CertificateError::Extension);
        Ok(Self { extensions: Extensions::read(sequence).map_err(malformed)?, ..certificate })
    }

    /// What stands before the extensions. The two places that name the algorithm must agree (section 4.1.1.2).
    fn fields(der: &[u8], fields: &mut Reader<'_>, algorithm: &[u8]) -> Option<Self> {
        const VERSION_3: &[u8] = &[2, 1, 2];
        if fields.content(der::constructed(0))? != VERSION_3 {
            return None;
        }
        let serial = Serial::read(fields)?;
        if fields.content(der::SEQUENCE)? != algorithm {
            return None;
        }
        let issuer = Name::new(fields.element(der::SEQUENCE)?)?;
        let mut validity = fields.inside(der::SEQUENCE)?;
        let (not_before, not_after) = (time::read(&mut validity)?, time::read(&mut validity)?);
        validity.end(())?;
        let subject = Name::new(fields.element(der::SEQUENCE)?)?;
        let key = fields.element(der::SEQUENCE)?.whole.to_vec();
        key::bits(&key)?;
        let (der, extensions) = (der.to_vec(), Extensions::default());
        Some(Self { der, serial, issuer, not_before, not_after, subject, key, extensions })
    }

    /// The certificate in DER.
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// The serial number.
    pub const fn serial(&self) -> &Serial {
        &self.serial
    }

    /// The name of the CA that issued the certificate.
    pub const fn issuer(&self) -> &Name {
        &self.issuer
    }

    /// Whom the certificate is about.
    pub const fn subject(&self) -> &Name {
        &self.subject
    }

    /// The first second at which the certificate is valid, since 1970.
    pub const fn not_before(&self) -> u64 {
        self.not_before
    }

    /// The last second at which the certificate is valid, since 1970.
    pub const fn not_after(&self) -> u64 {
        self.not_after
    }

    /// SHA-256 of the `SubjectPublicKeyInfo`.
    pub fn key_digest(&self) -> [u8; 32] {
        digest::sha256(&self.key)
    }

    /// The certificate policies that it names.
    pub fn policies(&self) -> &[ObjectIdentifier] {
        &self.extensions.policies
    }

    /// Where an OCSP responder can be asked, as the certificate says.
    pub fn ocsp_urls(&self) -> &[String] {
        &self.extensions.ocsp_urls
    }

    /// Where CRLs can be fetched, as the certificate says.
    pub fn crl_urls(&self) -> Vec<String> {
        self.extensions.distribution_points.iter().filter_map(|name| extensions::url(name)).collect()
    }

    pub(crate) const fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    /// The `SubjectPublicKeyInfo`.
    pub(crate) fn key(&self) -> &[u8] {
        &self.key
    }

    pub(crate) fn check_key(&self) -> Result<(), BadKey> {
        key::check(&self.key)
    }

    pub(crate) fn is_valid_at(&self, now: u64) -> bool {
        (self.not_before..=self.not_after).contains(&now)
    }

    /// Whether the key of `issuer` signed this certificate. Nothing else about the issuer is checked.
    pub(crate) fn is_signed_by(&self, issuer: &Self) -> Result<(), SignatureError> {
        signed(&self.der).ok_or(SignatureError::Wrong)?.verify(&issuer.key)
    }
}

fn signed(der: &[u8]) -> Option<Signed<'_>> {
    let mut certificate = der::only(der, der::SEQUENCE)?;
    let signed = Signed::read(&mut certificate)?;
    certificate.end(signed)
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for Certificate {}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("subject", &self.subject)
            .field("issuer", &self.issuer)
            .field("serial", &self.serial)
            .finish_non_exhaustive()
    }
}
