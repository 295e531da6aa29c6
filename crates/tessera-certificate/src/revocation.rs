//! Whether a certificate was revoked, judged from CRLs and OCSP answers that were verified before.

use crate::certificate::Certificate;
use crate::crl::Crl;
use crate::ocsp::{OcspAnswer, OcspStatus};
use crate::reason::Revocation;
use crate::verified::Issued;

/// What an operator wants to know before somebody gets in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RevocationPolicy {
    /// That the certificate was not revoked. If nobody can tell, nobody gets in.
    #[default]
    FailClosed,
    /// Nothing, if nobody can tell. Whoever can keep CRLs and answers away can use a revoked certificate.
    FailOpen,
    /// Nothing. A revoked certificate works until it expires.
    NotWanted,
}

/// Where a revocation was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// In a CRL.
    Crl,
    /// In the answer of an OCSP responder.
    Ocsp,
}

/// Why nobody can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// The policy does not ask.
    #[error("revocation is not checked")]
    NotWanted,
    /// No CRL and no answer at hand is about the certificate.
    #[error("there is no CRL or OCSP response about the certificate")]
    NoEvidence,
    /// All that there is has ended, or is from the future.
    #[error("the CRL or OCSP response about the certificate is not of this time")]
    OutOfDate,
    /// The responder says that it does not know the certificate.
    #[error("the OCSP responder does not know the certificate")]
    Unknown,
}

/// What CRLs and answers say about a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The certificate was not revoked.
    Good,
    /// The certificate was revoked.
    Revoked {
        /// When and why.
        revocation: Revocation,
        /// Who says so.
        source: Source,
    },
    /// Nobody can tell.
    CannotTell {
        /// Why not.
        reason: Doubt,
    },
}

impl RevocationPolicy {
    /// Whether somebody may get in whose certificate has this verdict.
    pub const fn admits(self, verdict: Verdict) -> bool {
        match verdict {
            Verdict::Good => true,
            Verdict::Revoked { .. } => false,
            Verdict::CannotTell { .. } => match self {
                Self::FailClosed => false,
                Self::FailOpen | Self::NotWanted => true,
            },
        }
    }
}

/// The question whether a certificate was revoked.
#[derive(Clone, Copy, Debug)]
pub struct RevocationCheck<'a> {
    /// What the operator wants to know.
    pub policy: RevocationPolicy,
    /// The lists at hand. Those of other CAs do no harm.
    pub crls: &'a [&'a Crl],
    /// The answers at hand. Those about other certificates do no harm.
    pub answers: &'a [OcspAnswer],
    /// Seconds since 1970.
    pub now: u64,
    /// How many seconds other clocks may differ.
    pub tolerance: u64,
}

/// What one list or answer says.
struct Statement {
    status: OcspStatus,
    current: bool,
    source: Source,
}

impl RevocationCheck<'_> {
    /// Judges one certificate of a chain.
    ///
    /// A revocation counts before anything else, and also from a list that has ended, because revocations last. Only a suspension
    /// may have been lifted since. A responder that does not know the certificate outweighs a list on which it is not.
    pub fn verdict(&self, issued: &Issued<'_>) -> Verdict {
        if self.policy == RevocationPolicy::NotWanted {
            return Verdict::CannotTell { reason: Doubt::NotWanted };
        }
        let (mut good, mut unknown, mut stale) = (false, false, false);
        for statement in self.statements(issued) {
            match (statement.status, statement.current) {
                (OcspStatus::Revoked(revocation), current) if current || statement.status.is_final() => {
                    return Verdict::Revoked { revocation, source: statement.source };
                }
                (OcspStatus::Good, true) => good = true,
                (OcspStatus::Unknown, true) => unknown = true,
                (OcspStatus::Good | OcspStatus::Unknown | OcspStatus::Revoked(_), _) => stale = true,
            }
        }
        let reason = match (unknown, good, stale) {
            (true, _, _) => Doubt::Unknown,
            (false, true, _) => return Verdict::Good,
            (false, false, true) => Doubt::OutOfDate,
            (false, false, false) => Doubt::NoEvidence,
        };
        Verdict::CannotTell { reason }
    }

    fn statements<'a>(&'a self, issued: &'a Issued<'_>) -> impl Iterator<Item = Statement> + 'a {
        let lists = self.crls.iter().filter(|crl| crl.is_of(issued.issuer())).filter_map(|crl| {
            let status = listed(crl, issued.certificate())?;
            Some(Statement { status, current: self.is_current(crl), source: Source::Crl })
        });
        let about =
            |answer: &&OcspAnswer| answer.is_about(issued) && !self.is_of_revoked_delegate(answer, issued);
        let answers = self.answers.iter().filter(about).map(|answer| Statement {
            status: answer.status(),
            current: answer.is_current(self.now, self.tolerance),
            source: Source::Ocsp,
        });
        lists.chain(answers)
    }

    fn is_current(&self, crl: &Crl) -> bool {
        let latest = self.now.saturating_add(self.tolerance);
        crl.this_update() <= latest && self.now.saturating_sub(self.tolerance) < crl.next_update()
    }

    /// Whether a list of the CA calls the delegate revoked that gave the answer.
    fn is_of_revoked_delegate(&self, answer: &OcspAnswer, issued: &Issued<'_>) -> bool {
        let mut lists = self.crls.iter().filter(|crl| crl.is_of(issued.issuer()));
        answer.delegate().is_some_and(|delegate| lists.any(|crl| crl.revocation(delegate).is_some()))
    }
}

/// A certificate that is on a list was revoked, also if the list is about others.
fn listed(crl: &Crl, certificate: &Certificate) -> Option<OcspStatus> {
    match crl.revocation(certificate.serial()) {
        Some(revocation) => Some(OcspStatus::Revoked(revocation)),
        None => crl.covers(certificate).then_some(OcspStatus::Good),
    }
}
