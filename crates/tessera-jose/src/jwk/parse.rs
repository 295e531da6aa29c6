//! Parses a JSON object into a [`Jwk`]. Each member has a named check.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::error::JwkError;
use super::material::{Curve, Material};
use super::public_key::Jwk;
use super::role::{PURPOSE, Purpose, Role, SIGNS_FROM};
use crate::algorithm::Algorithm;
use crate::{base64url, json};

/// Members of private and symmetric keys (RFC 7518 sections 6.2.2, 6.3.2, 6.4; RFC 8037 section 2).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// The longest `kid` in bytes, as in a token header.
const MAX_KID_LEN: usize = 256;

/// The longest RSA number in bytes: 8192 bits.
const MAX_RSA_LEN: usize = 1024;

impl Jwk {
    /// Parses one key. Members that signatures do not need, such as `x5c`, are ignored and not kept.
    ///
    /// # Errors
    /// [`JwkError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, JwkError> {
        jwk(&json::object(bytes)?)
    }
}

pub(super) fn jwk(object: &Map<String, Value>) -> Result<Jwk, JwkError> {
    if let Some(name) = PRIVATE.into_iter().find(|name| object.contains_key(*name)) {
        return Err(JwkError::PrivateMember(name));
    }
    Ok(Jwk {
        material: material(object)?,
        alg: alg(object)?,
        key_use: optional(object, "use")?.map(str::to_owned),
        key_ops: key_ops(object)?,
        kid: kid(object)?,
        role: role(object)?,
    })
}

fn material(object: &Map<String, Value>) -> Result<Material, JwkError> {
    match required(object, "kty")? {
        "EC" => {
            let curve = Curve::named(required(object, "crv")?).ok_or(JwkError::Unknown("crv"))?;
            let (x, y) = (coordinate(object, "x", curve)?, coordinate(object, "y", curve)?);
            Ok(Material::Ec { curve, x, y })
        }
        "OKP" if required(object, "crv")? == "Ed25519" => {
            let x = bytes(object, "x")?.try_into().map_err(|_| JwkError::Member("x"))?;
            Ok(Material::Ed25519 { x })
        }
        "OKP" => Err(JwkError::Unknown("crv")),
        "RSA" => Ok(Material::Rsa { n: positive(object, "n")?, e: positive(object, "e")? }),
        _ => Err(JwkError::Unknown("kty")),
    }
}

fn alg(object: &Map<String, Value>) -> Result<Option<Algorithm>, JwkError> {
    optional(object, "alg")?.map(|alg| alg.parse().map_err(|_| JwkError::Unknown("alg"))).transpose()
}

/// Any values are allowed, but each only once (RFC 7517 section 4.3).
fn key_ops(object: &Map<String, Value>) -> Result<Option<Vec<String>>, JwkError> {
    const MALFORMED: JwkError = JwkError::Member("key_ops");
    let Some(value) = object.get("key_ops") else { return Ok(None) };
    let texts: Option<Vec<&str>> = value.as_array().ok_or(MALFORMED)?.iter().map(Value::as_str).collect();
    let texts = texts.ok_or(MALFORMED)?;
    if texts.iter().collect::<BTreeSet<_>>().len() != texts.len() {
        return Err(MALFORMED);
    }
    Ok(Some(texts.into_iter().map(str::to_owned).collect()))
}

fn kid(object: &Map<String, Value>) -> Result<Option<String>, JwkError> {
    match optional(object, "kid")? {
        Some(kid) if kid.is_empty() || kid.len() > MAX_KID_LEN => Err(JwkError::Member("kid")),
        kid => Ok(kid.map(str::to_owned)),
    }
}

fn coordinate(object: &Map<String, Value>, name: &'static str, curve: Curve) -> Result<Vec<u8>, JwkError> {
    let bytes = bytes(object, name)?;
    if bytes.len() == curve.coordinate_len() { Ok(bytes) } else { Err(JwkError::Member(name)) }
}

/// A positive number in the fewest octets (RFC 7518 section 2, `Base64urlUInt`).
fn positive(object: &Map<String, Value>, name: &'static str) -> Result<Vec<u8>, JwkError> {
    let bytes = bytes(object, name)?;
    let minimal = bytes.first().is_some_and(|first| *first != 0);
    if minimal && bytes.len() <= MAX_RSA_LEN { Ok(bytes) } else { Err(JwkError::Member(name)) }
}

fn bytes(object: &Map<String, Value>, name: &'static str) -> Result<Vec<u8>, JwkError> {
    base64url::decode(required(object, name)?).map_err(|_| JwkError::Member(name))
}

fn required<'o>(object: &'o Map<String, Value>, name: &'static str) -> Result<&'o str, JwkError> {
    optional(object, name)?.ok_or(JwkError::Member(name))
}

fn optional<'o>(object: &'o Map<String, Value>, name: &'static str) -> Result<Option<&'o str>, JwkError> {
    object.get(name).map(|value| value.as_str().ok_or(JwkError::Member(name))).transpose()
}

/// Both members are there, or neither.
fn role(object: &Map<String, Value>) -> Result<Option<Role>, JwkError> {
    match (optional(object, PURPOSE)?, object.get(SIGNS_FROM)) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(JwkError::Member(PURPOSE)),
        (Some(name), from) => {
            let purpose = Purpose::ALL.into_iter().find(|purpose| purpose.as_str() == name);
            let signs_from = from.and_then(Value::as_i64).ok_or(JwkError::Member(SIGNS_FROM))?;
            Ok(Some(Role { purpose: purpose.ok_or(JwkError::Unknown(PURPOSE))?, signs_from }))
        }
    }
}
