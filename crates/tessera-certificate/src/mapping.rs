//! Who a certificate stands for: the keys by which a person is looked up.
//!
//! A certificate says much about a person, and most of it is only a claim. Each mapping is about certificates of one CA, so a CA that
//! is trusted for one group of people cannot issue itself into another. An e-mail address identifies nobody, because it can
//! move to another person.

use std::fmt;

use crate::hex;
use crate::name::misleads;
use crate::verified::VerifiedCertificate;

/// The longest user principal name, in bytes.
pub const MAX_UPN_LEN: usize = 256;

/// What identifies a person in certificates of the named CA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mapping {
    /// The public key: SHA-256 of the `SubjectPublicKeyInfo`. It outlives the renewal of a certificate with the same key.
    PublicKey {
        /// The name of the CA.
        ca: String,
    },
    /// The names of the issuer and the serial number, which together name one certificate (RFC 5280 section 4.1.2.2).
    IssuerAndSerial {
        /// The name of the CA.
        ca: String,
    },
    /// The user principal name. The CA must be trusted to give it to the right person.
    UserPrincipalName {
        /// The name of the CA.
        ca: String,
    },
}

/// Why a certificate has no key under a mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// The chain led to another CA than that of the mapping.
    #[error("the mapping is for another CA")]
    OtherCa,
    /// The certificate has no user principal name.
    #[error("the certificate has no user principal name")]
    NoUpn,
    /// The certificate has more than one user principal name.
    #[error("the certificate has several user principal names")]
    SeveralUpns,
    /// The name is too long, is not of the form `name@realm`, or has characters that cannot be seen.
    #[error("the user principal name is not of the form name@realm")]
    MalformedUpn,
}

/// A text by which a person is looked up. Equal keys mean the same person, so keys are compared byte for byte.
///
/// The text names CA and kind: `spki-sha256:staff:2c26b4…`, `issuer-serial:staff:0f3a:CN=Staff CA,O=Example`, `upn:staff:kim@example.org`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MappingKey(String);

impl MappingKey {
    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Mapping {
    /// The key of a verified certificate under this mapping.
    ///
    /// # Errors
    /// [`MappingError`].
    pub fn key(&self, verified: &VerifiedCertificate) -> Result<MappingKey, MappingError> {
        if self.ca() != verified.ca() {
            return Err(MappingError::OtherCa);
        }
        let certificate = verified.certificate();
        let ca = verified.ca();
        let key = match self {
            Self::PublicKey { .. } => {
                format!("spki-sha256:{ca}:{}", hex::encode(&certificate.key_digest()))
            }
            Self::IssuerAndSerial { .. } => {
                format!("issuer-serial:{ca}:{}:{}", certificate.serial(), certificate.issuer())
            }
            Self::UserPrincipalName { .. } => {
                format!("upn:{ca}:{}", user_principal_name(&certificate.extensions().user_principal_names)?)
            }
        };
        Ok(MappingKey(key))
    }

    /// The keys under all mappings that fit, in their order.
    pub fn keys(mappings: &[Self], verified: &VerifiedCertificate) -> Vec<MappingKey> {
        mappings.iter().filter_map(|mapping| mapping.key(verified).ok()).collect()
    }

    fn ca(&self) -> &str {
        match self {
            Self::PublicKey { ca } | Self::IssuerAndSerial { ca } | Self::UserPrincipalName { ca } => ca,
        }
    }
}

/// Active Directory compares these names without regard to case. Letters beyond ASCII stay as they are: a key that fits nobody is
/// better than one that fits two people.
fn user_principal_name(names: &[String]) -> Result<String, MappingError> {
    let name = match names {
        [] => return Err(MappingError::NoUpn),
        [name] => name,
        [_, _, ..] => return Err(MappingError::SeveralUpns),
    };
    let (person, realm) = name.split_once('@').ok_or(MappingError::MalformedUpn)?;
    let strange = |c: char| misleads(c) || c == ' ';
    if name.len() > MAX_UPN_LEN
        || person.is_empty()
        || realm.is_empty()
        || realm.contains('@')
        || name.chars().any(strange)
    {
        return Err(MappingError::MalformedUpn);
    }
    Ok(name.to_ascii_lowercase())
}

impl fmt::Display for MappingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for MappingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
