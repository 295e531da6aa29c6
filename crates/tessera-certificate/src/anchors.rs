//! The CAs that an operator trusts, each under a name of the operator's choice.

use std::fmt;

use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, Der, TrustAnchor};

use crate::certificate::{Certificate, CertificateError};
use crate::extensions::KEY_CERT_SIGN;
use crate::key::BadKey;
use crate::oid::ObjectIdentifier;

/// Why the certificate of a CA is not taken as trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnchorError {
    /// The name is empty, too long, or has other characters than letters, digits, `-`, `_` and `.`.
    #[error("the name of a CA has 1 to {MAX_CA_NAME_LEN} letters, digits, hyphens, underscores or dots")]
    Name,
    /// The same key and subject have another name or mark already.
    #[error("the same CA is there already as {0}, or with another mark")]
    Twice(String),
    /// The text holds no certificate between `BEGIN CERTIFICATE` and `END CERTIFICATE`, or garbage between them.
    #[error("no certificate in PEM, or a damaged one")]
    Pem,
    /// Not a certificate.
    #[error("certificate: {0}")]
    Certificate(#[from] CertificateError),
    /// The certificate does not say that it belongs to a CA, or its key may not sign certificates.
    #[error("not the certificate of a CA")]
    NotACa,
    /// The certificate has a critical extension that nobody here would keep to.
    #[error("critical extension {0} is not supported")]
    CriticalExtension(ObjectIdentifier),
    /// The key is weak.
    #[error(transparent)]
    Key(#[from] BadKey),
}

/// The longest name of a CA, in bytes.
pub const MAX_CA_NAME_LEN: usize = 64;

/// Whether a CA only certifies keys that hardware holds. The operator says so; no certificate can prove it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyStorage {
    /// Keys of this CA's certificates never leave a smart card or another secure device.
    Hardware,
    /// Nothing is known.
    Unknown,
}

/// A trusted CA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ca {
    name: String,
    storage: KeyStorage,
    certificate: Certificate,
    anchor: TrustAnchor<'static>,
}

impl Ca {
    /// The name that the operator gave.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where the keys are that it certifies.
    pub const fn storage(&self) -> KeyStorage {
        self.storage
    }

    /// The certificate of the CA.
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The form in which `rustls-webpki` takes it.
    pub(crate) fn anchor(&self) -> TrustAnchor<'_> {
        TrustAnchor {
            subject: Der::from_slice(&self.anchor.subject),
            subject_public_key_info: Der::from_slice(&self.anchor.subject_public_key_info),
            name_constraints: self.anchor.name_constraints.as_deref().map(Der::from_slice),
        }
    }
}

/// The trusted CAs.
#[derive(Clone, Default)]
pub struct TrustAnchors(Vec<Ca>);

impl TrustAnchors {
    /// None.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds all certificates of a PEM text under one name. A CA that got a new certificate for its key has both. Nothing is
    /// added if one of them is refused.
    ///
    /// # Errors
    /// [`AnchorError`].
    pub fn add_pem(&mut self, name: &str, storage: KeyStorage, pem: &[u8]) -> Result<(), AnchorError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if name.is_empty() || name.len() > MAX_CA_NAME_LEN || !name.bytes().all(allowed) {
            return Err(AnchorError::Name);
        }
        let mut added = Vec::new();
        for der in CertificateDer::pem_slice_iter(pem) {
            let ca = ca(name, storage, &der.map_err(|_| AnchorError::Pem)?)?;
            let named_otherwise = |known: &&Ca| known.name != name || known.storage != storage;
            if let Some(known) = self.0.iter().filter(|known| same_key(known, &ca)).find(named_otherwise) {
                return Err(AnchorError::Twice(known.name.clone()));
            }
            added.push(ca);
        }
        if added.is_empty() {
            return Err(AnchorError::Pem);
        }
        self.0.extend(added);
        Ok(())
    }

    /// All of them, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = &Ca> {
        self.0.iter()
    }
}

fn same_key(one: &Ca, other: &Ca) -> bool {
    one.certificate.subject() == other.certificate.subject()
        && one.certificate.key() == other.certificate.key()
}

fn ca(name: &str, storage: KeyStorage, der: &CertificateDer<'_>) -> Result<Ca, AnchorError> {
    /// What `rustls-webpki` and this crate keep to: basic constraints, key usage, name constraints, extended key usage.
    const UNDERSTOOD: [&str; 4] = ["2.5.29.19", "2.5.29.15", "2.5.29.30", "2.5.29.37"];
    let certificate = Certificate::parse(der)?;
    let extensions = certificate.extensions();
    if !extensions.is_ca() || !extensions.key_may(KEY_CERT_SIGN) {
        return Err(AnchorError::NotACa);
    }
    if let Some(id) = extensions.critical.iter().find(|id| !UNDERSTOOD.contains(&id.to_string().as_str())) {
        return Err(AnchorError::CriticalExtension(id.clone()));
    }
    certificate.check_key()?;
    let anchor = webpki::anchor_from_trusted_cert(der).map_err(|_| CertificateError::Malformed)?.to_owned();
    Ok(Ca { name: name.to_owned(), storage, certificate, anchor })
}

impl fmt::Debug for TrustAnchors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(Ca::name)).finish()
    }
}
