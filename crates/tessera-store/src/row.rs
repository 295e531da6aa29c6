//! A result row, read by column name.

use std::str::FromStr;

use serde::de::DeserializeOwned;
use tessera_model::id::Id;
use tessera_model::{Digest, Timestamp};

use crate::StoreError;
use crate::sql::Statement;
use crate::value::Cell;

/// A result row. Each column is read once.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    sql: &'static Statement,
    cells: Vec<Option<Cell>>,
    /// The index at which the search for the next column begins. Most readers read the columns in order.
    next: usize,
}

impl Row {
    /// Wraps the cells of a row of `sql`, in the order of its columns.
    pub(crate) fn new(sql: &'static Statement, cells: Vec<Cell>) -> Self {
        Self { sql, cells: cells.into_iter().map(Some).collect(), next: 0 }
    }

    /// The error for a value that this version of the program cannot read. It does not contain the value (invariant I7).
    pub(crate) fn unreadable(&self, column: &str, expected: &str) -> StoreError {
        self.blame(column, &format!("expected {expected}"))
    }

    fn blame(&self, column: &str, why: &str) -> StoreError {
        StoreError::Corrupt(format!("{:?}: {column}: {why}", self.sql))
    }

    fn take(&mut self, column: &str) -> Result<Cell, StoreError> {
        let columns = self.sql.columns();
        let at = match columns.get(self.next) {
            Some(&name) if name == column => Some(self.next),
            _ => columns.iter().position(|&name| name == column),
        };
        let cell = at.and_then(|at| self.cells.get_mut(at)).and_then(Option::take);
        let cell = cell.ok_or_else(|| self.blame(column, "no such column, or one that was read before"))?;
        self.next = at.map_or(0, |at| at + 1);
        Ok(cell)
    }

    /// Text or null.
    pub(crate) fn opt_text(&mut self, column: &str) -> Result<Option<String>, StoreError> {
        match self.take(column)? {
            Cell::Null => Ok(None),
            Cell::Text(value) => Ok(Some(value)),
            Cell::Int(_) | Cell::Bytes(_) => Err(self.unreadable(column, "text")),
        }
    }

    /// Text.
    pub(crate) fn text(&mut self, column: &str) -> Result<String, StoreError> {
        self.opt_text(column)?.ok_or_else(|| self.unreadable(column, "text"))
    }

    /// An integer or null.
    pub(crate) fn opt_int(&mut self, column: &str) -> Result<Option<i64>, StoreError> {
        match self.take(column)? {
            Cell::Null => Ok(None),
            Cell::Int(value) => Ok(Some(value)),
            Cell::Text(_) | Cell::Bytes(_) => Err(self.unreadable(column, "an integer")),
        }
    }

    /// An integer.
    pub(crate) fn int(&mut self, column: &str) -> Result<i64, StoreError> {
        self.opt_int(column)?.ok_or_else(|| self.unreadable(column, "an integer"))
    }

    /// A boolean.
    pub(crate) fn bool(&mut self, column: &str) -> Result<bool, StoreError> {
        Ok(self.int(column)? != 0)
    }

    /// Bytes or null.
    pub(crate) fn opt_bytes(&mut self, column: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match self.take(column)? {
            Cell::Null => Ok(None),
            Cell::Bytes(value) => Ok(Some(value)),
            Cell::Int(_) | Cell::Text(_) => Err(self.unreadable(column, "bytes")),
        }
    }

    /// Bytes.
    pub(crate) fn bytes(&mut self, column: &str) -> Result<Vec<u8>, StoreError> {
        self.opt_bytes(column)?.ok_or_else(|| self.unreadable(column, "bytes"))
    }

    /// A moment or null.
    pub(crate) fn opt_time(&mut self, column: &str) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.opt_int(column)?.map(Timestamp::from_seconds))
    }

    /// A moment.
    pub(crate) fn time(&mut self, column: &str) -> Result<Timestamp, StoreError> {
        self.int(column).map(Timestamp::from_seconds)
    }

    /// An id or null.
    pub(crate) fn opt_id<K>(&mut self, column: &str) -> Result<Option<Id<K>>, StoreError> {
        let Some(bytes) = self.opt_bytes(column)? else { return Ok(None) };
        let bytes = bytes.try_into().map_err(|_| self.unreadable(column, "16 bytes"))?;
        Ok(Some(Id::from_bytes(bytes)))
    }

    /// An id.
    pub(crate) fn id<K>(&mut self, column: &str) -> Result<Id<K>, StoreError> {
        self.opt_id(column)?.ok_or_else(|| self.unreadable(column, "an id"))
    }

    /// A digest.
    pub(crate) fn digest(&mut self, column: &str) -> Result<Digest, StoreError> {
        self.opt_digest(column)?.ok_or_else(|| self.unreadable(column, "a digest"))
    }

    /// A digest, or null.
    pub(crate) fn opt_digest(&mut self, column: &str) -> Result<Option<Digest>, StoreError> {
        let Some(bytes) = self.opt_bytes(column)? else { return Ok(None) };
        let bytes = bytes.try_into().map_err(|_| self.unreadable(column, "32 bytes"))?;
        Ok(Some(Digest::new(bytes)))
    }

    /// A number of rows.
    pub(crate) fn count(&mut self, column: &str) -> Result<u64, StoreError> {
        let count = self.int(column)?;
        u64::try_from(count).map_err(|_| self.unreadable(column, "a number of rows"))
    }

    /// Text that parses as a `T`.
    pub(crate) fn parsed<T: FromStr>(&mut self, column: &str) -> Result<T, StoreError> {
        self.opt_parsed(column)?.ok_or_else(|| self.unreadable(column, "text"))
    }

    /// Text that parses as a `T`, or null.
    pub(crate) fn opt_parsed<T: FromStr>(&mut self, column: &str) -> Result<Option<T>, StoreError> {
        let Some(text) = self.opt_text(column)? else { return Ok(None) };
        text.parse().map(Some).map_err(|_| self.unreadable(column, "another spelling"))
    }

    /// One of a few stable codes.
    pub(crate) fn code<T: Copy>(
        &mut self,
        column: &str,
        all: &[T],
        name: fn(T) -> &'static str,
    ) -> Result<T, StoreError> {
        let text = self.text(column)?;
        all.iter()
            .copied()
            .find(|&one| name(one) == text)
            .ok_or_else(|| self.unreadable(column, "a known code"))
    }

    /// A JSON document.
    pub(crate) fn json<T: DeserializeOwned>(&mut self, column: &str) -> Result<T, StoreError> {
        serde_json::from_str(&self.text(column)?)
            .map_err(|_| self.unreadable(column, "a JSON document with fields of these types"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::throttles;

    fn row() -> Row {
        Row::new(&throttles::FIND, vec![Cell::Int(7), Cell::Int(3), Cell::Int(60)])
    }

    #[test]
    fn columns_are_found_in_any_order() {
        let mut row = row();
        assert_eq!((row.int("blocked_until"), row.int("failures")), (Ok(60), Ok(3)));
    }

    #[test]
    fn a_column_that_is_not_there_or_was_read_is_named_with_its_statement() {
        let blame = |column| {
            let why = format!("throttles::FIND: {column}: no such column, or one that was read before");
            Err(StoreError::Corrupt(why))
        };
        assert_eq!(row().opt_int("failure"), blame("failure"));
        let mut read = row();
        assert_eq!((read.opt_int("failures"), read.opt_int("failures")), (Ok(Some(3)), blame("failures")));
        assert_eq!(Row::new(&throttles::FIND, Vec::new()).opt_int("failures"), blame("failures"));
    }
}
