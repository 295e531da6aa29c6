//! The structure of responses (RFC 6960 section 4.2.1).

use super::answer::OcspStatus;
use super::error::{OcspError, ResponderRefusal};
use super::request::NONCE;
use crate::der::{self, Reader};
use crate::extensions::{self, Extension};
use crate::oid::ObjectIdentifier;
use crate::reason::{Revocation, RevocationReason};
use crate::signed::Signed;
use crate::time;

/// The longest response, in bytes.
pub const MAX_OCSP_RESPONSE_LEN: usize = 64 * 1024;

/// A response that nobody has verified yet.
pub(super) struct BasicResponse<'a> {
    pub(super) signed: Signed<'a>,
    pub(super) responder: ResponderId<'a>,
    pub(super) produced_at: u64,
    pub(super) answers: Vec<SingleResponse<'a>>,
    /// The value of the extension.
    pub(super) nonce: Option<&'a [u8]>,
    /// Certificates in DER.
    pub(super) certificates: Vec<&'a [u8]>,
}

/// How the responder names itself.
#[derive(Clone, Copy)]
pub(super) enum ResponderId<'a> {
    /// Its name, in DER.
    Name(&'a [u8]),
    /// SHA-1 of its key.
    Key(&'a [u8]),
}

/// The answer about one certificate.
pub(super) struct SingleResponse<'a> {
    /// In DER.
    pub(super) cert_id: &'a [u8],
    pub(super) status: OcspStatus,
    pub(super) this_update: u64,
    pub(super) next_update: Option<u64>,
}

impl<'a> BasicResponse<'a> {
    pub(super) fn parse(der: &'a [u8]) -> Result<Self, OcspError> {
        if der.len() > MAX_OCSP_RESPONSE_LEN {
            return Err(OcspError::TooLong);
        }
        let basic = basic(der)?;
        let (signed, certificates) = signed(basic).ok_or(OcspError::Malformed)?;
        let mut fields = Reader::new(signed.content);
        let responder = responder(&mut fields).ok_or(OcspError::Malformed)?;
        let produced_at = time::read_generalized(&mut fields).ok_or(OcspError::Malformed)?;
        let mut list = fields.inside(der::SEQUENCE).ok_or(OcspError::Malformed)?;
        let mut answers = Vec::new();
        while !list.is_at_end() {
            answers.push(single(list.inside(der::SEQUENCE).ok_or(OcspError::Malformed)?)?);
        }
        let mut nonce = None;
        for extension in extensions_under(&mut fields, 1)? {
            if extension.id.as_bytes() == NONCE {
                nonce = Some(extension.value);
            } else if extension.critical {
                return Err(OcspError::CriticalExtension(extension.id));
            }
        }
        Ok(Self { signed, responder, produced_at, answers, nonce, certificates })
    }
}

/// The content of the basic response.
fn basic(der: &[u8]) -> Result<Reader<'_>, OcspError> {
    const BASIC: &str = "1.3.6.1.5.5.7.48.1.1";
    let mut response = der::only(der, der::SEQUENCE).ok_or(OcspError::Malformed)?;
    let status = response.small(der::ENUMERATED).ok_or(OcspError::Malformed)?;
    if status != 0 {
        let refusal = ResponderRefusal::from_code(status).filter(|_| response.is_at_end());
        return Err(refusal.map_or(OcspError::Malformed, OcspError::Refused));
    }
    let mut parts = || {
        let mut tagged = response.inside(der::constructed(0))?;
        let mut bytes = tagged.inside(der::SEQUENCE)?;
        let kind = ObjectIdentifier::read(&mut bytes)?;
        let content = bytes.content(der::OCTET_STRING)?;
        bytes.end(())?;
        tagged.end(())?;
        response.end((kind, content))
    };
    let (kind, content) = parts().ok_or(OcspError::Malformed)?;
    if kind.to_string() != BASIC {
        return Err(OcspError::NotBasic);
    }
    der::only(content, der::SEQUENCE).ok_or(OcspError::Malformed)
}

fn signed(mut basic: Reader<'_>) -> Option<(Signed<'_>, Vec<&[u8]>)> {
    let signed = Signed::read(&mut basic)?;
    let mut certificates = Vec::new();
    if !basic.is_at_end() {
        let mut tagged = basic.inside(der::constructed(0))?;
        let mut list = tagged.inside(der::SEQUENCE)?;
        while !list.is_at_end() {
            certificates.push(list.element(der::SEQUENCE)?.whole);
        }
        tagged.end(())?;
    }
    basic.end((signed, certificates))
}

/// Version 1 is not written, and there is no other.
fn responder<'a>(fields: &mut Reader<'a>) -> Option<ResponderId<'a>> {
    const NAME: u8 = der::constructed(1);
    const KEY: u8 = der::constructed(2);
    let choice = fields.any()?;
    let mut inside = Reader::new(choice.content);
    let id = match choice.tag {
        NAME => ResponderId::Name(inside.element(der::SEQUENCE)?.whole),
        KEY => ResponderId::Key(inside.content(der::OCTET_STRING)?),
        _ => return None,
    };
    inside.end(id)
}

fn single(mut fields: Reader<'_>) -> Result<SingleResponse<'_>, OcspError> {
    let response = single_fields(&mut fields).ok_or(OcspError::Malformed)?;
    match extensions_under(&mut fields, 1)?.into_iter().find(|extension| extension.critical) {
        Some(extension) => Err(OcspError::CriticalExtension(extension.id)),
        None => Ok(response),
    }
}

fn single_fields<'a>(fields: &mut Reader<'a>) -> Option<SingleResponse<'a>> {
    let cert_id = fields.element(der::SEQUENCE)?.whole;
    let status = status(fields)?;
    let this_update = time::read_generalized(fields)?;
    let mut next_update = None;
    if fields.next_is(der::constructed(0)) {
        let mut tagged = fields.inside(der::constructed(0))?;
        next_update = Some(time::read_generalized(&mut tagged)?);
        tagged.end(())?;
    }
    Some(SingleResponse { cert_id, status, this_update, next_update })
}

fn status(fields: &mut Reader<'_>) -> Option<OcspStatus> {
    const GOOD: u8 = der::primitive(0);
    const REVOKED: u8 = der::constructed(1);
    const UNKNOWN: u8 = der::primitive(2);
    let choice = fields.any()?;
    match choice.tag {
        GOOD if choice.content.is_empty() => Some(OcspStatus::Good),
        UNKNOWN if choice.content.is_empty() => Some(OcspStatus::Unknown),
        REVOKED => revocation(Reader::new(choice.content)).map(OcspStatus::Revoked),
        _ => None,
    }
}

fn revocation(mut fields: Reader<'_>) -> Option<Revocation> {
    let at = time::read_generalized(&mut fields)?;
    let mut reason = RevocationReason::Unspecified;
    if !fields.is_at_end() {
        let mut tagged = fields.inside(der::constructed(0))?;
        reason = RevocationReason::from_code(tagged.small(der::ENUMERATED)?)?;
        tagged.end(())?;
    }
    fields.end(Revocation { at, reason })
}

/// The extensions that are the last field, if it is there.
fn extensions_under<'a>(fields: &mut Reader<'a>, number: u8) -> Result<Vec<Extension<'a>>, OcspError> {
    if fields.is_at_end() {
        return Ok(Vec::new());
    }
    let mut read = || {
        let mut tagged = fields.inside(der::constructed(number))?;
        let extensions = extensions::read(tagged.inside(der::SEQUENCE)?)?;
        tagged.end(())?;
        fields.end(extensions)
    };
    read().ok_or(OcspError::Malformed)
}
