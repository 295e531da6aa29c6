//! One value after the other, from front to back, keeping nothing. The rules of the parent module hold for whatever is read or
//! skipped.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::Number;

use super::{JsonError, MAX_DEPTH};

/// Integers beyond this lose digits in a double.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// Where the reading of a JSON text has come. After an error it is good for nothing.
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

    /// An object: `member` is given each name and must read or skip its value. No name comes twice.
    ///
    /// # Errors
    /// `WrongType` for another value, what `member` says, or a reason why this is not JSON of ours.
    pub fn object(
        &mut self,
        mut member: impl FnMut(&mut Self, &str) -> Result<(), JsonError>,
    ) -> Result<(), JsonError> {
        let mut names = Names::new();
        self.enter(b'{')?;
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
            more = self.goes_on(b'}')?;
        }
        self.depth -= 1;
        Ok(())
    }

    /// An array: `element` must read or skip each of its values.
    ///
    /// # Errors
    /// As [`Self::object`].
    pub fn array(
        &mut self,
        mut element: impl FnMut(&mut Self) -> Result<(), JsonError>,
    ) -> Result<(), JsonError> {
        self.enter(b'[')?;
        let mut more = !self.take(b']');
        while more {
            element(self)?;
            more = self.goes_on(b']')?;
        }
        self.depth -= 1;
        Ok(())
    }

    /// A string, borrowed unless it was written with escapes.
    ///
    /// # Errors
    /// `WrongType`, `Malformed`.
    pub fn string(&mut self) -> Result<Cow<'a, str>, JsonError> {
        if self.peek() == Some(b'"') { self.quoted() } else { Err(JsonError::WrongType) }
    }

    /// A number that was written as an integer and fits.
    ///
    /// # Errors
    /// `WrongType`, `Malformed`.
    pub fn integer(&mut self) -> Result<i64, JsonError> {
        if !matches!(self.peek(), Some(b'-' | b'0'..=b'9')) {
            return Err(JsonError::WrongType);
        }
        let text = self.number();
        let digits = text.strip_prefix('-').unwrap_or(text);
        if digits.len() > 1 && digits.starts_with('0') {
            return Err(JsonError::Malformed);
        }
        text.parse().map_err(|_| JsonError::WrongType)
    }

    /// Any value.
    ///
    /// # Errors
    /// A reason why this is not JSON of ours.
    pub fn skip(&mut self) -> Result<(), JsonError> {
        match self.peek() {
            Some(b'{') => self.object(|reader, _| reader.skip()),
            Some(b'[') => self.array(Self::skip),
            Some(b'"') => self.quoted().map(drop),
            Some(b'-' | b'0'..=b'9') => exact(self.number()),
            _ => {
                let rest = &self.text[self.at..];
                let literal = ["true", "false", "null"].into_iter().find(|word| rest.starts_with(word));
                self.at += literal.ok_or(JsonError::Malformed)?.len();
                Ok(())
            }
        }
    }

    /// Whether an array comes next.
    pub fn at_array(&mut self) -> bool {
        self.peek() == Some(b'[')
    }

    /// Whether an object comes next.
    pub fn at_object(&mut self) -> bool {
        self.peek() == Some(b'{')
    }

    /// Nothing but white space is left.
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

    fn enter(&mut self, open: u8) -> Result<(), JsonError> {
        if !self.take(open) {
            return Err(JsonError::WrongType);
        }
        if self.depth == MAX_DEPTH {
            return Err(JsonError::TooDeep);
        }
        self.depth += 1;
        Ok(())
    }

    /// After a member or an element: whether another one comes.
    fn goes_on(&mut self, close: u8) -> Result<bool, JsonError> {
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

    /// Everything that can be part of a number.
    fn number(&mut self) -> &'a str {
        let start = self.at;
        let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        self.at += self.text.as_bytes()[start..].iter().take_while(|byte| is_part(byte)).count();
        &self.text[start..self.at]
    }
}

/// Whether a number can be held without loss.
fn exact(text: &str) -> Result<(), JsonError> {
    let number: Number = serde_json::from_str(text).map_err(|_| JsonError::Malformed)?;
    if number.is_i64() || number.is_u64() || number.as_f64().is_some_and(|n| n.abs() < MAX_EXACT) {
        Ok(())
    } else {
        Err(JsonError::InexactNumber)
    }
}

/// How many bytes of a string stand for themselves: up to a quote, a backslash or a control character. Eight at a time.
fn plain(bytes: &[u8]) -> usize {
    const EACH: u64 = u64::MAX / 255;
    // The high bit of each byte that is less than `limit`; what stands after the first such byte may be marked falsely.
    let below = |word: u64, limit: u8| word.wrapping_sub(EACH * u64::from(limit)) & !word & (EACH << 7);
    let (chunks, rest) = bytes.as_chunks();
    for (n, chunk) in chunks.iter().enumerate() {
        let word = u64::from_le_bytes(*chunk);
        // Turning over one bit puts the quote behind the control characters and the space elsewhere.
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

/// The member names of one object. The first ones are compared one by one; many go into a tree, so that work stays near
/// linear.
struct Names<'a> {
    /// Those of all names: a name whose mark is not here is new.
    marks: u64,
    few: [&'a str; 16],
    used: usize,
    /// And names that were written with escapes.
    many: BTreeSet<Cow<'a, str>>,
}

impl<'a> Names<'a> {
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

/// One bit for each length, first and last byte.
fn mark(name: &str) -> u64 {
    let [first, .., last] = name.as_bytes() else { return 1 };
    1 << ((name.len() ^ usize::from(*first) ^ (usize::from(*last) << 2)) % 64)
}
