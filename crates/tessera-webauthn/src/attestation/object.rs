//! The attestation object: authenticator data with a statement about them (WebAuthn section 6.5.4).

use crate::cbor::{CborError, Key, Reader};

/// The longest name of a format, in bytes (section 8.1).
pub const MAX_FORMAT_LEN: usize = 32;

/// Why an attestation object is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttestationObjectError {
    /// Not canonical CBOR with the three members.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// The name of the format is not 1 to [`MAX_FORMAT_LEN`] printable characters.
    #[error("malformed name of a format")]
    Format,
}

/// The three members.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AttestationObject<'a> {
    pub(crate) format: &'a str,
    /// The encoding of the statement.
    pub(crate) statement: &'a [u8],
    pub(crate) authenticator_data: &'a [u8],
}

impl<'a> AttestationObject<'a> {
    pub(crate) fn parse(cbor: &'a [u8]) -> Result<Self, AttestationObjectError> {
        let (mut format, mut statement, mut authenticator_data) = (None, None, None);
        let mut reader = Reader::new(cbor)?;
        reader.map(|reader, key| {
            match key {
                Key::Text("fmt") => format = Some(reader.text()?),
                Key::Text("attStmt") => statement = Some(reader.raw()?),
                Key::Text("authData") => authenticator_data = Some(reader.bytes()?),
                _ => return Err(CborError::Members),
            }
            Ok(())
        })?;
        reader.end()?;
        let (Some(format), Some(statement), Some(authenticator_data)) =
            (format, statement, authenticator_data)
        else {
            return Err(CborError::Members.into());
        };
        if !is_format_name(format) {
            return Err(AttestationObjectError::Format);
        }
        Ok(Self { format, statement, authenticator_data })
    }
}

/// Section 8.1.
fn is_format_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    (1..=MAX_FORMAT_LEN).contains(&name.len()) && name.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_of_formats_are_short_and_printable() {
        assert!(is_format_name("fido-u2f") && is_format_name(&"x".repeat(32)));
        for name in ["", "a b", "a\"", "a\\", "\u{e9}", "a\n", &"x".repeat(33)] {
            assert!(!is_format_name(name), "{name:?}");
        }
    }

    proptest! {
        #[test]
        fn l37_arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = AttestationObject::parse(&bytes);
            let with_head = [&[0xa3, 0x63, b'f', b'm', b't', 0x64][..], &bytes].concat();
            let _ = AttestationObject::parse(&with_head);
        }
    }
}
