//! The protected header, read once and judged by name (RFC 7515 section 4, RFC 7797, RFC 8725 sections 3.1
//! and 3.10).
//!
//! Parameters not listed here are passed over, as RFC 7515 section 4 asks, but still checked for duplicates
//! and depth.

use std::borrow::Cow;

use super::{JwsError, Part};
use crate::algorithm::Algorithm;
use crate::base64url;
use crate::json::{JsonError, Reader};

/// The longest `kid` in bytes.
const MAX_KID_LEN: usize = 256;

/// What is kept of a header.
#[derive(Clone)]
pub(super) struct Header {
    pub(super) alg: Algorithm,
    pub(super) kid: Option<Box<str>>,
    pub(super) typ: Option<Box<str>>,
}

impl Header {
    /// Decodes and judges one header segment. The empty `buffer` is left empty.
    pub(super) fn parse(buffer: &mut Vec<u8>, segment: &str) -> Result<Self, JwsError> {
        const MALFORMED: JwsError = JwsError::Malformed(Part::Header);
        base64url::decode_onto(buffer, segment).map_err(|_| MALFORMED)?;
        let json = std::str::from_utf8(buffer).map_err(|_| MALFORMED)?;
        let found = Found::read(json).map_err(|_| MALFORMED)?;
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

/// What a header contains, before the values are judged.
#[derive(Default)]
struct Found<'a> {
    alg: Option<Cow<'a, str>>,
    kid: Option<Box<str>>,
    typ: Option<Box<str>>,
    /// The first parameter that may not be there at all.
    refusal: Option<JwsError>,
}

impl<'a> Found<'a> {
    fn read(json: &'a str) -> Result<Self, JsonError> {
        let mut found = Self::default();
        let mut reader = Reader::new(json);
        reader.object(|value, name| {
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
        reader.end()?;
        Ok(found)
    }
}

/// Parameters whose mere presence is enough.
fn refusal(name: &str) -> Option<JwsError> {
    match name {
        "jwk" | "jku" | "x5u" | "x5c" => Some(JwsError::UntrustedKeyHeader),
        "crit" | "b64" => Some(JwsError::CritUnsupported),
        "zip" => Some(JwsError::ZipUnsupported),
        _ => None,
    }
}
