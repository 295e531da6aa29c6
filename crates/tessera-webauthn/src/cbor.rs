//! CBOR in the one form that CTAP2 allows (WebAuthn section 6.1, CTAP 2.2 section 8, RFC 8949).
//!
//! Lengths are definite, integers and lengths take the fewest bytes, and the keys of a map are sorted and unique. So a value has
//! one encoding, and a mutated one is refused before anybody looks at it. Keys are integers or texts. Tags, floating-point
//! numbers, `undefined` and other simple values are refused: nothing in WebAuthn needs them.
//!
//! The libraries of this field read general CBOR and leave it to their caller to find out how a value was written. The reader
//! here is short because it knows one form only. Work is linear in the input, and the depth bounds the use of the stack.

use std::cmp::Ordering;

/// The longest input, in bytes. An attestation object with a chain of certificates takes a few thousand.
pub const MAX_CBOR_LEN: usize = 64 * 1024;

/// The deepest nesting of maps and arrays.
pub const MAX_CBOR_DEPTH: usize = 8;

/// Why bytes are not the CBOR that was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CborError {
    /// Longer than [`MAX_CBOR_LEN`].
    #[error("CBOR is too long")]
    TooLong,
    /// The input ends within a value.
    #[error("CBOR ends early")]
    Truncated,
    /// Bytes follow the value.
    #[error("bytes follow the CBOR value")]
    TrailingBytes,
    /// An integer or a length is written in more bytes than it needs.
    #[error("a CBOR number is not in its shortest form")]
    NotShortest,
    /// A length is left open.
    #[error("a CBOR length is indefinite")]
    Indefinite,
    /// The keys of a map are not in order.
    #[error("CBOR map keys are not sorted")]
    Unsorted,
    /// A key occurs twice in a map.
    #[error("duplicate CBOR map key")]
    Duplicate,
    /// Nested deeper than [`MAX_CBOR_DEPTH`].
    #[error("CBOR is nested too deeply")]
    TooDeep,
    /// A tag, a floating-point number, another simple value, or a key that is neither integer nor text.
    #[error("CBOR of a kind that is not used here")]
    Unsupported,
    /// A text is not UTF-8.
    #[error("CBOR text is not UTF-8")]
    Utf8,
    /// A value of another type, or an integer beyond 64 bits with sign.
    #[error("CBOR value of another type")]
    WrongType,
    /// A map lacks a member, or has one that does not belong there.
    #[error("CBOR map with missing or unexpected members")]
    Members,
}

/// The key of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key<'a> {
    Integer(i64),
    Text(&'a str),
}

/// A position in CBOR. Do not use it again after an error.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: usize,
}

/// The first byte of a value with its argument (RFC 8949 section 3).
#[derive(Clone, Copy)]
struct Head {
    major: u8,
    argument: u64,
}

