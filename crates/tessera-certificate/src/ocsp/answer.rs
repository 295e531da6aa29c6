//! What a responder said about a certificate, verified.

use tessera_jose::digest;

use crate::certificate::{Certificate, Serial};
use crate::reason::{Revocation, RevocationReason};
use crate::verified::Issued;

/// What a responder says about a certificate (RFC 6960 section 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OcspStatus {
    Good,
    Revoked(Revocation),
    /// The responder does not know the certificate.
    Unknown,
}

impl OcspStatus {
    /// Whether nothing that comes later can change it.
    pub(crate) fn is_final(self) -> bool {
        match self {
            Self::Revoked(revocation) => revocation.reason != RevocationReason::CertificateHold,
            Self::Good | Self::Unknown => false,
        }
    }
}

/// A verified answer. What it means is up to [`RevocationCheck`](crate::RevocationCheck), also if the answer is kept for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OcspAnswer {
    /// SHA-256 of the certificate and of its issuer.
    pub(super) about: [[u8; 32]; 2],
    pub(super) status: OcspStatus,
    pub(super) produced_at: u64,
    pub(super) this_update: u64,
    pub(super) next_update: Option<u64>,
    pub(super) delegate: Option<Serial>,
}

impl OcspAnswer {
    /// When the status was known to be right, in seconds since 1970.
    pub const fn this_update(&self) -> u64 {
        self.this_update
    }

    /// Until when the answer can be kept, in seconds since 1970. Without it, an answer is not worth keeping.
    pub const fn next_update(&self) -> Option<u64> {
        self.next_update
    }

    pub(crate) const fn status(&self) -> OcspStatus {
        self.status
    }

    /// The serial number of the delegate's certificate, if the CA has not signed itself.
    pub(crate) const fn delegate(&self) -> Option<&Serial> {
        self.delegate.as_ref()
    }

    pub(crate) fn is_about(&self, issued: &Issued<'_>) -> bool {
        self.about == about(issued)
    }

    /// Whether the answer is of this time (RFC 6960 section 4.2.2.1). An answer that says no end is one of now.
    pub(crate) fn is_current(&self, now: u64, tolerance: u64) -> bool {
        let latest = now.saturating_add(tolerance);
        let earliest = now.saturating_sub(tolerance);
        let begun = self.this_update <= latest && self.produced_at <= latest;
        let ended = self.next_update.unwrap_or(self.this_update) < earliest;
        begun && !ended
    }
}

pub(super) fn about(issued: &Issued<'_>) -> [[u8; 32]; 2] {
    let digest = |certificate: &Certificate| digest::sha256(certificate.as_der());
    [digest(issued.certificate()), digest(issued.issuer())]
}
