//! Values on their way into and out of a statement, the same for both engines.

use std::str::FromStr;

use serde::de::DeserializeOwned;
use tessera_model::id::Id;
use tessera_model::{ClientId, Digest, Timestamp};

use crate::StoreError;
use crate::sql::Statement;

/// A bound value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Param<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

/// A value of a result row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Cell {
    /// The same value for binding, e.g. after a trip to another thread.
    pub(crate) fn as_param(&self) -> Param<'_> {
        match self {
            Self::Null => Param::Null,
            Self::Int(value) => Param::Int(*value),
            Self::Text(value) => Param::Text(value),
            Self::Bytes(value) => Param::Bytes(value),
        }
    }
}

impl Param<'_> {
    /// A copy that outlives the borrow.
    pub(crate) fn to_cell(self) -> Cell {
        match self {
            Self::Null => Cell::Null,
            Self::Int(value) => Cell::Int(value),
            Self::Text(value) => Cell::Text(value.to_owned()),
            Self::Bytes(value) => Cell::Bytes(value.to_vec()),
        }
    }
}

impl From<i64> for Param<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}
impl From<u32> for Param<'_> {
    fn from(value: u32) -> Self {
        Self::Int(value.into())
    }
}
impl From<bool> for Param<'_> {
    fn from(value: bool) -> Self {
        Self::Int(value.into())
    }
}
impl From<Timestamp> for Param<'_> {
    fn from(value: Timestamp) -> Self {
        Self::Int(value.seconds())
    }
}
impl<'a> From<&'a str> for Param<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}
impl<'a> From<&'a String> for Param<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(value)
    }
}
impl<'a> From<&'a ClientId> for Param<'a> {
    fn from(value: &'a ClientId) -> Self {
        Self::Text(value.as_str())
    }
}
impl<'a> From<&'a Vec<u8>> for Param<'a> {
    fn from(value: &'a Vec<u8>) -> Self {
        Self::Bytes(value)
    }
}
impl<'a, K> From<&'a Id<K>> for Param<'a> {
    fn from(value: &'a Id<K>) -> Self {
        Self::Bytes(value.as_bytes())
    }
}
impl<'a> From<&'a Digest> for Param<'a> {
    fn from(value: &'a Digest) -> Self {
        Self::Bytes(value.as_bytes())
    }
}
impl<'a, T> From<Option<T>> for Param<'a>
where
    Param<'a>: From<T>,
{
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Param::from)
    }
}

/// The values of one statement, each turned into a [`Param`].
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::value::Param::from($value)),*] };
}
pub(crate) use params;

/// A result row, read column by column in the order of the statement.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    sql: &'static Statement,
    cells: std::vec::IntoIter<Cell>,
}

impl Row {
    /// Wraps the cells of one row of `sql`.
    pub(crate) fn new(sql: &'static Statement, cells: Vec<Cell>) -> Self {
        Self { sql, cells: cells.into_iter() }
    }

    /// The error for a value that this version of the program cannot have written. Names no value (invariant I7).
    pub(crate) fn unreadable(&self, expected: &str) -> StoreError {
        let read = self.cells.len();
        StoreError::Corrupt(format!("{:?}: expected {expected} with {read} columns left", self.sql))
    }

    fn next(&mut self) -> Result<Cell, StoreError> {
        self.cells.next().ok_or_else(|| self.unreadable("a column"))
    }

    /// The next column: text or null.
    pub(crate) fn opt_text(&mut self) -> Result<Option<String>, StoreError> {
        match self.next()? {
            Cell::Null => Ok(None),
            Cell::Text(value) => Ok(Some(value)),
            Cell::Int(_) | Cell::Bytes(_) => Err(self.unreadable("text")),
        }
    }

    /// The next column: text.
    pub(crate) fn text(&mut self) -> Result<String, StoreError> {
        self.opt_text()?.ok_or_else(|| self.unreadable("text"))
    }

    /// The next column: an integer or null.
    pub(crate) fn opt_int(&mut self) -> Result<Option<i64>, StoreError> {
        match self.next()? {
            Cell::Null => Ok(None),
            Cell::Int(value) => Ok(Some(value)),
            Cell::Text(_) | Cell::Bytes(_) => Err(self.unreadable("an integer")),
        }
    }

    /// The next column: an integer.
    pub(crate) fn int(&mut self) -> Result<i64, StoreError> {
        self.opt_int()?.ok_or_else(|| self.unreadable("an integer"))
    }

    /// The next column: a truth value.
    pub(crate) fn bool(&mut self) -> Result<bool, StoreError> {
        Ok(self.int()? != 0)
    }

    /// The next column: bytes or null.
    pub(crate) fn opt_bytes(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        match self.next()? {
            Cell::Null => Ok(None),
            Cell::Bytes(value) => Ok(Some(value)),
            Cell::Int(_) | Cell::Text(_) => Err(self.unreadable("bytes")),
        }
    }

    /// The next column: bytes.
    pub(crate) fn bytes(&mut self) -> Result<Vec<u8>, StoreError> {
        self.opt_bytes()?.ok_or_else(|| self.unreadable("bytes"))
    }

    /// The next column: a moment or null.
    pub(crate) fn opt_time(&mut self) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.opt_int()?.map(Timestamp::from_seconds))
    }

    /// The next column: a moment.
    pub(crate) fn time(&mut self) -> Result<Timestamp, StoreError> {
        self.int().map(Timestamp::from_seconds)
    }

    /// The next column: an id or null.
    pub(crate) fn opt_id<K>(&mut self) -> Result<Option<Id<K>>, StoreError> {
        let Some(bytes) = self.opt_bytes()? else { return Ok(None) };
        let bytes = bytes.try_into().map_err(|_| self.unreadable("16 bytes"))?;
        Ok(Some(Id::from_bytes(bytes)))
    }

    /// The next column: an id.
    pub(crate) fn id<K>(&mut self) -> Result<Id<K>, StoreError> {
        self.opt_id()?.ok_or_else(|| self.unreadable("an id"))
    }

    /// The next column: a digest.
    pub(crate) fn digest(&mut self) -> Result<Digest, StoreError> {
        let bytes = self.bytes()?.try_into().map_err(|_| self.unreadable("32 bytes"))?;
        Ok(Digest::new(bytes))
    }

    /// The next column: text in the form of a `T`.
    pub(crate) fn parsed<T: FromStr>(&mut self) -> Result<T, StoreError> {
        self.text()?.parse().map_err(|_| self.unreadable("another spelling"))
    }

    /// The next column: text in the form of a `T`, or null.
    pub(crate) fn opt_parsed<T: FromStr>(&mut self) -> Result<Option<T>, StoreError> {
        let Some(text) = self.opt_text()? else { return Ok(None) };
        text.parse().map(Some).map_err(|_| self.unreadable("another spelling"))
    }

    /// The next column: one of a few stable codes.
    pub(crate) fn code<T: Copy>(&mut self, all: &[T], name: fn(T) -> &'static str) -> Result<T, StoreError> {
        let text = self.text()?;
        all.iter().copied().find(|&one| name(one) == text).ok_or_else(|| self.unreadable("a known code"))
    }

    /// The next column: a JSON document.
    pub(crate) fn json<T: DeserializeOwned>(&mut self) -> Result<T, StoreError> {
        serde_json::from_str(&self.text()?).map_err(|_| self.unreadable("a JSON document of this version"))
    }
}

/// A JSON document for a text column.
pub(crate) fn to_json<T: serde::Serialize + ?Sized>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|error| StoreError::Corrupt(format!("cannot be written as JSON: {error}")))
}