const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const SIMPLE: u8 = 7;

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self, CborError> {
        if bytes.len() > MAX_CBOR_LEN {
            return Err(CborError::TooLong);
        }
        Ok(Self { bytes, at: 0, depth: 0 })
    }

    /// Reads a map. `member` gets each key and must read or skip its value.
    pub(crate) fn map<E: From<CborError>>(
        &mut self,
        mut member: impl FnMut(&mut Self, Key<'a>) -> Result<(), E>,
    ) -> Result<(), E> {
        let members = self.open(MAP)?;
        let mut last: Option<&[u8]> = None;
        for _ in 0..members {
            let start = self.at;
            let key = self.key()?;
            let encoded = self.bytes.get(start..self.at).unwrap_or_default();
            match last.map_or(Ordering::Less, |last| key_order(last, encoded)) {
                Ordering::Less => last = Some(encoded),
                Ordering::Equal => return Err(CborError::Duplicate.into()),
                Ordering::Greater => return Err(CborError::Unsorted.into()),
            }
            member(self, key)?;
        }
        self.depth -= 1;
        Ok(())
    }

    /// Reads an array. `element` must read or skip each value.
    pub(crate) fn array<E: From<CborError>>(
        &mut self,
        mut element: impl FnMut(&mut Self) -> Result<(), E>,
    ) -> Result<(), E> {
        for _ in 0..self.open(ARRAY)? {
            element(self)?;
        }
        self.depth -= 1;
        Ok(())
    }

    /// Reads a byte string.
    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], CborError> {
        let len = self.expect(BYTES)?;
        self.take(len)
    }

    /// Reads a text.
    pub(crate) fn text(&mut self) -> Result<&'a str, CborError> {
        let len = self.expect(TEXT)?;
        std::str::from_utf8(self.take(len)?).map_err(|_| CborError::Utf8)
    }

    /// Reads an integer.
    pub(crate) fn integer(&mut self) -> Result<i64, CborError> {
        integer(self.head()?)
    }

    /// Reads any value and returns its encoding.
    pub(crate) fn raw(&mut self) -> Result<&'a [u8], CborError> {
        let start = self.at;
        self.skip()?;
        Ok(self.bytes.get(start..self.at).unwrap_or_default())
    }

    /// Reads a map and forgets it.
    pub(crate) fn skip_map(&mut self) -> Result<(), CborError> {
        self.map(|reader, _| reader.skip())
    }

    /// What was not read yet.
    pub(crate) fn is_at_end(&self) -> bool {
        self.at == self.bytes.len()
    }

    /// Ends the reading. Nothing may be left.
    pub(crate) fn end(self) -> Result<(), CborError> {
        if self.is_at_end() { Ok(()) } else { Err(CborError::TrailingBytes) }
    }

    /// Reads any value and forgets it.
    fn skip(&mut self) -> Result<(), CborError> {
        let start = self.at;
        let head = self.head()?;
        match head.major {
            UNSIGNED | NEGATIVE => Ok(()),
            SIMPLE => simple(head),
            _ => {
                self.at = start;
                match head.major {
                    BYTES => self.bytes().map(drop),
                    TEXT => self.text().map(drop),
                    ARRAY => self.array(Self::skip),
                    MAP => self.skip_map(),
                    _ => Err(CborError::Unsupported),
                }
            }
        }
    }

    fn key(&mut self) -> Result<Key<'a>, CborError> {
        let start = self.at;
        let head = self.head()?;
        match head.major {
            UNSIGNED | NEGATIVE => integer(head).map(Key::Integer),
            TEXT => {
                self.at = start;
                self.text().map(Key::Text)
            }
            _ => Err(CborError::Unsupported),
        }
    }

    /// The number of members or elements. It is only counted, so a number beyond the input costs nothing.
    fn open(&mut self, major: u8) -> Result<usize, CborError> {
        let count = self.expect(major)?;
        if self.depth == MAX_CBOR_DEPTH {
            return Err(CborError::TooDeep);
        }
        self.depth += 1;
        Ok(count)
    }

    fn expect(&mut self, major: u8) -> Result<usize, CborError> {
        let head = self.head()?;
        if head.major != major {
            return Err(CborError::WrongType);
        }
        usize::try_from(head.argument).map_err(|_| CborError::Truncated)
    }

    fn head(&mut self) -> Result<Head, CborError> {
        let first = self.take(1)?.first().copied().unwrap_or_default();
        let (major, short) = (first >> 5, first & 0x1f);
        let (argument, floor) = match short {
            0..24 => return Ok(Head { major, argument: u64::from(short) }),
            24 => (self.number(1)?, 24),
            25 => (self.number(2)?, 1 << 8),
            26 => (self.number(4)?, 1 << 16),
            27 => (self.number(8)?, 1 << 32),
            31 => return Err(CborError::Indefinite),
            _ => return Err(CborError::Unsupported),
        };
        match major {
            SIMPLE => Err(CborError::Unsupported),
            _ if argument < floor => Err(CborError::NotShortest),
            _ => Ok(Head { major, argument }),
        }
    }

    fn number(&mut self, len: usize) -> Result<u64, CborError> {
        Ok(self.take(len)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], CborError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let taken = rest.get(..len).ok_or(CborError::Truncated)?;
        self.at += len;
        Ok(taken)
    }
}

fn integer(head: Head) -> Result<i64, CborError> {
    let argument = i64::try_from(head.argument).map_err(|_| CborError::WrongType);
    match head.major {
        UNSIGNED => argument,
        NEGATIVE => argument.map(|argument| -1 - argument),
        _ => Err(CborError::WrongType),
    }
}

/// `false`, `true` and `null`.
fn simple(head: Head) -> Result<(), CborError> {
    if matches!(head.argument, 20..=22) { Ok(()) } else { Err(CborError::Unsupported) }
}

