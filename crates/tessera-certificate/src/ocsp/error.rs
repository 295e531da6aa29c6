//! Why an answer of a responder does not count.

use crate::certificate::CertificateError;
use crate::key::BadKey;
use crate::oid::ObjectIdentifier;
use crate::signed::SignatureError;

/// What a responder says instead of an answer (RFC 6960 section 4.2.1). Nobody signs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponderRefusal {
    /// The request is malformed.
    MalformedRequest,
    /// The responder has a fault.
    InternalError,
    /// The responder is busy.
    TryLater,
    /// The responder wants signed requests.
    SignatureRequired,
    /// The responder does not answer us, or does not know the CA.
    Unauthorized,
}

impl ResponderRefusal {
    pub(super) const fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            1 => Self::MalformedRequest,
            2 => Self::InternalError,
            3 => Self::TryLater,
            5 => Self::SignatureRequired,
            6 => Self::Unauthorized,
            _ => return None,
        })
    }

    /// The name of RFC 6960.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MalformedRequest => "malformedRequest",
            Self::InternalError => "internalError",
            Self::TryLater => "tryLater",
            Self::SignatureRequired => "sigRequired",
            Self::Unauthorized => "unauthorized",
        }
    }
}

/// Why an answer does not count. The texts are for operators and the audit trail.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OcspError {
    /// Longer than [`MAX_OCSP_RESPONSE_LEN`](crate::MAX_OCSP_RESPONSE_LEN).
    #[error("the OCSP response is too long")]
    TooLong,
    /// Not one response in DER.
    #[error("the OCSP response is malformed")]
    Malformed,
    /// The responder does not answer.
    #[error("the OCSP responder answers {}", .0.as_str())]
    Refused(ResponderRefusal),
    /// The response is of another type than `id-pkix-ocsp-basic`.
    #[error("the OCSP response is not of the basic type")]
    NotBasic,
    /// A critical extension that nobody here would keep to.
    #[error("critical extension {0} of an OCSP response is not supported")]
    CriticalExtension(ObjectIdentifier),
    /// The response names a responder that is neither the CA nor one of the certificates in it.
    #[error("the OCSP response is of an unknown responder")]
    UnknownResponder,
    /// The certificate of the delegate cannot be read.
    #[error("delegate of OCSP: {0}")]
    DelegateCertificate(#[from] CertificateError),
    /// The CA did not issue the certificate of the delegate.
    #[error("delegate of OCSP: not issued by the CA")]
    DelegateIssuer,
    /// The CA did not make the delegate a responder, or it is a CA itself.
    #[error("delegate of OCSP: not for OCSP signing")]
    DelegatePurpose,
    /// The certificate of the delegate is not valid at this time.
    #[error("delegate of OCSP: not valid at this time")]
    DelegateValidity,
    /// The key of the delegate is weak.
    #[error("delegate of OCSP: {0}")]
    DelegateKey(#[from] BadKey),
    /// The responder did not sign the response.
    #[error("OCSP response: {0}")]
    Signature(#[from] SignatureError),
    /// The response has another nonce than the request.
    #[error("the OCSP response belongs to another request")]
    OtherNonce,
    /// The response has no nonce, and one is required.
    #[error("the OCSP response has no nonce")]
    NoNonce,
    /// The response is not about the certificate, or is about it twice.
    #[error("the OCSP response is not about this certificate")]
    OtherCertificate,
    /// The response is too old, or from the future.
    #[error("the OCSP response is not of this time")]
    OutOfDate,
}
