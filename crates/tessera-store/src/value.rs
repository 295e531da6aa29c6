//! The values that go into and come out of a statement, for both engines.

use tessera_model::id::Id;
use tessera_model::{ClientId, Digest, SecurityVersion, Timestamp};

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
    /// The same value as a bound value, for example on another thread.
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
impl From<SecurityVersion> for Param<'_> {
    fn from(value: SecurityVersion) -> Self {
        Self::Int(value.0)
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

/// The bound values of one statement, each converted into a [`Param`].
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::value::Param::from($value)),*] };
}
pub(crate) use params;

/// The values of an `INSERT`, each with the name of its column.
#[derive(Clone, Copy)]
pub(crate) struct NamedValues<'a> {
    /// The names of the columns.
    pub(crate) names: &'a [&'static str],
    /// One value for each column.
    pub(crate) values: &'a [Param<'a>],
}

impl<'a> NamedValues<'a> {
    /// The values, if the columns are those of the statement, in the same order.
    pub(crate) fn of(self, insert: &Statement) -> Result<&'a [Param<'a>], StoreError> {
        if self.names == insert.inserted() {
            Ok(self.values)
        } else {
            Err(StoreError::Misuse("the columns of an INSERT and of its values differ"))
        }
    }
}

/// [`NamedValues`], written `named![id = &user.id, ...]`.
macro_rules! named {
    ($($name:ident = $value:expr),* $(,)?) => {
        $crate::value::NamedValues {
            names: &[$(stringify!($name)),*],
            values: &[$($crate::value::Param::from($value)),*],
        }
    };
}
pub(crate) use named;

/// A JSON document for a text column.
pub(crate) fn to_json<T: serde::Serialize + ?Sized>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|error| StoreError::Corrupt(format!("cannot be written as JSON: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::consents;

    #[test]
    fn values_in_another_order_than_the_columns_are_refused() {
        let [user, client, scope] = ["user", "client", "scope"];
        let good = named![user_id = user, client_id = client, scope = scope, granted_at = 1_i64];
        assert_eq!(good.of(&consents::ALLOW).map(<[_]>::len), Ok(4));
        let swapped = named![user_id = user, client_id = client, granted_at = 1_i64, scope = scope];
        let short = named![user_id = user, client_id = client, scope = scope];
        for bad in [swapped, short] {
            let refused = bad.of(&consents::ALLOW).map(<[_]>::len);
            assert!(matches!(refused, Err(StoreError::Misuse(_))), "{refused:?}");
        }
    }
}
