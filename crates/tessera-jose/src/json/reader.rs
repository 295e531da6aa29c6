//! Reads one value after the other, from front to back. The rules of the parent module hold for what is read and for what is
//! skipped.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::{Map, Number, Value};

use super::error::JsonError;
use super::limits::MAX_DEPTH;

/// A double cannot hold every integer from here on.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// A position in a JSON text. Do not use it again after an error.
#[derive(Debug)]
pub struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    /// Reads this text.
    pub const fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    /// Reads an object. `member` gets each name and must read or skip its value. A name that occurs twice is an error.
    ///
    /// # Errors
    /// `WrongType` for another value, what `member` returns, `Malformed`, `Duplicate`, `TooDeep`.
    pub fn object(
        &mut self,
        mut member: impl FnMut(&mut Self, &str) -> Result<(), JsonError>,
    ) -> Result<(), JsonError> {
        let mut names = MemberNames::new();
        self.open(b'{')?;
        let mut more = !self.take(b'}');
        while more {
            let name = self.quoted()?;
            let mark = mark(&name);
            if names.contain(mark, &name) {
                return Err(JsonError::Duplicate);
            }
            self.expect(b':')?;
            member(self, &name)?;
            names.add(mark, name);
            more = self.has_next(b'}')?;
        }
        self.depth -= 1;
        Ok(())
    }

    /// Reads an array. `element` must read or skip each of its values.
    ///
    /// # Errors
    /// As [`Self::object`].
    pub fn array(
        &mut self,
        mut element: impl FnMut(&mut Self) -> Result<(), JsonError>,
    ) -> Result<(), JsonError> {
        self.open(b'[')?;
        let mut more = !self.take(b']');
        while more {
            element(self)?;
            more = self.has_next(b']')?;
        }
        self.depth -= 1;
        Ok(())
    }

    /// Reads a string. It is borrowed unless it was written with escapes.
    ///
    /// # Errors
    /// `WrongType`, `Malformed`.
    pub fn string(&mut self) -> Result<Cow<'a, str>, JsonError> {
        if self.peek() == Some(b'"') { self.quoted() } else { Err(JsonError::WrongType) }
    }

    /// Reads a number that was written as an integer and fits.
    ///
    /// # Errors
    /// `WrongType` for another value or another number, `Malformed`, `InexactNumber`.
    pub fn integer(&mut self) -> Result<i64, JsonError> {
        if !matches!(self.peek(), Some(b'-' | b'0'..=b'9')) {
            return Err(JsonError::WrongType);
        }
        self.number()?.as_i64().ok_or(JsonError::WrongType)
    }

    /// Reads `true` or `false`.
    ///
    /// # Errors
    /// `WrongType`.
    pub fn boolean(&mut self) -> Result<bool, JsonError> {
        if !matches!(self.peek(), Some(b't' | b'f')) {
            return Err(JsonError::WrongType);
        }
        self.literal()?.as_bool().ok_or(JsonError::WrongType)
    }

    /// Reads any value and keeps it.
    ///
    /// # Errors
    /// [`JsonError`], never `WrongType`.
    pub fn value(&mut self) -> Result<Value, JsonError> {
        match self.peek() {
            Some(b'{') => {
                let mut members = Map::new();
                self.object(|reader, name| {
                    members.insert(name.to_owned(), reader.value()?);
                    Ok(())
                })?;
                Ok(Value::Object(members))
            }
            Some(b'[') => {
                let mut elements = Vec::new();
                self.array(|reader| {
                    elements.push(reader.value()?);
                    Ok(())
                })?;
                Ok(Value::Array(elements))
            }
            Some(b'"') => self.quoted().map(|text| Value::String(text.into_owned())),
            Some(b'-' | b'0'..=b'9') => self.number().map(Value::Number),
            _ => self.literal(),
        }
    }

    /// Reads any value and forgets it.
    ///
    /// # Errors
    /// As [`Self::value`].
    pub fn skip(&mut self) -> Result<(), JsonError> {
        match self.peek() {
            Some(b'{') => self.object(|reader, _| reader.skip()),
            Some(b'[') => self.array(Self::skip),
            Some(b'"') => self.quoted().map(drop),
            Some(b'-' | b'0'..=b'9') => self.number().map(drop),
            _ => self.literal().map(drop),
        }
    }

    /// Whether an array comes next.
    pub fn at_array(&mut self) -> bool {
        self.peek() == Some(b'[')
    }

    /// Ends the reading. Only white space may be left.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn end(mut self) -> Result<(), JsonError> {
        if self.peek().is_none() { Ok(()) } else { Err(JsonError::Malformed) }
    }

    /// The next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        loop {
            match self.text.as_bytes().get(self.at) {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                next => return next.copied(),
            }
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let next = self.peek() == Some(byte);
        self.at += usize::from(next);
        next
    }

    fn expect(&mut self, byte: u8) -> Result<(), JsonError> {
        if self.take(byte) { Ok(()) } else { Err(JsonError::Malformed) }
    }

    fn open(&mut self, bracket: u8) -> Result<(), JsonError> {
        if !self.take(bracket) {
            return Err(JsonError::WrongType);
        }
        if self.depth == MAX_DEPTH {
            return Err(JsonError::TooDeep);
        }
        self.depth += 1;
        Ok(())
    }

    /// Whether another member or element follows.
    fn has_next(&mut self, close: u8) -> Result<bool, JsonError> {
        if self.take(close) { Ok(false) } else { self.expect(b',').map(|()| true) }
    }

    fn quoted(&mut self) -> Result<Cow<'a, str>, JsonError> {
        self.expect(b'"')?;
        let (start, bytes) = (self.at, self.text.as_bytes());
        let mut escaped = false;
        loop {
            self.at += plain(bytes.get(self.at..).unwrap_or_default());
            match bytes.get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => (self.at, escaped) = (self.at + 2, true),
                _ => return Err(JsonError::Malformed),
            }
        }
        let text = &self.text[start..self.at];
        self.at += 1;
        if escaped { unescaped(text).map(Cow::Owned) } else { Ok(Cow::Borrowed(text)) }
    }

    /// The one reader of numbers: no digit may be lost.
    fn number(&mut self) -> Result<Number, JsonError> {
        let start = self.at;
        let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        self.at += self.text.as_bytes()[start..].iter().take_while(|byte| is_part(byte)).count();
        let text = &self.text[start..self.at];
        // The times of a token are such numbers. `serde_json` takes longer for them.
        if text.starts_with(|first: char| matches!(first, '1'..='9'))
            && let Ok(number) = text.parse::<i64>()
        {
            return Ok(number.into());
        }
        let number: Number = serde_json::from_str(text).map_err(|_| JsonError::Malformed)?;
        if number.is_i64() || number.is_u64() || number.as_f64().is_some_and(|n| n.abs() < MAX_EXACT) {
            Ok(number)
        } else {
            Err(JsonError::InexactNumber)
        }
    }

    fn literal(&mut self) -> Result<Value, JsonError> {
        let rest = &self.text[self.at..];
        let literals = [("true", Value::Bool(true)), ("false", Value::Bool(false)), ("null", Value::Null)];
        let found = literals.into_iter().find(|(word, _)| rest.starts_with(word));
        let (word, value) = found.ok_or(JsonError::Malformed)?;
        self.at += word.len();
        Ok(value)
    }
}

