//! The verification of one response, in the order of RFC 6960 section 3.2.

use super::answer::{OcspAnswer, about};
use super::cert_id::is_cert_id;
use super::error::OcspError;
use super::request::Nonce;
use super::responder::{self, Moment};
use super::response::BasicResponse;
use crate::verified::Issued;

/// What is known about the nonce of the request.
#[derive(Clone, Copy, Debug)]
pub enum NonceCheck<'a> {
    /// None was sent. Any response of this time counts.
    NotSent,
    /// The response must have this one.
    Required(&'a Nonce),
    /// A response without a nonce counts too. Responders that answer from a store have none, and somebody on the way can send the
    /// answer of another time, as long as it has not ended.
    IfReturned(&'a Nonce),
}

/// The verification of one response.
#[derive(Clone, Copy, Debug)]
pub struct OcspCheck<'a> {
    /// The certificate that the request was about.
    pub issued: Issued<'a>,
    /// The nonce of the request.
    pub nonce: NonceCheck<'a>,
    /// Seconds since 1970.
    pub now: u64,
    /// How many seconds the clock of the responder may differ.
    pub tolerance: u64,
}

impl OcspCheck<'_> {
    /// Verifies a response in DER. An answer that is not of this time is refused, unless it says that the certificate was
    /// revoked for good.
    ///
    /// # Errors
    /// [`OcspError`].
    pub fn verify(&self, response: &[u8]) -> Result<OcspAnswer, OcspError> {
        let response = BasicResponse::parse(response)?;
        let moment = Moment { now: self.now, tolerance: self.tolerance };
        let delegate = responder::verify(&response, self.issued.issuer(), moment)?;
        self.nonce.check(response.nonce)?;
        let mut matching = response.answers.iter().filter(|answer| is_cert_id(answer.cert_id, &self.issued));
        let (Some(single), None) = (matching.next(), matching.next()) else {
            return Err(OcspError::OtherCertificate);
        };
        let answer = OcspAnswer {
            about: about(&self.issued),
            status: single.status,
            produced_at: response.produced_at,
            this_update: single.this_update,
            next_update: single.next_update,
            delegate,
        };
        if answer.is_current(self.now, self.tolerance) || answer.status.is_final() {
            Ok(answer)
        } else {
            Err(OcspError::OutOfDate)
        }
    }
}

impl NonceCheck<'_> {
    fn check(self, returned: Option<&[u8]>) -> Result<(), OcspError> {
        match (self, returned) {
            (Self::NotSent, _) | (Self::IfReturned(_), None) => Ok(()),
            (Self::Required(_), None) => Err(OcspError::NoNonce),
            (Self::Required(sent) | Self::IfReturned(sent), Some(returned)) => {
                if returned == sent.extension_value() { Ok(()) } else { Err(OcspError::OtherNonce) }
            }
        }
    }
}
