//! The fobs of a vendor's file, and everything that is wrong with it.

use std::collections::BTreeSet;
use std::io::BufRead;

use tessera_model::{FobDates, FobLabel, FobText, Timestamp};
use tessera_otp::csv;
use tessera_otp::pskc::{self, Unlock};
use tessera_otp::seed::Dates;
use tessera_otp::{Entry, EntryError, FileError, Seed, Token};

/// How a file is written.
#[derive(Debug)]
pub enum FileForm {
    /// PSKC (RFC 6030).
    Pskc(Unlock),
    /// A header, and one fob a line.
    Csv(csv::Format),
}

/// A whole file. Nothing of it is stored yet.
#[derive(Debug, Default)]
pub struct Batch {
    pub(super) fobs: Vec<Read>,
    /// The entries that cannot be used, in the order of the file.
    pub bad: Vec<Bad>,
}

/// A fob of a file.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) label: FobLabel,
    pub(super) token: Token,
    pub(super) dates: FobDates,
}

/// An entry that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bad {
    /// The line on which it begins, counted from 1.
    pub line: u64,
    /// Its serial number, if it can be read. The text is the file's.
    pub serial: Option<String>,
    /// What is wrong.
    pub problem: EntryError,
}

impl Batch {
    /// Reads a file to its end. `manufacturer` is for fobs of which the file does not say who made them. `follow` is told how many entries
    /// were read.
    ///
    /// # Errors
    /// The file is not whole, or cannot be read at all. Nothing of it should be used then.
    pub fn read(
        source: impl BufRead,
        form: FileForm,
        manufacturer: Option<&FobText>,
        mut follow: impl FnMut(u64),
    ) -> Result<Self, FileError> {
        let mut batch = Self::default();
        let mut seen = BTreeSet::new();
        let mut take = |entry: Entry| {
            let read = entry.seed.and_then(|seed| Read::new(seed, manufacturer));
            let read = read.and_then(|read| {
                // A device with a second key would need a second label.
                if seen.insert(read.label.clone()) { Ok(read) } else { Err(EntryError::Duplicate) }
            });
            match read {
                Ok(read) => batch.fobs.push(read),
                Err(problem) => batch.bad.push(Bad { line: entry.line, serial: entry.serial, problem }),
            }
            follow(1);
        };
        match form {
            FileForm::Pskc(unlock) => pskc::Reader::new(source, unlock)?.try_for_each(|entry| {
                take(entry?);
                Ok(())
            })?,
            FileForm::Csv(format) => csv::Reader::new(source, format)?.try_for_each(|entry| {
                take(entry?);
                Ok(())
            })?,
        }
        Ok(batch)
    }

    /// How many fobs can be used.
    pub fn len(&self) -> usize {
        self.fobs.len()
    }

    /// Whether no fob can be used.
    pub fn is_empty(&self) -> bool {
        self.fobs.is_empty()
    }
}

impl Read {
    fn new(seed: Seed, manufacturer: Option<&FobText>) -> Result<Self, EntryError> {
        let serial = seed.serial.parse().map_err(|_| EntryError::Wrong("the serial number"))?;
        let named = seed.details.manufacturer.as_deref().filter(|name| !name.trim().is_empty());
        let named = named.map(str::parse).transpose().map_err(|_| EntryError::Wrong("the manufacturer"))?;
        let label = FobLabel { serial, manufacturer: named.or_else(|| manufacturer.cloned()) };
        let start = moments(&seed.details.start).ok_or(EntryError::Wrong("the start date"))?;
        let expiry = moments(&seed.details.expiry).ok_or(EntryError::Wrong("the expiry date"))?;
        let dates = FobDates { start: start.into_iter().max(), expiry: expiry.into_iter().min() };
        Ok(Self { label, token: seed.token, dates })
    }
}

/// The moments that a file gives for the device and for its key. `None` if one of them is none.
fn moments(dates: &Dates) -> Option<Vec<Timestamp>> {
    dates.device.iter().chain(&dates.key).map(|text| moment(text)).collect()
}

/// An XML date and time. Without a time zone it is taken for one in UTC.
fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let with_zone: Result<jiff::Timestamp, _> = text.parse();
    let moment = with_zone.or_else(|_| format!("{text}Z").parse::<jiff::Timestamp>());
    Some(Timestamp::from_seconds(moment.ok()?.as_second()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_a_moment_with_or_without_a_time_zone() {
        for text in ["2026-05-31T00:00:00Z", " 2026-05-31T02:00:00+02:00", "2026-05-31T00:00:00"] {
            assert_eq!(moment(text), Some(Timestamp::from_seconds(1_780_185_600)), "{text}");
        }
        for text in ["", "soon", "2026-05-31", "2026-13-01T00:00:00Z"] {
            assert_eq!(moment(text), None, "{text}");
        }
    }
}
