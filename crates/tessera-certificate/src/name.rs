//! Distinguished names (RFC 5280 section 4.1.2.4) and their text (RFC 4514).

use std::fmt::{self, Write as _};

use crate::der::{self, Element, Reader};
use crate::hex;
use crate::oid::ObjectIdentifier;

/// Attributes that have a name of their own in texts. Those of RFC 4514, and those that subjects of smart cards have.
const KNOWN: [(&str, &str); 17] = [
    ("2.5.4.3", "CN"),
    ("2.5.4.4", "SN"),
    ("2.5.4.5", "serialNumber"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.9", "STREET"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.12", "title"),
    ("2.5.4.42", "givenName"),
    ("2.5.4.46", "dnQualifier"),
    ("2.5.4.65", "pseudonym"),
    ("2.5.4.97", "organizationIdentifier"),
    ("0.9.2342.19200300.100.1.1", "UID"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("1.2.840.113549.1.9.1", "emailAddress"),
];

/// A distinguished name. Names are equal if their bytes are, as in `rustls-webpki`.
///
/// The text is that of RFC 4514, the most specific part first. Whatever could mislead a reader of a terminal or a log is written
/// as `\` and two hexadecimal digits a byte: control characters, characters without width, marks of direction.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Name(Vec<u8>);

impl Name {
    /// A whole element.
    pub(crate) fn new(element: Element<'_>) -> Option<Self> {
        let name = Self(element.whole.to_vec());
        name.parts().map(|_| name)
    }

    /// The name in DER.
    pub fn as_der(&self) -> &[u8] {
        &self.0
    }

    /// The relative names, each with its attributes, as texts.
    fn parts(&self) -> Option<Vec<String>> {
        let mut sequence = der::only(&self.0, der::SEQUENCE)?;
        let mut parts = Vec::new();
        while !sequence.is_at_end() {
            let mut attributes = sequence.inside(der::SET)?;
            let mut texts = Vec::new();
            while !attributes.is_at_end() {
                texts.push(attribute(attributes.inside(der::SEQUENCE)?)?);
            }
            if texts.is_empty() {
                return None;
            }
            parts.push(texts.join("+"));
        }
        Some(parts)
    }
}

fn attribute(mut attribute: Reader<'_>) -> Option<String> {
    let kind = ObjectIdentifier::read(&mut attribute)?.to_string();
    let value = attribute.any()?;
    let known = KNOWN.iter().find(|(oid, _)| *oid == kind);
    let text = match (known, text_of(value)) {
        (Some((_, name)), Some(text)) => format!("{name}={}", escaped(&text)),
        (Some((_, name)), None) => format!("{name}=#{}", hex::encode(value.whole)),
        (None, _) => format!("{kind}=#{}", hex::encode(value.whole)),
    };
    attribute.end(text)
}

/// The text of a string type. `TeletexString` has no one meaning, and is none.
fn text_of(value: Element<'_>) -> Option<String> {
    const UTF8_STRING: u8 = 0x0c;
    const PRINTABLE_STRING: u8 = 0x13;
    const IA5_STRING: u8 = 0x16;
    const BMP_STRING: u8 = 0x1e;
    match value.tag {
        UTF8_STRING => String::from_utf8(value.content.to_vec()).ok(),
        PRINTABLE_STRING | IA5_STRING => {
            String::from_utf8(value.content.to_vec()).ok().filter(|text| text.is_ascii())
        }
        BMP_STRING if value.content.len().is_multiple_of(2) => {
            let units =
                value.content.chunks_exact(2).map(|unit| u16::from(unit[0]) << 8 | u16::from(unit[1]));
            char::decode_utf16(units).collect::<Result<_, _>>().ok()
        }
        _ => None,
    }
}

/// RFC 4514 section 2.4.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let last = text.chars().count().saturating_sub(1);
    for (at, c) in text.chars().enumerate() {
        let at_an_end = c == ' ' && (at == 0 || at == last) || c == '#' && at == 0;
        if misleads(c) {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                let _ = write!(out, "\\{byte:02X}");
            }
        } else {
            if at_an_end || matches!(c, '"' | '+' | ',' | ';' | '<' | '=' | '>' | '\\') {
                out.push('\\');
            }
            out.push(c);
        }
    }
    out
}

/// Whether a character can hide, or change what stands next to it.
pub(crate) fn misleads(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
        || c.is_whitespace() && c != ' '
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = self.parts().unwrap_or_default();
        parts.reverse();
        f.write_str(&parts.join(","))
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(attributes: &[(&str, u8, &[u8])]) -> Option<Name> {
        let parts: Vec<Vec<u8>> = attributes
            .iter()
            .map(|(kind, tag, value)| {
                let kind: ObjectIdentifier = kind.parse().unwrap();
                let kind = der::encode(der::OBJECT_IDENTIFIER, &[kind.as_bytes()]);
                let value = der::encode(*tag, &[value]);
                der::encode(der::SET, &[&der::encode(der::SEQUENCE, &[&kind, &value])])
            })
            .collect();
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        Name::new(Reader::new(&der::encode(der::SEQUENCE, &parts)).any()?)
    }

    #[test]
    fn the_most_specific_part_comes_first() {
        let name = name(&[("2.5.4.6", 0x13, b"NL"), ("2.5.4.3", 0x0c, "Zoë, \"x\"".as_bytes())]).unwrap();
        assert_eq!(name.to_string(), "CN=Zoë\\, \\\"x\\\",C=NL");
    }

    #[test]
    fn what_misleads_is_escaped() {
        for (text, expected) in [
            ("a\nb\u{1b}[0m", "CN=a\\0Ab\\1B[0m"),
            ("\u{202e}evil\u{200b}", "CN=\\E2\\80\\AEevil\\E2\\80\\8B"),
            (" a b ", "CN=\\ a b\\ "),
            ("#1=\\2", "CN=\\#1\\=\\\\2"),
            ("\0", "CN=\\00"),
            ("", "CN="),
        ] {
            assert_eq!(name(&[("2.5.4.3", 0x0c, text.as_bytes())]).unwrap().to_string(), expected);
        }
    }

    #[test]
    fn values_without_a_text_are_hexadecimal() {
        let table: [(&str, u8, &[u8], &str); 5] = [
            ("2.5.4.3", 0x14, b"\xe9", "CN=#1401e9"),
            ("2.5.4.3", 0x0c, b"\xff", "CN=#0c01ff"),
            ("2.5.4.3", 0x16, b"\xe9", "CN=#1601e9"),
            ("2.5.4.3", 0x1e, b"\0a\0b", "CN=ab"),
            ("1.2.3", 0x0c, b"a", "1.2.3=#0c0161"),
        ];
        for (kind, tag, value, expected) in table {
            assert_eq!(name(&[(kind, tag, value)]).unwrap().to_string(), expected);
        }
    }
}
