//! JSON with one reading (RFC 8259 section 4, RFC 7515 section 4, RFC 8725 section 2.4).
//!
//! Refused: duplicate member names at any depth, nesting deeper than [`MAX_DEPTH`], bytes after the value,
//! anything but an object at the top, numbers that a double cannot hold exactly, input longer than
//! [`MAX_LEN`]. Work is linear in the input and the stack use is bounded by the depth.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// The deepest nesting of objects and arrays; the outermost object counts as one.
pub const MAX_DEPTH: usize = 16;

/// The longest input in bytes. Callers with a smaller limit of their own check it first.
pub const MAX_LEN: usize = 256 * 1024;

/// Integers beyond this lose digits in a double.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

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
    let fault = Fault::default();
    let mut parser = serde_json::Deserializer::from_slice(bytes);
    let outcome = Any::top(&fault).deserialize(&mut parser).and_then(|shape| parser.end().map(|()| shape));
    match outcome {
        Ok(Shape::Object) => Ok(()),
        Ok(Shape::Other) => Err(JsonError::NotAnObject),
        Err(_) => Err(fault.take().unwrap_or(JsonError::Malformed)),
    }
}

/// The reason a visitor stopped, because serde's errors carry text only.
#[derive(Default)]
pub(crate) struct Fault(Cell<Option<JsonError>>);

impl Fault {
    pub(crate) fn raise<E: serde::de::Error>(&self, reason: JsonError) -> E {
        self.0.set(Some(reason));
        E::custom(reason)
    }

    pub(crate) fn take(&self) -> Option<JsonError> {
        self.0.take()
    }
}

/// What kind of value was walked over.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Object,
    Other,
}

/// Walks over any value, keeping nothing, and checks names, depth and numbers.
#[derive(Clone, Copy)]
pub(crate) struct Any<'f> {
    fault: &'f Fault,
    depth: usize,
}

impl<'f> Any<'f> {
    /// For the outermost value.
    pub(crate) const fn top(fault: &'f Fault) -> Self {
        Self { fault, depth: 0 }
    }

    /// For a value inside this one.
    pub(crate) fn inside<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(self.fault.raise(JsonError::TooDeep));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Any<'_> {
    type Value = Shape;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Shape, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Any<'_> {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Shape, E> {
        if number.abs() < MAX_EXACT {
            Ok(Shape::Other)
        } else {
            Err(self.fault.raise(JsonError::InexactNumber))
        }
    }

    fn visit_str<E>(self, _: &str) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_unit<E>(self) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Shape, A::Error> {
        let inside = self.inside()?;
        while seq.next_element_seed(inside)?.is_some() {}
        Ok(Shape::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Shape, A::Error> {
        let inside = self.inside()?;
        let mut names = Names::default();
        while let Some(name) = map.next_key_seed(Text)? {
            if !names.insert(name) {
                return Err(self.fault.raise(JsonError::Duplicate));
            }
            map.next_value_seed(inside)?;
        }
        Ok(Shape::Object)
    }
}

/// A string, borrowed from the input unless it was written with escapes.
pub(crate) struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cow<'de, str>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Text {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

/// The member names of one object. Few are compared one by one; many go into a tree, so that work stays near
/// linear.
#[derive(Default)]
pub(crate) struct Names<'de> {
    few: Vec<Cow<'de, str>>,
    many: BTreeSet<Cow<'de, str>>,
}

impl<'de> Names<'de> {
    const FEW: usize = 24;

    /// Whether `name` is new.
    pub(crate) fn insert(&mut self, name: Cow<'de, str>) -> bool {
        if self.few.contains(&name) {
            return false;
        }
        if self.few.len() < Self::FEW {
            self.few.push(name);
            return true;
        }
        self.many.insert(name)
    }
}
