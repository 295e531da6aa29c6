//! When and why a certificate was revoked (RFC 5280 section 5.3.1).

/// Why a certificate was revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RevocationReason {
    /// No reason is given.
    Unspecified,
    /// Somebody else may have the key.
    KeyCompromise,
    /// Somebody else may have the key of the CA.
    CaCompromise,
    /// What the certificate says about its subject has changed.
    AffiliationChanged,
    /// Another certificate replaces it.
    Superseded,
    /// It is not needed any more.
    CessationOfOperation,
    /// It is suspended, and may come back. The only reason that can end.
    CertificateHold,
    /// A privilege was withdrawn.
    PrivilegeWithdrawn,
    /// Somebody else may have the key of an attribute authority.
    AaCompromise,
}

impl RevocationReason {
    /// The reason with this number. Number 8, `removeFromCRL`, is no reason but the end of a suspension, in delta CRLs.
    pub(crate) const fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            0 => Self::Unspecified,
            1 => Self::KeyCompromise,
            2 => Self::CaCompromise,
            3 => Self::AffiliationChanged,
            4 => Self::Superseded,
            5 => Self::CessationOfOperation,
            6 => Self::CertificateHold,
            9 => Self::PrivilegeWithdrawn,
            10 => Self::AaCompromise,
            _ => return None,
        })
    }

    /// The name of RFC 5280, for the audit trail.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::KeyCompromise => "keyCompromise",
            Self::CaCompromise => "cACompromise",
            Self::AffiliationChanged => "affiliationChanged",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessationOfOperation",
            Self::CertificateHold => "certificateHold",
            Self::PrivilegeWithdrawn => "privilegeWithdrawn",
            Self::AaCompromise => "aACompromise",
        }
    }
}

/// A revocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// Seconds since 1970.
    pub at: u64,
    /// Why.
    pub reason: RevocationReason,
}
