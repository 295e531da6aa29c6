//! Strict DER (X.690 section 10): each element has one form, and a length is written in the fewest bytes.
//!
//! `None` stands for whatever is not DER of the expected shape. The files that read a structure say what it was.

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const NULL: u8 = 0x05;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const ENUMERATED: u8 = 0x0a;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// The tag `[number]` around a whole element, or of a constructed type.
pub(crate) const fn constructed(number: u8) -> u8 {
    0xa0 | number
}

/// The tag `[number]` in place of the tag of a primitive type.
pub(crate) const fn primitive(number: u8) -> u8 {
    0x80 | number
}

/// One element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) content: &'a [u8],
    /// Tag, length and content.
    pub(crate) whole: &'a [u8],
}

/// The elements of a text of DER, one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) const fn new(der: &'a [u8]) -> Self {
        Self(der)
    }

    /// The next element.
    pub(crate) fn any(&mut self) -> Option<Element<'a>> {
        let start = self.0;
        let tag = self.byte()?;
        // The structures of X.509 have no tag of several bytes.
        if tag & 0x1f == 0x1f {
            return None;
        }
        let len = self.length()?;
        let (content, rest) = self.0.split_at_checked(len)?;
        let (whole, _) = start.split_at_checked(start.len() - rest.len())?;
        self.0 = rest;
        Some(Element { tag, content, whole })
    }

    /// The next element, which must have this tag.
    pub(crate) fn element(&mut self, tag: u8) -> Option<Element<'a>> {
        self.any().filter(|element| element.tag == tag)
    }

    /// The content of the next element, which must have this tag.
    pub(crate) fn content(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.element(tag).map(|element| element.content)
    }

    /// The elements inside the next one, which must have this tag.
    pub(crate) fn inside(&mut self, tag: u8) -> Option<Self> {
        self.content(tag).map(Self)
    }

    /// Whether the next element has this tag.
    pub(crate) fn next_is(&self, tag: u8) -> bool {
        self.0.first() == Some(&tag)
    }

    pub(crate) const fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    /// `value`, if nothing is left.
    pub(crate) fn end<T>(&self, value: T) -> Option<T> {
        self.is_at_end().then_some(value)
    }

    /// An INTEGER that is not negative, in its shortest form, without the zero in front.
    pub(crate) fn unsigned(&mut self) -> Option<&'a [u8]> {
        match self.content(INTEGER)? {
            [0, digits @ ..] if digits.first().is_some_and(|first| *first >= 0x80) => Some(digits),
            [0] => Some(&[0]),
            digits @ [1..0x80, ..] => Some(digits),
            _ => None,
        }
    }

    /// A small INTEGER or ENUMERATED.
    pub(crate) fn small(&mut self, tag: u8) -> Option<u8> {
        match self.content(tag)? {
            [value @ ..0x80] => Some(*value),
            _ => None,
        }
    }

    /// A BOOLEAN that may be left out, which means false.
    pub(crate) fn boolean_or_false(&mut self) -> Option<bool> {
        if self.next_is(BOOLEAN) { self.content(BOOLEAN).and_then(truth) } else { Some(false) }
    }

    /// A BIT STRING of whole bytes.
    pub(crate) fn bytes_of_bits(&mut self) -> Option<&'a [u8]> {
        match self.content(BIT_STRING)? {
            [0, bytes @ ..] => Some(bytes),
            _ => None,
        }
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// In the fewest bytes, and below 2^32.
    fn length(&mut self) -> Option<usize> {
        let first = self.byte()?;
        if first < 0x80 {
            return Some(usize::from(first));
        }
        let count = usize::from(first & 0x7f);
        if !(1..=4).contains(&count) {
            return None;
        }
        let (bytes, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        let len = bytes.iter().fold(0, |len: usize, byte| len << 8 | usize::from(*byte));
        let shortest = len >= 0x80 && bytes.first() != Some(&0);
        shortest.then_some(len)
    }
}

/// The content of a BOOLEAN.
pub(crate) fn truth(content: &[u8]) -> Option<bool> {
    match content {
        [0] => Some(false),
        [0xff] => Some(true),
        _ => None,
    }
}

/// The elements inside the one element that `der` consists of, which must have this tag.
pub(crate) fn only(der: &[u8], tag: u8) -> Option<Reader<'_>> {
    let mut reader = Reader::new(der);
    let inside = reader.inside(tag)?;
    reader.end(inside)
}

/// Writes an element of the parts.
pub(crate) fn encode(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let len: usize = parts.iter().map(|part| part.len()).sum();
    let mut der = vec![tag];
    let bytes = len.to_be_bytes();
    let digits: Vec<u8> = bytes.into_iter().skip_while(|byte| *byte == 0).collect();
    match digits.as_slice() {
        [] => der.push(0),
        [short @ ..0x80] => der.push(*short),
        long => {
            der.push(0x80 | u8::try_from(long.len()).unwrap_or_default());
            der.extend(long);
        }
    }
    der.extend(parts.concat());
    der
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lengths_have_one_form() {
        for bad in [
            &[0x30, 0x80, 0, 0][..],
            &[0x30, 0x81, 0x01, 0],
            &[0x30, 0x82, 0x00, 0x81],
            &[0x30, 0x85, 0, 0, 0, 0, 0],
            &[0x30, 0xff],
            &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
            &[0x3f, 0x01, 0x00],
            &[0x30, 2, 0],
            &[0x30],
            &[],
        ] {
            assert_eq!(Reader::new(bad).any(), None, "{bad:02x?}");
        }
    }

    #[test]
    fn numbers_have_one_form() {
        let unsigned =
            |content: &[u8]| Reader::new(&encode(INTEGER, &[content])).unsigned().map(<[u8]>::to_vec);
        assert_eq!(unsigned(&[0]), Some(vec![0]));
        assert_eq!(unsigned(&[0, 0x81]), Some(vec![0x81]));
        assert_eq!(unsigned(&[1, 0]), Some(vec![1, 0]));
        for bad in [&[][..], &[0x81], &[0, 1], &[0, 0], &[0xff, 0xff]] {
            assert_eq!(unsigned(bad), None, "{bad:02x?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(tag in 0_u8..0x1f, byte in any::<u8>(), len in 0_usize..70_000) {
            let content = vec![byte; len];
            let der = encode(tag, &[&content]);
            let element = Reader::new(&der).any().unwrap();
            prop_assert_eq!((element.tag, element.content, element.whole), (tag, &content[..], &der[..]));
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let mut reader = Reader::new(&bytes);
            while reader.any().is_some() {}
            let mut reader = Reader::new(&bytes);
            let _ = (reader.unsigned(), reader.small(ENUMERATED), reader.boolean_or_false(), reader.bytes_of_bits());
        }
    }
}
