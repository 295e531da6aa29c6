//! The protected header (RFC 7515 section 4, RFC 7797, RFC 8725 sections 3.1 and 3.10).
//!
//! Parameters that are not listed here are ignored, as RFC 7515 section 4 asks. They still count for duplicates and depth.

use std::borrow::Cow;

use super::error::{JwsError, Part};
use crate::algorithm::Algorithm;
use crate::base64url;
use crate::json::{self, JsonError};

/// The longest `kid` in bytes.
const MAX_KID_LEN: usize = 256;

/// The parameters that matter here.
#[derive(Clone)]
pub(super) struct Header {
    pub(super) alg: Algorithm,
    pub(super) kid: Option<Box<str>>,
    pub(super) typ: Option<Box<str>>,
}

impl Header {
    /// Decodes and checks one header segment. `buffer` is empty before and after.
    pub(super) fn parse(buffer: &mut Vec<u8>, segment: &str) -> Result<Self, JwsError> {
        const MALFORMED: JwsError = JwsError::Malformed(Part::Header);
        base64url::decode_onto(buffer, segment).map_err(|_| MALFORMED)?;
        let found = RawHeader::read(buffer).map_err(|_| MALFORMED)?;
        if let Some(refusal) = found.refusal {
            return Err(refusal);
        }
        let alg = found.alg.ok_or(MALFORMED)?.parse().map_err(|_| JwsError::AlgNotAllowed)?;
        if found.kid.as_ref().is_some_and(|kid| kid.is_empty() || kid.len() > MAX_KID_LEN) {
            return Err(MALFORMED);
        }
        let header = Self { alg, kid: found.kid, typ: found.typ };
        buffer.clear();
        Ok(header)
    }
}

/// What the header says, before its values are checked.
#[derive(Default)]
struct RawHeader<'a> {
    alg: Option<Cow<'a, str>>,
    kid: Option<Box<str>>,
    typ: Option<Box<str>>,
    /// Why the first forbidden parameter refuses the token.
    refusal: Option<JwsError>,
}

impl<'a> RawHeader<'a> {
    fn read(json: &'a [u8]) -> Result<Self, JsonError> {
        let mut found = Self::default();
        json::read_object(json, |value, name| {
            match name {
                "alg" => found.alg = Some(value.string()?),
                "kid" => found.kid = Some(value.string()?.into()),
                "typ" => found.typ = Some(value.string()?.into()),
                other => {
                    found.refusal = found.refusal.or(refusal(other));
                    value.skip()?;
                }
            }
            Ok(())
        })?;
        Ok(found)
    }
}

/// Parameters that refuse the token whatever their value.
fn refusal(name: &str) -> Option<JwsError> {
    match name {
        "jwk" | "jku" | "x5u" | "x5c" => Some(JwsError::UntrustedKeyHeader),
        "crit" | "b64" => Some(JwsError::CritUnsupported),
        "zip" => Some(JwsError::ZipUnsupported),
        _ => None,
    }
}
