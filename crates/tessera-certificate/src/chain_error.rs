//! Why a chain is refused.

use crate::certificate::CertificateError;
use crate::key::BadKey;
use crate::oid::ObjectIdentifier;

/// Why a chain is refused. The texts are for operators and the audit trail, not for strangers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// No certificate.
    #[error("no certificate was presented")]
    Empty,
    /// More certificates than [`MAX_CHAIN_LEN`](crate::MAX_CHAIN_LEN).
    #[error("too many certificates")]
    TooMany,
    /// A certificate is longer than [`MAX_CERTIFICATE_LEN`](crate::MAX_CERTIFICATE_LEN).
    #[error("a certificate is too long")]
    TooLong,
    /// A certificate cannot be read.
    #[error("certificate: {0}")]
    Certificate(#[from] CertificateError),
    /// The chain leads to no trusted CA.
    #[error("the chain leads to no trusted CA")]
    UnknownCa,
    /// The chain leads to a trusted CA whose own certificate is not valid at this time.
    #[error("the certificate of the trusted CA is not valid at this time")]
    CaNotValid,
    /// A certificate has expired.
    #[error("a certificate of the chain has expired")]
    Expired,
    /// A certificate is not valid yet.
    #[error("a certificate of the chain is not valid yet")]
    NotYetValid,
    /// A certificate was not signed by its issuer, or by a key that is too short.
    #[error("a signature in the chain is wrong")]
    Signature,
    /// A certificate is signed with SHA-1 or another algorithm that is not accepted.
    #[error("a certificate is signed with an algorithm that is not accepted")]
    SignatureAlgorithm,
    /// A key is weak, or of a type that is not supported.
    #[error(transparent)]
    Key(#[from] BadKey),
    /// The certificate of a CA was presented as that of a person.
    #[error("the certificate is that of a CA")]
    CaAsLeaf,
    /// A certificate was issued by one that is no CA.
    #[error("a certificate was issued by one that is no CA")]
    NotACa,
    /// The key usage of a certificate does not allow what the key was used for.
    #[error("the key usage of a certificate does not allow this use")]
    KeyUsage,
    /// The certificate is for none of the required purposes, or a CA above it may not issue for them.
    #[error("the certificate is for none of the required purposes")]
    Purpose,
    /// There are more CAs below a CA than it allows.
    #[error("a CA allows fewer CAs below it")]
    PathLength,
    /// A name is outside of what a CA may issue for, or the constraint is of a kind that is not supported.
    #[error("a CA may not issue for this name, or its constraint is not supported")]
    NameConstraints,
    /// A critical extension is about certificate policies, which are compared but not computed along the path.
    #[error("critical extension {0} on certificate policies is not supported")]
    CriticalPolicies(ObjectIdentifier),
    /// Another critical extension that nobody here would keep to.
    #[error("a critical extension is not supported")]
    CriticalExtension,
    /// The certificate names none of the required policies.
    #[error("the certificate names none of the required policies")]
    Policy,
    /// The certificates can be put together in too many ways.
    #[error("the chain is too complex")]
    TooComplex,
    /// `rustls-webpki` finds a form that it does not accept.
    #[error("a certificate has a form that is not accepted")]
    Form,
}

impl From<webpki::Error> for ChainError {
    fn from(error: webpki::Error) -> Self {
        use webpki::Error;
        match error {
            Error::UnknownIssuer => Self::UnknownCa,
            Error::CertExpired { .. } => Self::Expired,
            Error::CertNotValidYet { .. } => Self::NotYetValid,
            Error::InvalidSignatureForPublicKey => Self::Signature,
            Error::UnsupportedSignatureAlgorithmContext(_)
            | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => Self::SignatureAlgorithm,
            Error::CaUsedAsEndEntity => Self::CaAsLeaf,
            Error::EndEntityUsedAsCa => Self::NotACa,
            Error::RequiredEkuNotFoundContext(_) | Error::EmptyEkuExtension => Self::Purpose,
            Error::PathLenConstraintViolated => Self::PathLength,
            Error::NameConstraintViolation => Self::NameConstraints,
            Error::UnsupportedCriticalExtension => Self::CriticalExtension,
            Error::MaximumPathDepthExceeded
            | Error::MaximumPathBuildCallsExceeded
            | Error::MaximumSignatureChecksExceeded
            | Error::MaximumNameConstraintComparisonsExceeded => Self::TooComplex,
            // The enum of the library may grow.
            _ => Self::Form,
        }
    }
}
