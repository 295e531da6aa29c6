//! A certificate whose chain was verified, and the pairs of certificate and issuer that it consists of.

use std::iter;

use crate::anchors::{Ca, KeyStorage};
use crate::certificate::{Certificate, Serial};
use crate::name::Name;

/// A certificate whose chain leads to a trusted CA. Only [`Verification::verify`](crate::Verification::verify) makes one.
///
/// It says nothing about whether the certificate was revoked, nor whether somebody has the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedCertificate {
    certificate: Certificate,
    /// The CAs between it and the trusted one.
    above: Vec<Certificate>,
    ca: Ca,
}

impl VerifiedCertificate {
    pub(crate) const fn new(certificate: Certificate, above: Vec<Certificate>, ca: Ca) -> Self {
        Self { certificate, above, ca }
    }

    /// The certificate of the person.
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The name of the CA that the chain led to.
    pub fn ca(&self) -> &str {
        self.ca.name()
    }

    /// What that CA says about the key.
    pub const fn storage(&self) -> KeyStorage {
        self.ca.storage()
    }

    /// Each certificate of the chain with its issuer, that of the person first. All of them can be revoked.
    pub fn issued(&self) -> impl Iterator<Item = Issued<'_>> {
        let certificates = iter::once(&self.certificate).chain(&self.above);
        let issuers = self.above.iter().chain([self.ca.certificate()]);
        certificates.zip(issuers).map(|(certificate, issuer)| Issued { certificate, issuer })
    }

    /// What a page or an event can show of the certificate.
    pub fn facts(&self) -> Facts<'_> {
        let certificate = &self.certificate;
        Facts {
            subject: certificate.subject(),
            issuer: certificate.issuer(),
            serial: certificate.serial(),
            not_before: certificate.not_before(),
            not_after: certificate.not_after(),
        }
    }
}

/// A certificate together with the one whose key signed it. Both belong to a verified chain.
#[derive(Clone, Copy, Debug)]
pub struct Issued<'a> {
    certificate: &'a Certificate,
    issuer: &'a Certificate,
}

impl<'a> Issued<'a> {
    /// The certificate.
    pub const fn certificate(&self) -> &'a Certificate {
        self.certificate
    }

    /// The certificate of its issuer.
    pub const fn issuer(&self) -> &'a Certificate {
        self.issuer
    }
}

/// What a certificate says about itself. Texts are escaped, and a CA vouches for them, nobody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts<'a> {
    /// Whom it is about.
    pub subject: &'a Name,
    /// Who issued it.
    pub issuer: &'a Name,
    /// Its number.
    pub serial: &'a Serial,
    /// The first second of its validity, since 1970.
    pub not_before: u64,
    /// The last second of its validity, since 1970.
    pub not_after: u64,
}
