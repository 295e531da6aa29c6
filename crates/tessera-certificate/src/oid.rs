//! Object identifiers: the names of purposes, policies and extensions (X.690 section 8.19).

use std::fmt;
use std::str::FromStr;

use crate::der::{self, Reader};

/// The longest object identifier, in encoded bytes.
const MAX_LEN: usize = 64;

/// An object identifier.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectIdentifier(Vec<u8>);

/// The text is no object identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an object identifier: numbers with dots between them, such as 1.3.6.1.5.5.7.3.2")]
pub struct NotAnObjectIdentifier;

impl ObjectIdentifier {
    /// The encoded form, without tag and length.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let content = reader.content(der::OBJECT_IDENTIFIER)?;
        arcs(content)?;
        Some(Self(content.to_vec()))
    }
}

/// The numbers. `None` for another form than the shortest, or a number above 2^128.
fn arcs(content: &[u8]) -> Option<Vec<u128>> {
    if content.is_empty() || content.len() > MAX_LEN {
        return None;
    }
    let (mut arcs, mut number) = (Vec::new(), None);
    for byte in content {
        if number.is_none() && *byte == 0x80 {
            return None;
        }
        let digits = number.unwrap_or(0_u128).checked_mul(128)? | u128::from(byte & 0x7f);
        if *byte < 0x80 {
            arcs.push(digits);
            number = None;
        } else {
            number = Some(digits);
        }
    }
    let first = *arcs.first()?;
    let root = (first / 40).min(2);
    arcs.splice(0..1, [root, first - root * 40]);
    number.is_none().then_some(arcs)
}

impl FromStr for ObjectIdentifier {
    type Err = NotAnObjectIdentifier;

    fn from_str(text: &str) -> Result<Self, NotAnObjectIdentifier> {
        let number = |arc: &str| arc.parse().ok().filter(|number: &u128| number.to_string() == arc);
        let arcs: Option<Vec<u128>> = text.split('.').take(MAX_LEN + 1).map(number).collect();
        let arcs = arcs.ok_or(NotAnObjectIdentifier)?;
        let ([root @ (0 | 1), second @ 0..40, rest @ ..] | [root @ 2, second, rest @ ..]) = arcs.as_slice()
        else {
            return Err(NotAnObjectIdentifier);
        };
        let first = second.checked_add(root * 40).ok_or(NotAnObjectIdentifier)?;
        let mut content = Vec::new();
        for arc in [&[first], rest].concat() {
            let digits = (128 - arc.leading_zeros()).div_ceil(7).max(1);
            for place in (0..digits).rev() {
                let digit = u8::try_from(arc >> (7 * place) & 0x7f).map_err(|_| NotAnObjectIdentifier)?;
                content.push(if place == 0 { digit } else { 0x80 | digit });
            }
        }
        if content.len() > MAX_LEN { Err(NotAnObjectIdentifier) } else { Ok(Self(content)) }
    }
}

impl fmt::Display for ObjectIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arcs = arcs(&self.0).unwrap_or_default();
        let text: Vec<String> = arcs.iter().map(u128::to_string).collect();
        f.write_str(&text.join("."))
    }
}

impl fmt::Debug for ObjectIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_and_bytes() {
        for (text, bytes) in [
            ("1.3.6.1.5.5.7.3.2", &[0x2b, 6, 1, 5, 5, 7, 3, 2][..]),
            ("1.3.6.1.4.1.311.20.2.2", &[0x2b, 6, 1, 4, 1, 0x82, 0x37, 20, 2, 2]),
            ("2.5.29.37.0", &[0x55, 0x1d, 0x25, 0]),
            ("2.999", &[0x88, 0x37]),
            ("0.0", &[0]),
        ] {
            let oid: ObjectIdentifier = text.parse().unwrap();
            assert_eq!(oid.as_bytes(), bytes, "{text}");
            assert_eq!(oid.to_string(), text);
        }
        for bad in ["", "1", "1.", ".1", "1.40", "3.1", "1.2.03", "1.2.+3", "1.2. 3", "1.2.-3", "a.b"] {
            assert_eq!(bad.parse::<ObjectIdentifier>(), Err(NotAnObjectIdentifier), "{bad}");
        }
        for bad in [&[][..], &[0x80, 1], &[0x2b, 0x80, 1], &[0x2b, 0x81], &[0xff; 30]] {
            assert_eq!(arcs(bad), None, "{bad:02x?}");
        }
    }

    proptest! {
        #[test]
        fn one_text_for_one_encoding(content in proptest::collection::vec(any::<u8>(), 0..70)) {
            let der = der::encode(der::OBJECT_IDENTIFIER, &[&content]);
            if let Some(oid) = ObjectIdentifier::read(&mut Reader::new(&der)) {
                prop_assert_eq!(oid.to_string().parse(), Ok(oid));
            }
        }
    }
}
