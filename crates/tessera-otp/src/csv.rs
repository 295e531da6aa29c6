//! Seed files of vendors as plain CSV: a header, then one device a line.
//!
//! Written here and not taken from a library: the lines of such files hold no line ends in quotes. So a line with misplaced quotes
//! is one wrong entry, where a general reader would swallow the lines behind it. Quotes are those of RFC 4180.
//!
//! There is no standard, so nothing is guessed: the caller says how the columns are called and how the secret is written. Many
//! secrets are proper hex and proper base32 at once.

use std::collections::BTreeSet;
use std::io::BufRead;

use zeroize::Zeroizing;

use crate::algorithm::{Algorithm, Digits, Period};
use crate::hotp::Hotp;
use crate::secret::Secret;
use crate::seed::{Details, Entry, EntryError, FileError, FileProblem, Seed, Token};
use crate::source::Source;
use crate::totp::Totp;

/// Bytes that a line may have.
const MAX_LINE_LEN: usize = 4096;
/// Fields that a line may have.
const MAX_FIELDS: usize = 64;
/// Bytes that a serial number may have.
const MAX_SERIAL_LEN: usize = 256;
/// How many devices a file may have.
const MAX_ENTRIES: usize = 250_000;

/// How a file is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format {
    /// What stands between two fields: a comma, a semicolon, a tab, or another ASCII character that is no space, quote or line end.
    pub separator: u8,
    /// How the secret is written.
    pub secret: SecretText,
    /// The kind of a device whose `type` is empty, or of all if there is no such column.
    pub kind: Option<Kind>,
    /// The names of the columns. Case and the spaces around them do not matter.
    pub columns: Columns,
}

/// How a secret is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretText {
    /// Two hexadecimal digits a byte.
    Hex,
    /// Base32 (RFC 4648), with or without padding.
    Base32,
}

/// The kind of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Codes by counter.
    Hotp,
    /// Codes by time.
    Totp,
}

/// The names of the columns. `serial` and `secret` must be there. The others need not, and a field may be empty: then the
/// usual value counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    /// The serial number.
    pub serial: String,
    /// The secret.
    pub secret: String,
    /// `hotp` or `totp`.
    pub kind: String,
    /// 6 (usual) or 8.
    pub digits: String,
    /// The next counter of a HOTP device; usually 0.
    pub counter: String,
    /// 30 (usual) or 60 seconds.
    pub period: String,
    /// `SHA1` (usual), `SHA256` or `SHA512`.
    pub algorithm: String,
}

impl Default for Format {
    /// Commas, hex, no kind but that of the column, and the default names of the columns.
    fn default() -> Self {
        Self { separator: b',', secret: SecretText::Hex, kind: None, columns: Columns::default() }
    }
}

impl Default for Columns {
    /// `serial`, `secret`, `type`, `digits`, `counter`, `period`, `algorithm`.
    fn default() -> Self {
        Self {
            serial: "serial".to_owned(),
            secret: "secret".to_owned(),
            kind: "type".to_owned(),
            digits: "digits".to_owned(),
            counter: "counter".to_owned(),
            period: "period".to_owned(),
            algorithm: "algorithm".to_owned(),
        }
    }
}

/// Reads a CSV file, device by device.
///
/// As an iterator it yields an [`Entry`] for each line that is not empty. A [`FileError`] is the last item: what came before it may be
/// used, but the file is not whole, so a caller should import nothing of it.
pub struct Reader<R> {
    lines: Lines<R>,
    format: Format,
    places: Places,
    seen: BTreeSet<String>,
    entries: usize,
    ended: bool,
}

/// In which field each column stands.
struct Places {
    fields: usize,
    serial: usize,
    secret: usize,
    kind: Option<usize>,
    digits: Option<usize>,
    counter: Option<usize>,
    period: Option<usize>,
    algorithm: Option<usize>,
}

