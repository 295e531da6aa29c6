//! Why a CRL does not count.

use crate::oid::ObjectIdentifier;
use crate::signed::SignatureError;

/// Why a CRL does not count. The texts are for operators and the audit trail.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CrlError {
    /// Longer than [`MAX_CRL_LEN`](crate::MAX_CRL_LEN).
    #[error("the CRL is too long")]
    TooLong,
    /// Not one list in DER.
    #[error("the CRL is malformed")]
    Malformed,
    /// Not version 2.
    #[error("the CRL is not of version 2")]
    Version,
    /// Another CA issued the list.
    #[error("the CRL is that of another CA")]
    OtherIssuer,
    /// The key usage of the CA does not allow it to sign lists.
    #[error("the CA may not sign CRLs")]
    KeyUsage,
    /// The CA did not sign the list.
    #[error("CRL: {0}")]
    Signature(#[from] SignatureError),
    /// The list does not say until when it counts.
    #[error("the CRL has no nextUpdate")]
    NoNextUpdate,
    /// The list holds only what has changed since another one.
    #[error("delta CRLs are not supported")]
    Delta,
    /// The list holds certificates of other CAs.
    #[error("indirect CRLs are not supported")]
    Indirect,
    /// The list is only about some reasons, only about attribute certificates, or has a relative name.
    #[error("the CRL is of a part of the revocations that is not supported")]
    Partial,
    /// A critical extension that nobody here would keep to.
    #[error("critical extension {0} of a CRL is not supported")]
    CriticalExtension(ObjectIdentifier),
    /// An entry has the reason `removeFromCRL`, which only a delta CRL may have.
    #[error("an entry of the CRL says removeFromCRL, which is for delta CRLs")]
    RemoveFromCrl,
}
