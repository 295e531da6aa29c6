//! Who may answer for a CA: the CA itself, or a delegate of its own (RFC 6960 section 4.2.2.2).

use super::error::OcspError;
use super::response::{BasicResponse, ResponderId};
use crate::certificate::{Certificate, Serial};
use crate::extensions::DIGITAL_SIGNATURE;
use crate::key;
use crate::sha1::sha1;

/// `id-kp-OCSPSigning`.
const OCSP_SIGNING: &str = "1.3.6.1.5.5.7.3.9";

/// Extensions of a delegate's certificate that may be critical.
const UNDERSTOOD: [&str; 4] = ["2.5.29.19", "2.5.29.15", "2.5.29.37", "1.3.6.1.5.5.7.48.1.5"];

/// The time at which certificates must be valid, more or less.
#[derive(Clone, Copy)]
pub(super) struct Moment {
    pub(super) now: u64,
    pub(super) tolerance: u64,
}

/// Verifies the signature of a response. Returns the serial number of the delegate that made it, if it was one.
pub(super) fn verify(
    response: &BasicResponse<'_>,
    issuer: &Certificate,
    moment: Moment,
) -> Result<Option<Serial>, OcspError> {
    if response.responder.names(issuer) {
        response.signed.verify(issuer.key())?;
        return Ok(None);
    }
    let mut refusal = OcspError::UnknownResponder;
    for der in &response.certificates {
        match delegate(der, response.responder, issuer, moment) {
            Ok(Some(delegate)) => {
                response.signed.verify(delegate.key())?;
                return Ok(Some(delegate.serial().clone()));
            }
            Ok(None) => {}
            Err(error) => refusal = error,
        }
    }
    Err(refusal)
}

impl ResponderId<'_> {
    fn names(self, certificate: &Certificate) -> bool {
        match self {
            ResponderId::Name(name) => name == certificate.subject().as_der(),
            ResponderId::Key(hash) => {
                key::bits(certificate.key()).is_some_and(|bits| hash == sha1(bits).as_slice())
            }
        }
    }
}

/// The certificate, if it is that of the responder.
fn delegate(
    der: &[u8],
    responder: ResponderId<'_>,
    issuer: &Certificate,
    moment: Moment,
) -> Result<Option<Certificate>, OcspError> {
    let certificate = Certificate::parse(der)?;
    if !responder.names(&certificate) {
        return Ok(None);
    }
    check_delegate(&certificate, issuer, moment).map(|()| Some(certificate))
}

/// A CA below is no delegate, even if it names the purpose. It does so to let its own delegates have it.
fn check_delegate(delegate: &Certificate, issuer: &Certificate, moment: Moment) -> Result<(), OcspError> {
    if delegate.issuer() != issuer.subject() || delegate.is_signed_by(issuer).is_err() {
        return Err(OcspError::DelegateIssuer);
    }
    let extensions = delegate.extensions();
    let mut purposes = extensions.purposes.iter().flatten();
    let signs_ocsp = purposes.any(|purpose| purpose.to_string() == OCSP_SIGNING);
    if !signs_ocsp || !extensions.key_may(DIGITAL_SIGNATURE) || extensions.is_ca() {
        return Err(OcspError::DelegatePurpose);
    }
    if let Some(id) = extensions.critical.iter().find(|id| !UNDERSTOOD.contains(&id.to_string().as_str())) {
        return Err(OcspError::CriticalExtension(id.clone()));
    }
    let Moment { now, tolerance } = moment;
    let begun = delegate.not_before() <= now.saturating_add(tolerance);
    if !begun || delegate.not_after() < now.saturating_sub(tolerance) {
        return Err(OcspError::DelegateValidity);
    }
    Ok(delegate.check_key()?)
}