impl<R: BufRead> Reader<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// [`FileError`] if there is no header, or if a column is missing or there twice.
    pub fn new(source: R, format: Format) -> Result<Self, FileError> {
        let mut lines = Lines {
            source: Source::new(source),
            line: 0,
            text: Zeroizing::new(Vec::with_capacity(MAX_LINE_LEN)),
        };
        let header = lines.next()?.map(|text| text.trim_start_matches('\u{feff}'));
        let fields = header.and_then(|text| fields(text, format.separator));
        let fields =
            fields.ok_or_else(|| lines.error(FileProblem::Malformed("there is no header".to_owned())))?;
        let places = Places::find(&fields, &format.columns).map_err(|problem| lines.error(problem))?;
        Ok(Self { lines, format, places, seen: BTreeSet::new(), entries: 0, ended: false })
    }

    fn step(&mut self) -> Result<Option<Entry>, FileError> {
        let Some(text) = self.lines.next()? else { return Ok(None) };
        let row = fields(text, self.format.separator).filter(|fields| fields.len() == self.places.fields);
        let line = self.lines.line;
        if self.entries >= MAX_ENTRIES {
            return Err(self.lines.error(FileProblem::TooLarge("the number of devices")));
        }
        self.entries += 1;
        let Some(row) = row else {
            return Ok(Some(Entry { line, serial: None, seed: Err(EntryError::Row) }));
        };
        let serial = serial(&row[self.places.serial]);
        let seed = serial.clone().and_then(|serial| seed(serial, &row, &self.places, &self.format));
        let seed = seed.and_then(|seed| {
            if self.seen.insert(seed.serial.clone()) { Ok(seed) } else { Err(EntryError::Duplicate) }
        });
        Ok(Some(Entry { line, serial: serial.ok(), seed }))
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<Entry, FileError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let item = self.step().transpose();
        self.ended = !matches!(item, Some(Ok(_)));
        item
    }
}

impl Places {
    fn find(header: &[Zeroizing<String>], columns: &Columns) -> Result<Self, FileProblem> {
        let place = |name: &str| {
            let mut same =
                (0..header.len()).filter(|place| header[*place].trim().eq_ignore_ascii_case(name.trim()));
            match (same.next(), same.next()) {
                (_, Some(_)) => Err(FileProblem::Column(name.to_owned())),
                (only, None) => Ok(only),
            }
        };
        let required = |name: &str| place(name)?.ok_or_else(|| FileProblem::Column(name.to_owned()));
        Ok(Self {
            fields: header.len(),
            serial: required(&columns.serial)?,
            secret: required(&columns.secret)?,
            kind: place(&columns.kind)?,
            digits: place(&columns.digits)?,
            counter: place(&columns.counter)?,
            period: place(&columns.period)?,
            algorithm: place(&columns.algorithm)?,
        })
    }
}

fn serial(field: &str) -> Result<String, EntryError> {
    let serial = field.trim();
    if serial.is_empty() {
        return Err(EntryError::Missing("serial"));
    }
    if serial.len() > MAX_SERIAL_LEN || serial.chars().any(char::is_control) {
        return Err(EntryError::Wrong("serial"));
    }
    Ok(serial.to_owned())
}

