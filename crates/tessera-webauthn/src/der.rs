//! The little DER that WebAuthn has outside of certificates: ECDSA signatures and the values of a few certificate extensions
//! (X.690 section 10).

pub(crate) const INTEGER: u32 = 0x02;
pub(crate) const OCTET_STRING: u32 = 0x04;
pub(crate) const ENUMERATED: u32 = 0x0a;
pub(crate) const SEQUENCE: u32 = 0x30;
pub(crate) const SET: u32 = 0x31;

/// The tag `[number]` with explicit content (X.690 section 8.1.2). Numbers from 31 on stand in bytes of their own.
pub(crate) const fn explicit(number: u32) -> u32 {
    if number < 31 { 0xa0 | number } else { 0xbf << 24 | number }
}

/// The elements of a text of DER, one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) const fn new(der: &'a [u8]) -> Self {
        Self(der)
    }

    /// The content of the next element, which must have this tag.
    pub(crate) fn element(&mut self, tag: u32) -> Option<&'a [u8]> {
        self.any().filter(|(found, _)| *found == tag).map(|(_, content)| content)
    }

    /// Tag and content of the next element.
    pub(crate) fn any(&mut self) -> Option<(u32, &'a [u8])> {
        let tag = self.tag()?;
        let len = self.length()?;
        let (content, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some((tag, content))
    }

    pub(crate) const fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn tag(&mut self) -> Option<u32> {
        let first = self.byte()?;
        if first & 0x1f != 0x1f {
            return Some(u32::from(first));
        }
        let mut number = 0;
        for at in 0..3 {
            let byte = self.byte()?;
            number = number << 7 | u32::from(byte & 0x7f);
            match (at, byte) {
                (0, 0x80) => return None,
                (_, ..0x80) => return (number >= 31).then_some(u32::from(first) << 24 | number),
                _ => {}
            }
        }
        None
    }

    /// In the fewest bytes, and below 2^16.
    fn length(&mut self) -> Option<usize> {
        let first = self.byte()?;
        if first < 0x80 {
            return Some(usize::from(first));
        }
        let (len, floor) = match first {
            0x81 => (usize::from(self.byte()?), 0x80),
            0x82 => (usize::from(self.byte()?) << 8 | usize::from(self.byte()?), 0x100),
            _ => return None,
        };
        (len >= floor).then_some(len)
    }
}

/// The content of the one element that `der` consists of, which must have this tag.
pub(crate) fn only(der: &[u8], tag: u32) -> Option<&[u8]> {
    let mut reader = Reader::new(der);
    let content = reader.element(tag)?;
    reader.is_at_end().then_some(content)
}

/// Digits of a positive INTEGER in its shortest form, big endian without leading zero.
pub(crate) fn positive(integer: &[u8]) -> Option<&[u8]> {
    match integer {
        [0, second, ..] if *second >= 0x80 => integer.get(1..),
        [first, ..] if (1..0x80).contains(first) => Some(integer),
        _ => None,
    }
}

/// An ECDSA signature (RFC 3279 section 2.2.3) as two numbers of `len` bytes side by side.
pub(crate) fn ecdsa_signature(der: &[u8], len: usize) -> Option<Vec<u8>> {
    let mut numbers = Reader::new(only(der, SEQUENCE)?);
    let mut fixed = Vec::with_capacity(2 * len);
    for _ in 0..2 {
        let digits = positive(numbers.element(INTEGER)?)?;
        let zeros = len.checked_sub(digits.len())?;
        fixed.resize(fixed.len() + zeros, 0);
        fixed.extend_from_slice(digits);
    }
    numbers.is_at_end().then_some(fixed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_signature_has_one_form() {
        let good = [0x30, 0x07, 0x02, 0x02, 0x00, 0x81, 0x02, 0x01, 0x05];
        assert_eq!(ecdsa_signature(&good, 2), Some(vec![0, 0x81, 0, 5]));
        assert_eq!(ecdsa_signature(&good, 1), Some(vec![0x81, 5]));
        for bad in [
            &[0x30, 0x08, 0x02, 0x02, 0x00, 0x81, 0x02, 0x02, 0x00, 0x05][..],
            &[0x30, 0x06, 0x02, 0x01, 0x81, 0x02, 0x01, 0x05],
            &[0x30, 0x06, 0x02, 0x01, 0x00, 0x02, 0x01, 0x05],
            &[0x30, 0x81, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x05],
            &[0x30, 0x80, 0x02, 0x01, 0x01, 0x02, 0x01, 0x05, 0x00, 0x00],
            &[0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x05, 0x00],
            &[0x30, 0x09, 0x02, 0x01, 0x01, 0x02, 0x01, 0x05, 0x02, 0x01, 0x01],
            &[0x30, 0x03, 0x02, 0x01, 0x01],
        ] {
            assert_eq!(ecdsa_signature(bad, 32), None, "{bad:02x?}");
        }
        assert_eq!(ecdsa_signature(&[0x30, 0x07, 0x02, 0x02, 0x01, 0x81, 0x02, 0x01, 0x05], 1), None);
    }

    #[test]
    fn reads_tags_of_several_bytes() {
        let der = [0xbf, 0x84, 0x58, 0x02, 0x05, 0x00, 0xa1, 0x00];
        let mut reader = Reader::new(&der);
        assert_eq!(reader.any(), Some((explicit(600), &[5, 0][..])));
        assert_eq!(reader.element(explicit(1)), Some(&[][..]));
        for bad in [&[0xbf, 0x80, 0x58, 0x00][..], &[0xbf, 0x01, 0x00], &[0xbf, 0xff, 0xff, 0xff, 0x7f, 0]] {
            assert_eq!(Reader::new(bad).any(), None, "{bad:02x?}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = ecdsa_signature(&bytes, 32);
            let mut reader = Reader::new(&bytes);
            while reader.any().is_some() {}
        }
    }
}
