//! The protected header, read once and judged by name (RFC 7515 section 4, RFC 7797, RFC 8725 sections 3.1
//! and 3.10).
//!
//! Parameters not listed here are passed over, as RFC 7515 section 4 asks, but still checked for duplicates
//! and depth.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, Visitor};

use super::{JwsError, Part};
use crate::algorithm::Algorithm;
use crate::base64url;
use crate::json::{Any, Fault, Names, Text};

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
    /// Decodes and judges one header segment.
    pub(super) fn parse(segment: &str) -> Result<Self, JwsError> {
        const MALFORMED: JwsError = JwsError::Malformed(Part::Header);
        let json = base64url::decode(segment).map_err(|_| MALFORMED)?;
        let fault = Fault::default();
        let mut parser = serde_json::Deserializer::from_slice(&json);
        let found = Collect(Any::top(&fault)).deserialize(&mut parser).map_err(|_| MALFORMED)?;
        parser.end().map_err(|_| MALFORMED)?;
        if let Some(refusal) = found.refusal {
            return Err(refusal);
        }
        let alg = found.alg.ok_or(MALFORMED)?.parse().map_err(|_| JwsError::AlgNotAllowed)?;
        if found.kid.as_ref().is_some_and(|kid| kid.is_empty() || kid.len() > MAX_KID_LEN) {
            return Err(MALFORMED);
        }
        let keep = |text: Cow<'_, str>| Box::from(&*text);
        Ok(Self { alg, kid: found.kid.map(keep), typ: found.typ.map(keep) })
    }
}

/// What a header contains, before the values are judged.
#[derive(Default)]
struct Found<'de> {
    alg: Option<Cow<'de, str>>,
    kid: Option<Cow<'de, str>>,
    typ: Option<Cow<'de, str>>,
    /// The first parameter that may not be there at all.
    refusal: Option<JwsError>,
}

struct Collect<'f>(Any<'f>);

impl<'de> DeserializeSeed<'de> for Collect<'_> {
    type Value = Found<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Found<'de>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Collect<'_> {
    type Value = Found<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JWS header")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Found<'de>, A::Error> {
        let inside = self.0.inside()?;
        let mut others = Names::default();
        let mut found = Found::default();
        while let Some(name) = map.next_key_seed(Text)? {
            match &*name {
                "alg" if found.alg.is_none() => found.alg = Some(map.next_value_seed(Text)?),
                "kid" if found.kid.is_none() => found.kid = Some(map.next_value_seed(Text)?),
                "typ" if found.typ.is_none() => found.typ = Some(map.next_value_seed(Text)?),
                "alg" | "kid" | "typ" => return Err(A::Error::custom("duplicate parameter")),
                other => {
                    found.refusal = found.refusal.or(refusal(other));
                    map.next_value_seed(inside)?;
                    if !others.insert(name) {
                        return Err(A::Error::custom("duplicate parameter"));
                    }
                }
            }
        }
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