fn seed(
    serial: String,
    row: &[Zeroizing<String>],
    places: &Places,
    format: &Format,
) -> Result<Seed, EntryError> {
    let field = |place: Option<usize>| place.map(|place| row[place].trim()).filter(|field| !field.is_empty());
    let number = |place, name| match field(place).map(str::parse::<u64>) {
        None => Ok(None),
        Some(Ok(number)) => Ok(Some(number)),
        Some(Err(_)) => Err(EntryError::Wrong(name)),
    };
    let kind = match field(places.kind) {
        None => format.kind.ok_or(EntryError::Missing("type"))?,
        Some(name) if name.eq_ignore_ascii_case("hotp") => Kind::Hotp,
        Some(name) if name.eq_ignore_ascii_case("totp") => Kind::Totp,
        Some(name) => {
            return Err(EntryError::Kind(name.chars().filter(|c| !c.is_control()).take(80).collect()));
        }
    };
    let algorithm = match field(places.algorithm) {
        None => Algorithm::Sha1,
        Some(name) => Algorithm::from_name(name).ok_or(EntryError::Wrong("algorithm"))?,
    };
    let digits = Digits::from_count(number(places.digits, "digits")?.unwrap_or(6))
        .ok_or(EntryError::Wrong("digits"))?;
    let secret = field(Some(places.secret)).ok_or(EntryError::Missing("secret"))?;
    let secret = match format.secret {
        SecretText::Hex => Secret::imported(&hex(secret).ok_or(EntryError::Wrong("secret"))?)?,
        SecretText::Base32 => Secret::from_base32(secret)?,
    };
    let counter = number(places.counter, "counter")?.unwrap_or(0);
    let period = Period::from_seconds(number(places.period, "period")?.unwrap_or(30));
    let token = match kind {
        Kind::Hotp if i64::try_from(counter).is_err() => return Err(EntryError::Wrong("counter")),
        Kind::Hotp => Token::Hotp { hotp: Hotp::new(secret, algorithm, digits), counter },
        Kind::Totp => {
            let period = period.ok_or(EntryError::Wrong("period"))?;
            Token::Totp { totp: Totp::new(secret, algorithm, digits, period), drift: 0 }
        }
    };
    Ok(Seed { serial, token, details: Details::default() })
}

fn hex(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() / 2));
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    for [high, low] in pairs {
        let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        bytes.push(digit(*high)? << 4 | digit(*low)?);
    }
    rest.is_empty().then_some(bytes)
}

/// The fields of a line. `None` if quotes are misplaced or there are too many fields.
fn fields(line: &str, separator: u8) -> Option<Vec<Zeroizing<String>>> {
    let separator = char::from(separator);
    let mut fields = Vec::new();
    let mut rest = line;
    while fields.len() < MAX_FIELDS {
        let field;
        (field, rest) = if let Some(quoted) = rest.trim_start_matches(' ').strip_prefix('"') {
            unquoted(quoted)?
        } else {
            let end = rest.find(separator).unwrap_or(rest.len());
            (Zeroizing::new(rest[..end].to_owned()), &rest[end..])
        };
        fields.push(field);
        match rest.trim_start_matches(' ').strip_prefix(separator) {
            Some(behind) => rest = behind,
            None if rest.trim_start_matches(' ').is_empty() => return Some(fields),
            None => return None,
        }
    }
    None
}

/// What stands before the closing quote, and the rest behind it. Two quotes are one.
fn unquoted(text: &str) -> Option<(Zeroizing<String>, &str)> {
    let mut field = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text;
    loop {
        let (part, behind) = rest.split_once('"')?;
        field.push_str(part);
        match behind.strip_prefix('"') {
            Some(more) => {
                field.push('"');
                rest = more;
            }
            None => return Some((field, behind)),
        }
    }
}

/// The lines of a file that are not empty, each within its limit.
struct Lines<R> {
    source: Source<R>,
    /// The number of the line that was read last.
    line: u64,
    text: Zeroizing<Vec<u8>>,
}

impl<R: BufRead> Lines<R> {
    fn next(&mut self) -> Result<Option<&str>, FileError> {
        loop {
            self.line = self.source.line();
            self.text.clear();
            self.source.allow(MAX_LINE_LEN);
            let read = self.source.read_until(b'\n', &mut self.text);
            let read = read.map_err(|error| match self.source.exceeded() {
                Some(limit) => self.error(FileProblem::TooLarge(limit)),
                None => self.error(FileProblem::Source(error.kind())),
            })?;
            if read == 0 {
                return Ok(None);
            }
            if !self.text.trim_ascii().is_empty() {
                break;
            }
        }
        match std::str::from_utf8(&self.text) {
            Ok(text) => Ok(Some(text.trim_end_matches(['\r', '\n']))),
            Err(_) => Err(self.error(FileProblem::Malformed("not UTF-8".to_owned()))),
        }
    }

    fn error(&self, problem: FileProblem) -> FileError {
        FileError { line: self.line, problem }
    }
}
