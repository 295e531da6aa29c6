//! From a `KeyPackage` to a device (RFC 6030 section 4.3).

use super::integrity::{Keys, Value, decode};
use super::xml::Element;
use crate::algorithm::{Algorithm, Digits, Period};
use crate::hotp::Hotp;
use crate::secret::Secret;
use crate::seed::{Dates, Details, EntryError, Seed, Token};
use crate::totp::Totp;

/// Bytes that a text of a file may have.
const MAX_TEXT_LEN: usize = 256;
/// Steps that a clock may be known to be wrong by: two years of 30 seconds.
const MAX_DRIFT: i64 = 2 * 366 * 2880;

/// HOTP (RFC 6030 section 10.1), and how drafts and older files name it.
const HOTP: &[&str] = &[
    "urn:ietf:params:xml:ns:keyprov:pskc:hotp",
    "urn:ietf:params:xml:ns:keyprov:pskc#hotp",
    "http://www.ietf.org/keyprov/pskc#hotp",
];
/// TOTP, likewise.
const TOTP: &[&str] = &[
    "urn:ietf:params:xml:ns:keyprov:pskc:totp",
    "urn:ietf:params:xml:ns:keyprov:pskc#totp",
    "http://www.ietf.org/keyprov/pskc#totp",
];

/// The children of a `Policy` that are understood. One that is not forbids the use of the key (RFC 6030 section 5). Nobody here counts
/// how often a key was used, so `NumberOfTransactions` is none of them.
const POLICIES: &[&str] = &["StartDate", "ExpiryDate", "KeyUsage", "PINPolicy"];
/// The registered values of `KeyUsage` (RFC 6030 section 5).
const USAGES: &[&str] = &[
    OTP,
    "CR",
    "Encrypt",
    "Integrity",
    "Verify",
    "Unlock",
    "Decrypt",
    "KeyWrap",
    "Unwrap",
    "Derive",
    "Generate",
];
/// The one that allows codes.
const OTP: &str = "OTP";

/// The serial number, or else the id of the key. For errors, so it says nothing about what is wrong with them.
pub(super) fn serial(package: &Element) -> Option<String> {
    let number = package.descendant(&["DeviceInfo", "SerialNo"]).ok()?;
    let number =
        number.map_or_else(|| package.child("Key").ok()??.attribute("Id"), |number| Some(number.text()));
    text(number?, "SerialNo").ok()
}

/// The device of a `KeyPackage`. `keys` are those of the file, if it is encrypted.
pub(super) fn seed(package: &Element, keys: Option<&Keys>) -> Result<Seed, EntryError> {
    let key = package.child("Key")?.ok_or(EntryError::Missing("Key"))?;
    let serial = match package.descendant(&["DeviceInfo", "SerialNo"])? {
        Some(number) => text(number.text(), "SerialNo")?,
        None => text(key.attribute("Id").ok_or(EntryError::Missing("SerialNo"))?, "SerialNo")?,
    };
    let details = details(package, key)?;
    if let Some(policy) = key.child("Policy")? {
        check(policy)?;
    }
    Ok(Seed { serial, token: token(key, keys)?, details })
}

fn details(package: &Element, key: &Element) -> Result<Details, EntryError> {
    let device = |name| optional(package, &["DeviceInfo", name], name);
    let policy = |name| optional(key, &["Policy", name], name);
    let of_key = |name| optional(key, &[name], name);
    let key_id = key.attribute("Id").map(|id| text(id, "Id")).transpose()?;
    Ok(Details {
        key_id,
        manufacturer: device("Manufacturer")?,
        model: device("Model")?,
        issuer: of_key("Issuer")?,
        // One for each language is allowed.
        friendly_name: key
            .children()
            .iter()
            .find(|child| child.name == "FriendlyName")
            .map(|name| text(name.text(), "FriendlyName"))
            .transpose()?,
        device_user: device("UserId")?,
        key_user: of_key("UserId")?,
        start: Dates { device: device("StartDate")?, key: policy("StartDate")? },
        expiry: Dates { device: device("ExpiryDate")?, key: policy("ExpiryDate")? },
    })
}

/// Whether codes may be made with the key alone (RFC 6030 section 5). The dates are the caller's to keep.
fn check(policy: &Element) -> Result<(), EntryError> {
    if policy.extended || policy.children().iter().any(|rule| !POLICIES.contains(&rule.name.as_str())) {
        return Err(EntryError::Policy("a rule that is not understood"));
    }
    let rules = policy.children().iter();
    let usages: Vec<&str> = rules.filter(|rule| rule.name == "KeyUsage").map(Element::text).collect();
    let understood = usages.iter().all(|usage| USAGES.contains(usage));
    if !understood || !(usages.is_empty() || usages.contains(&OTP)) {
        return Err(EntryError::Policy("KeyUsage"));
    }
    // A PIN that the device itself checks is none of ours. Any other one would be part of what is typed.
    match policy.child("PINPolicy")?.map(|pin| pin.attribute("PINUsageMode")) {
        None | Some(None | Some("Local")) => Ok(()),
        Some(Some(_)) => Err(EntryError::Policy("PINUsageMode")),
    }
}

