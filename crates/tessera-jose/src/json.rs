//! JSON that every reader understands in the same way (RFC 8259 section 4, RFC 7515 section 4, RFC 8725 section 2.4).
//!
//! One [`Reader`] reads all of it: headers, claims, keys and documents. It refuses duplicate member names at any depth,
//! nesting deeper than [`MAX_DEPTH`], bytes after the value, and numbers that a double cannot hold exactly. The functions here
//! also refuse input longer than [`MAX_LEN`] and anything but an object at the top. Work is linear in the input. The depth
//! bounds the use of the stack. `serde_json` decides what a number or an escape means.

mod error;
mod limits;
mod reader;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub use self::error::JsonError;
pub use self::limits::{MAX_DEPTH, MAX_LEN};
pub use self::reader::Reader;

/// Reads an object in one pass and keeps nothing: `member` gets each name and must read or skip its value.
///
/// ```
/// use tessera_jose::json::{JsonError, read_object};
///
/// let mut exp = None;
/// read_object(br#"{"exp": 1700000600, "note": ["any", "value"]}"#, |value, name| match name {
///     "exp" => value.integer().map(|at| exp = Some(at)),
///     _ => value.skip(),
/// })?;
/// assert_eq!(exp, Some(1_700_000_600));
/// # Ok::<(), JsonError>(())
/// ```
///
/// # Errors
/// `WrongType` for anything but an object, what `member` returns, or another [`JsonError`].
pub fn read_object<'a>(
    bytes: &'a [u8],
    member: impl FnMut(&mut Reader<'a>, &str) -> Result<(), JsonError>,
) -> Result<(), JsonError> {
    let mut reader = Reader::new(text(bytes)?);
    reader.object(member)?;
    reader.end()
}

/// Parses an object into a map.
///
/// # Errors
/// [`JsonError`], never `WrongType`.
pub fn object(bytes: &[u8]) -> Result<Map<String, Value>, JsonError> {
    let mut reader = Reader::new(text(bytes)?);
    let value = reader.value()?;
    reader.end()?;
    match value {
        Value::Object(members) => Ok(members),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(JsonError::NotAnObject)
        }
    }
}

/// Parses an object into `T`.
///
/// # Errors
/// As [`object`], and `WrongType` if the members do not fit `T`.
pub fn strict<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonError> {
    serde_json::from_value(Value::Object(object(bytes)?)).map_err(|_| JsonError::WrongType)
}

fn text(bytes: &[u8]) -> Result<&str, JsonError> {
    if bytes.len() > MAX_LEN {
        return Err(JsonError::TooLong);
    }
    std::str::from_utf8(bytes).map_err(|_| JsonError::Malformed)
}