/// How many bytes come before the first quote, backslash or control character. Looks at eight bytes at a time.
fn plain(bytes: &[u8]) -> usize {
    const EACH: u64 = u64::MAX / 255;
    // Sets the high bit of each byte below `limit`. Only the first mark can be relied on.
    let below = |word: u64, limit: u8| word.wrapping_sub(EACH * u64::from(limit)) & !word & (EACH << 7);
    let (chunks, rest) = bytes.as_chunks();
    for (n, chunk) in chunks.iter().enumerate() {
        let word = u64::from_le_bytes(*chunk);
        // The flipped bit moves the quote right behind the control characters, and the space away from them.
        let stops = below(word ^ (EACH << 1), b'"' - 1) | below(word ^ (EACH * u64::from(b'\\')), 1);
        if stops != 0 {
            return n * 8 + stops.trailing_zeros() as usize / 8;
        }
    }
    let stops = |byte: &u8| matches!(byte, b'"' | b'\\' | ..b' ');
    bytes.len() - rest.len() + rest.iter().position(stops).unwrap_or(rest.len())
}

/// What a string with escapes means.
fn unescaped(text: &str) -> Result<String, JsonError> {
    serde_json::from_str(&format!("\"{text}\"")).map_err(|_| JsonError::Malformed)
}

/// The member names of one object. The first 16 are compared one by one. The others go into a tree, so that the work stays
/// nearly linear.
struct MemberNames<'a> {
    /// The marks of all names. A name whose mark is missing is new.
    marks: u64,
    few: [&'a str; 16],
    used: usize,
    /// Names beyond the first 16, and names that were written with escapes.
    many: BTreeSet<Cow<'a, str>>,
}

impl<'a> MemberNames<'a> {
    const fn new() -> Self {
        Self { marks: 0, few: [""; 16], used: 0, many: BTreeSet::new() }
    }

    fn contain(&self, mark: u64, name: &str) -> bool {
        self.marks & mark != 0 && (self.few[..self.used].contains(&name) || self.many.contains(name))
    }

    fn add(&mut self, mark: u64, name: Cow<'a, str>) {
        self.marks |= mark;
        match (name, self.few.get_mut(self.used)) {
            (Cow::Borrowed(name), Some(free)) => {
                *free = name;
                self.used += 1;
            }
            (name, _) => {
                self.many.insert(name);
            }
        }
    }
}

/// One bit, chosen by length, first byte and last byte.
fn mark(name: &str) -> u64 {
    let [first, .., last] = name.as_bytes() else { return 1 };
    1 << ((name.len() ^ usize::from(*first) ^ (usize::from(*last) << 2)) % 64)
}
