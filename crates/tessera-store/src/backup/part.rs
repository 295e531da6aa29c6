//! Rows of one table, as bytes that both engines write and read.
//!
//! A part begins with the name of its table and those of its columns, so that it can be read alone. Each text has its length
//! before it, and each value its type.

use crate::StoreError;
use crate::value::Cell;

/// Rows of one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub(super) table: String,
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Vec<Cell>>,
}

/// How many rows of which table a part has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartSummary {
    /// The table.
    pub table: String,
    /// The rows.
    pub rows: u64,
}

const NULL: u8 = 0;
const INT: u8 = 1;
const TEXT: u8 = 2;
const BYTES: u8 = 3;

impl Part {
    /// How many rows of which table it has.
    pub fn summary(&self) -> PartSummary {
        PartSummary { table: self.table.clone(), rows: self.rows.len() as u64 }
    }

    /// The part as bytes.
    ///
    /// # Errors
    /// A value is longer than 4 GiB.
    pub fn to_bytes(&self) -> Result<Vec<u8>, StoreError> {
        let mut bytes = Vec::new();
        put(&mut bytes, self.table.as_bytes())?;
        bytes.extend(length(self.columns.len())?);
        for column in &self.columns {
            put(&mut bytes, column.as_bytes())?;
        }
        bytes.extend(length(self.rows.len())?);
        for cell in self.rows.iter().flatten() {
            match cell {
                Cell::Null => bytes.push(NULL),
                Cell::Int(value) => {
                    bytes.push(INT);
                    bytes.extend(value.to_be_bytes());
                }
                Cell::Text(value) => {
                    bytes.push(TEXT);
                    put(&mut bytes, value.as_bytes())?;
                }
                Cell::Bytes(value) => {
                    bytes.push(BYTES);
                    put(&mut bytes, value)?;
                }
            }
        }
        Ok(bytes)
    }

    /// Reads [`Part::to_bytes`].
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, StoreError> {
        let mut rest = Rest(bytes);
        rest.part().ok_or_else(|| StoreError::Corrupt("a part of the backup has another form".to_owned()))
    }
}

fn length(length: usize) -> Result<[u8; 4], StoreError> {
    let length = u32::try_from(length).map_err(|_| StoreError::Corrupt("a value is too long".to_owned()))?;
    Ok(length.to_be_bytes())
}

fn put(bytes: &mut Vec<u8>, value: &[u8]) -> Result<(), StoreError> {
    bytes.extend(length(value.len())?);
    bytes.extend(value);
    Ok(())
}

/// What has not been read yet. `None` everywhere means that the bytes are no part.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn part(&mut self) -> Option<Part> {
        let table = self.text()?;
        // The numbers are not believed before so many values have been read.
        let columns = (0..self.length()?).map(|_| self.text()).collect::<Option<Vec<_>>>()?;
        let count = self.length()?;
        if columns.is_empty() && count > 0 {
            return None;
        }
        let rows =
            (0..count).map(|_| columns.iter().map(|_| self.cell()).collect()).collect::<Option<_>>()?;
        self.0.is_empty().then_some(Part { table, columns, rows })
    }

    fn cell(&mut self) -> Option<Cell> {
        let (kind, rest) = self.0.split_first()?;
        self.0 = rest;
        match *kind {
            NULL => Some(Cell::Null),
            INT => self.array().map(|bytes| Cell::Int(i64::from_be_bytes(bytes))),
            TEXT => self.text().map(Cell::Text),
            BYTES => self.value().map(|value| Cell::Bytes(value.to_vec())),
            _ => None,
        }
    }

    fn text(&mut self) -> Option<String> {
        self.value().and_then(|value| str::from_utf8(value).ok()).map(str::to_owned)
    }

    fn value(&mut self) -> Option<&'a [u8]> {
        let length = self.length()?;
        let (value, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(value)
    }

    fn length(&mut self) -> Option<usize> {
        usize::try_from(u32::from_be_bytes(self.array()?)).ok()
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*array)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part() -> Part {
        let text = |text: &str| Cell::Text(text.to_owned());
        Part {
            table: "users".to_owned(),
            columns: vec!["id".to_owned(), "name".to_owned()],
            rows: vec![
                vec![Cell::Int(i64::MIN), text("née")],
                vec![Cell::Bytes(vec![0, 255]), Cell::Null],
                vec![Cell::Bytes(Vec::new()), text("")],
            ],
        }
    }

    #[test]
    fn a_part_reads_back() {
        let bytes = part().to_bytes().unwrap();
        assert_eq!(Part::from_bytes(&bytes), Ok(part()));
        assert_eq!(part().summary(), PartSummary { table: "users".to_owned(), rows: 3 });
    }

    #[test]
    fn bytes_that_are_no_part_are_refused_and_cost_nothing() {
        let bytes = part().to_bytes().unwrap();
        for length in 0..bytes.len() {
            assert!(Part::from_bytes(&bytes[..length]).is_err(), "{length} bytes");
        }
        assert!(Part::from_bytes(&[&bytes[..], &[0]].concat()).is_err(), "more than a part");
        assert!(Part::from_bytes(&[255; 64]).is_err());
        // Four thousand million rows of no columns.
        let endless = [&[0, 0, 0, 1, b't', 0, 0, 0, 0][..], &[255; 4]].concat();
        assert!(Part::from_bytes(&endless).is_err());
    }
}