/// Lower major types come first, then shorter keys, then lower bytes (CTAP 2.2 section 8).
fn key_order(a: &[u8], b: &[u8]) -> Ordering {
    let major = |key: &[u8]| key.first().map(|first| first >> 5);
    major(a).cmp(&major(b)).then(a.len().cmp(&b.len())).then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(bytes: &[u8]) -> Result<(), CborError> {
        let mut reader = Reader::new(bytes)?;
        reader.skip()?;
        reader.end()
    }

    #[test]
    fn reads_what_is_canonical() {
        for bytes in [
            &[0x00][..],
            &[0x18, 24],
            &[0x39, 0x01, 0x00],
            &[0xf4],
            &[0xf6],
            &[0x80],
            &[0xa0],
            &[0x43, 1, 2, 3],
            &[0x62, 0xc3, 0xa9],
            &[0xa4, 0x01, 0x00, 0x20, 0x00, 0x61, b'b', 0x00, 0x62, b'a', b'a', 0x00],
        ] {
            assert_eq!(read(bytes), Ok(()), "{bytes:02x?}");
        }
    }

    #[test]
    fn l37_refuses_every_second_form_of_a_value() {
        for (bytes, error) in [
            (&[0x18, 23][..], CborError::NotShortest),
            (&[0x19, 0, 255], CborError::NotShortest),
            (&[0x1a, 0, 0, 255, 255], CborError::NotShortest),
            (&[0x1b, 0, 0, 0, 0, 255, 255, 255, 255], CborError::NotShortest),
            (&[0x58, 1, 7], CborError::NotShortest),
            (&[0xb8, 0], CborError::NotShortest),
            (&[0x5f, 0x41, 7, 0xff], CborError::Indefinite),
            (&[0x9f, 0xff], CborError::Indefinite),
            (&[0xbf, 0xff], CborError::Indefinite),
            (&[0xa2, 0x02, 0x00, 0x01, 0x00], CborError::Unsorted),
            (&[0xa2, 0x20, 0x00, 0x01, 0x00], CborError::Unsorted),
            (&[0xa2, 0x62, b'a', b'a', 0x00, 0x61, b'b', 0x00], CborError::Unsorted),
            (&[0xa2, 0x01, 0x00, 0x01, 0x00], CborError::Duplicate),
            (&[0xa1, 0x41, 0x01, 0x00], CborError::Unsupported),
            (&[0xc0, 0x00], CborError::Unsupported),
            (&[0xf7], CborError::Unsupported),
            (&[0xf8, 0x20], CborError::Unsupported),
            (&[0xf9, 0, 0], CborError::Unsupported),
            (&[0x1c], CborError::Unsupported),
            (&[0x61, 0xff], CborError::Utf8),
            (&[0x42, 1], CborError::Truncated),
            (&[0x9b, 255, 255, 255, 255, 255, 255, 255, 255], CborError::Truncated),
            (&[], CborError::Truncated),
            (&[0x00, 0x00], CborError::TrailingBytes),
        ] {
            assert_eq!(read(bytes), Err(error), "{bytes:02x?}");
        }
    }

    #[test]
    fn l37_depth_and_length_are_bounded() {
        let mut nested = vec![0x81; MAX_CBOR_DEPTH];
        nested.push(0);
        assert_eq!(read(&nested), Ok(()));
        nested.insert(0, 0x81);
        assert_eq!(read(&nested), Err(CborError::TooDeep));
        assert_eq!(read(&vec![0x81; 60_000]), Err(CborError::TooDeep));
        assert_eq!(read(&vec![0; MAX_CBOR_LEN + 1]), Err(CborError::TooLong));
    }

    #[test]
    fn integers_fit_64_bits_with_sign() {
        let integer = |bytes: &[u8]| Reader::new(bytes)?.integer();
        assert_eq!(integer(&[0x26]), Ok(-7));
        assert_eq!(integer(&[0x39, 0x01, 0x00]), Ok(-257));
        assert_eq!(integer(&[0x3b, 0x7f, 255, 255, 255, 255, 255, 255, 255]), Ok(i64::MIN));
        assert_eq!(integer(&[0x1b, 0x80, 0, 0, 0, 0, 0, 0, 0]), Err(CborError::WrongType));
        assert_eq!(integer(&[0x40]), Err(CborError::WrongType));
    }

    proptest! {
        #[test]
        fn l37_arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..256)) {
            let _ = read(&bytes);
        }
    }
}
