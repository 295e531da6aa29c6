//! Whether a presented chain leads to a trusted CA (RFC 5280 section 6), and whether its certificate may be used to log in.
//!
//! `rustls-webpki` builds and verifies the path. This file adds what it leaves to its callers: limits, the key usage, the strength
//! of keys, what the certificate of the CA itself says, purposes and policies.

use std::time::Duration;

use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert};

use crate::anchors::{Ca, TrustAnchors};
use crate::certificate::{Certificate, MAX_CERTIFICATE_LEN};
use crate::chain_error::ChainError;
use crate::extensions::{DIGITAL_SIGNATURE, KEY_CERT_SIGN};
use crate::oid::ObjectIdentifier;
use crate::purpose::Purpose;
use crate::verified::VerifiedCertificate;

/// The longest chain, the certificate of the person included.
pub const MAX_CHAIN_LEN: usize = 6;

/// What the certificate of a person must have besides a good chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirements {
    /// Extended key usages. The certificate must have one of them, and a CA above it that names purposes must have the same one.
    /// Without any, every certificate is refused.
    pub purposes: Vec<ObjectIdentifier>,
    /// Certificate policies. The certificate itself must name one of them, unless the list is empty.
    pub policies: Vec<ObjectIdentifier>,
}

/// The extended key usage for logins to servers, `id-kp-clientAuth`.
pub const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";
/// The extended key usage for logins with a smart card.
pub const SMART_CARD_LOGON: &str = "1.3.6.1.4.1.311.20.2.2";

impl Default for Requirements {
    /// The purpose [`CLIENT_AUTH`], and any policy.
    fn default() -> Self {
        Self { purposes: CLIENT_AUTH.parse().into_iter().collect(), policies: Vec::new() }
    }
}

/// The verification of one chain.
#[derive(Clone, Copy, Debug)]
pub struct Verification<'a> {
    /// The CAs that the operator trusts.
    pub anchors: &'a TrustAnchors,
    /// What the certificate must have.
    pub requirements: &'a Requirements,
    /// Seconds since 1970.
    pub now: u64,
}

impl Verification<'_> {
    /// Verifies certificates in DER, that of the person first. Those above it may come in any order, and unneeded ones among
    /// them do no harm as long as they are certificates.
    ///
    /// The caller must know from elsewhere that whoever presents the chain has the key.
    ///
    /// # Errors
    /// [`ChainError`].
    pub fn verify<C: AsRef<[u8]>>(&self, chain: &[C]) -> Result<VerifiedCertificate, ChainError> {
        let parsed = parse(chain)?;
        let [leaf, above @ ..] = parsed.as_slice() else { return Err(ChainError::Empty) };
        check_leaf(leaf)?;
        check_policies_not_critical(&parsed)?;
        let mut refusal = ChainError::Purpose;
        for purpose in self.fitting_purposes(leaf) {
            match self.verify_for(purpose, leaf, above) {
                Ok(verified) => return self.check_policy(leaf).map(|()| verified),
                Err(error) => refusal = error,
            }
        }
        Err(refusal)
    }

    /// The purposes among the required ones that the certificate names. No purpose at all, or any, is none of them.
    fn fitting_purposes<'a>(&'a self, leaf: &'a Certificate) -> impl Iterator<Item = &'a ObjectIdentifier> {
        let named = leaf.extensions().purposes.as_deref().unwrap_or_default();
        self.requirements.purposes.iter().filter(|purpose| named.contains(purpose))
    }

    fn verify_for(
        &self,
        purpose: &ObjectIdentifier,
        leaf: &Certificate,
        above: &[Certificate],
    ) -> Result<VerifiedCertificate, ChainError> {
        let cas: Vec<&Ca> = self.anchors.iter().filter(|ca| ca.certificate().is_valid_at(self.now)).collect();
        let anchors: Vec<TrustAnchor<'_>> = cas.iter().map(|ca| ca.anchor()).collect();
        let intermediates: Vec<CertificateDer<'_>> =
            above.iter().map(|certificate| certificate.as_der().into()).collect();
        let end_entity = CertificateDer::from(leaf.as_der());
        let end_entity = EndEntityCert::try_from(&end_entity)?;
        let now = UnixTime::since_unix_epoch(Duration::from_secs(self.now));
        let usage = Purpose(purpose);
        let verified = end_entity
            .verify_for_usage(ALL_VERIFICATION_ALGS, &anchors, &intermediates, now, usage, None, None)
            .map_err(|error| self.explain(error, leaf, above))?;
        let index = anchors.iter().position(|anchor| std::ptr::eq(anchor, verified.anchor()));
        let ca = *index.and_then(|index| cas.get(index)).ok_or(ChainError::UnknownCa)?;
        let used = verified.intermediate_certificates();
        let used: Vec<Certificate> = used
            .filter_map(|used| above.iter().find(|known| known.as_der() == used.der().as_ref()).cloned())
            .collect();
        check_cas(&used, ca, purpose)?;
        Ok(VerifiedCertificate::new(leaf.clone(), used, ca.clone()))
    }

    fn check_policy(&self, leaf: &Certificate) -> Result<(), ChainError> {
        let required = &self.requirements.policies;
        let met = required.is_empty() || required.iter().any(|policy| leaf.policies().contains(policy));
        if met { Ok(()) } else { Err(ChainError::Policy) }
    }

    /// An unknown CA may be one whose own certificate is not valid now.
    fn explain(&self, error: webpki::Error, leaf: &Certificate, above: &[Certificate]) -> ChainError {
        let error = ChainError::from(error);
        let issued = |ca: &Ca| {
            let mut chain = above.iter().chain([leaf]);
            chain.any(|certificate| certificate.issuer() == ca.certificate().subject())
        };
        let out_of_time = |ca: &&Ca| !ca.certificate().is_valid_at(self.now);
        if error == ChainError::UnknownCa && self.anchors.iter().filter(out_of_time).any(issued) {
            return ChainError::CaNotValid;
        }
        error
    }
}