fn token(key: &Element, keys: Option<&Keys>) -> Result<Token, EntryError> {
    let kind = key.attribute("Algorithm").ok_or(EntryError::Missing("Algorithm"))?.trim();
    let is_hotp = HOTP.contains(&kind);
    if !is_hotp && !TOTP.contains(&kind) {
        return Err(EntryError::Kind(kind.chars().filter(|c| !c.is_control()).take(80).collect()));
    }
    let (algorithm, digits) = parameters(key)?;
    let data = key.child("Data")?.ok_or(EntryError::Missing("Secret"))?;
    let secret = secret(data, keys)?;
    if is_hotp {
        let counter = number(data, keys, "Counter")?.unwrap_or(0);
        let counter = u64::try_from(counter).map_err(|_| EntryError::Wrong("Counter"))?;
        return Ok(Token::Hotp { hotp: Hotp::new(secret, algorithm, digits), counter });
    }
    let period = number(data, keys, "TimeInterval")?.ok_or(EntryError::Missing("TimeInterval"))?;
    let period = u64::try_from(period).ok().and_then(Period::from_seconds);
    let period = period.ok_or(EntryError::Wrong("TimeInterval"))?;
    let drift = number(data, keys, "TimeDrift")?.unwrap_or(0);
    if !(-MAX_DRIFT..=MAX_DRIFT).contains(&drift) {
        return Err(EntryError::Wrong("TimeDrift"));
    }
    Ok(Token::Totp { totp: Totp::new(secret, algorithm, digits, period), drift })
}

/// Hash and digits (RFC 6030 section 4.3.4). A file that names no hash means SHA-1.
fn parameters(key: &Element) -> Result<(Algorithm, Digits), EntryError> {
    let parameters = key.child("AlgorithmParameters")?.ok_or(EntryError::Missing("ResponseFormat"))?;
    let algorithm = match parameters.child("Suite")?.map(Element::text) {
        None | Some("") => Algorithm::Sha1,
        Some(name) => Algorithm::from_name(name).ok_or(EntryError::Wrong("Suite"))?,
    };
    let format = parameters.child("ResponseFormat")?.ok_or(EntryError::Missing("ResponseFormat"))?;
    let decimal = format.attribute("Encoding").is_some_and(|encoding| encoding.trim() == "DECIMAL");
    // The text of the RFC and its schema differ in the name.
    let plain = ["CheckDigit", "CheckDigits"]
        .iter()
        .all(|name| matches!(format.attribute(name).map(str::trim), None | Some("false" | "0")));
    let digits =
        format.attribute("Length").and_then(|length| length.trim().parse().ok()).and_then(Digits::from_count);
    match digits {
        Some(digits) if decimal && plain => Ok((algorithm, digits)),
        _ => Err(EntryError::Wrong("ResponseFormat")),
    }
}

fn secret(data: &Element, keys: Option<&Keys>) -> Result<Secret, EntryError> {
    let element = data.child("Secret")?.ok_or(EntryError::Missing("Secret"))?;
    let bytes = match Value::read(element, keys, "Secret")? {
        // Otherwise a secret of somebody's own choice could be slipped into a file that is trusted for its MACs.
        Value::Plain(_) if keys.is_some() => return Err(EntryError::InTheClear),
        Value::Plain(text) => decode(text).ok_or(EntryError::Wrong("Secret"))?,
        Value::Decrypted(bytes) => bytes,
    };
    Ok(Secret::imported(&bytes)?)
}

/// An integer (RFC 6030 section 4.1). Encrypted ones are big-endian bytes without a sign, as vendors write them; the RFC does not say.
fn number(data: &Element, keys: Option<&Keys>, name: &'static str) -> Result<Option<i64>, EntryError> {
    let Some(element) = data.child(name)? else { return Ok(None) };
    let value = match Value::read(element, keys, name)? {
        Value::Plain(text) => text.parse().ok(),
        Value::Decrypted(bytes) if (1..=8).contains(&bytes.len()) => {
            i64::try_from(bytes.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte))).ok()
        }
        Value::Decrypted(_) => None,
    };
    value.map(Some).ok_or(EntryError::Wrong(name))
}

fn optional(from: &Element, path: &[&'static str], name: &'static str) -> Result<Option<String>, EntryError> {
    let found = from.descendant(path)?.map(Element::text).filter(|found| !found.is_empty());
    found.map(|found| text(found, name)).transpose()
}

/// A text that is fit to be stored and shown.
fn text(found: &str, name: &'static str) -> Result<String, EntryError> {
    let found = found.trim();
    if found.is_empty() {
        return Err(EntryError::Missing(name));
    }
    if found.len() > MAX_TEXT_LEN || found.chars().any(char::is_control) {
        return Err(EntryError::Wrong(name));
    }
    Ok(found.to_owned())
}
