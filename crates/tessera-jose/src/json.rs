//! JSON with one reading (RFC 8259 section 4, RFC 7515 section 4, RFC 8725 section 2.4).
//!
//! Refused: duplicate member names at any depth, nesting deeper than [`MAX_DEPTH`], bytes after the value,
//! anything but an object at the top, numbers that a double cannot hold exactly, input longer than
//! [`MAX_LEN`]. Work is linear in the input and the stack use is bounded by the depth. What numbers and escapes mean is left to
//! `serde_json`.

mod reader;

use serde::de::Deserialize;
use serde_json::{Map, Value};

pub use self::reader::Reader;

/// The deepest nesting of objects and arrays; the outermost object counts as one.
pub const MAX_DEPTH: usize = 16;

/// The longest input in bytes. Callers with a smaller limit of their own check it first.
pub const MAX_LEN: usize = 256 * 1024;

/// Why a text is not the object it was taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// Longer than [`MAX_LEN`].
    #[error("JSON is too long")]
    TooLong,
    /// Not JSON, not UTF-8, or bytes after the end.
    #[error("not valid JSON")]
    Malformed,
    /// Valid JSON, but not an object.
    #[error("not a JSON object")]
    NotAnObject,
    /// A member name occurs twice in one object.
    #[error("duplicate member name in JSON")]
    Duplicate,
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("JSON is nested too deeply")]
    TooDeep,
    /// A number that cannot be held exactly.
    #[error("inexact number in JSON")]
    InexactNumber,
    /// Well formed, but not what the type asks for: a member missing or of another type.
    #[error("JSON members do not fit the expected type")]
    WrongType,
}

/// Parses an object into a map.
///
/// # Errors
/// [`JsonError`], never `WrongType`.
pub fn object(bytes: &[u8]) -> Result<Map<String, Value>, JsonError> {
    check(bytes)?;
    serde_json::from_slice(bytes).map_err(|_| JsonError::Malformed)
}

/// Parses an object into `T` after the same checks as [`object`].
///
/// # Errors
/// [`JsonError`].
pub fn strict<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, JsonError> {
    check(bytes)?;
    serde_json::from_slice(bytes).map_err(|_| JsonError::WrongType)
}

fn check(bytes: &[u8]) -> Result<(), JsonError> {
    if bytes.len() > MAX_LEN {
        return Err(JsonError::TooLong);
    }
    let mut reader = Reader::new(std::str::from_utf8(bytes).map_err(|_| JsonError::Malformed)?);
    let is_object = reader.at_object();
    reader.skip()?;
    reader.end()?;
    if is_object { Ok(()) } else { Err(JsonError::NotAnObject) }
}