/// Sizes are looked at before any byte is read.
fn parse<C: AsRef<[u8]>>(chain: &[C]) -> Result<Vec<Certificate>, ChainError> {
    if chain.len() > MAX_CHAIN_LEN {
        return Err(ChainError::TooMany);
    }
    if chain.iter().any(|certificate| certificate.as_ref().len() > MAX_CERTIFICATE_LEN) {
        return Err(ChainError::TooLong);
    }
    chain.iter().map(|certificate| Ok(Certificate::parse(certificate.as_ref())?)).collect()
}

fn check_leaf(leaf: &Certificate) -> Result<(), ChainError> {
    if leaf.extensions().is_ca() {
        return Err(ChainError::CaAsLeaf);
    }
    if !leaf.extensions().key_may(DIGITAL_SIGNATURE) {
        return Err(ChainError::KeyUsage);
    }
    Ok(leaf.check_key()?)
}

/// Nobody here computes the policies of a path (section 6.1), so nobody can keep to a critical word on them.
fn check_policies_not_critical(chain: &[Certificate]) -> Result<(), ChainError> {
    const CERTIFICATE_POLICIES: &str = "2.5.29.32";
    const POLICY_MAPPINGS: &str = "2.5.29.33";
    const POLICY_CONSTRAINTS: &str = "2.5.29.36";
    const INHIBIT_ANY_POLICY: &str = "2.5.29.54";
    let about_policies = [CERTIFICATE_POLICIES, POLICY_MAPPINGS, POLICY_CONSTRAINTS, INHIBIT_ANY_POLICY];
    let mut critical = chain.iter().flat_map(|certificate| &certificate.extensions().critical);
    match critical.find(|id| about_policies.contains(&id.to_string().as_str())) {
        Some(id) => Err(ChainError::CriticalPolicies(id.clone())),
        None => Ok(()),
    }
}

/// What `rustls-webpki` does not look at: keys of CAs, their key usage, and what the certificate at the top says.
fn check_cas(above: &[Certificate], ca: &Ca, purpose: &ObjectIdentifier) -> Result<(), ChainError> {
    for certificate in above {
        if !certificate.extensions().key_may(KEY_CERT_SIGN) {
            return Err(ChainError::KeyUsage);
        }
        certificate.check_key()?;
    }
    let top = ca.certificate().extensions();
    let path_len = top.basic_constraints.and_then(|constraints| constraints.path_len);
    if path_len.is_some_and(|most| above.len() > usize::from(most)) {
        return Err(ChainError::PathLength);
    }
    match &top.purposes {
        Some(purposes) if !Purpose(purpose).is_among(purposes) => Err(ChainError::Purpose),
        Some(_) | None => Ok(()),
    }
}
