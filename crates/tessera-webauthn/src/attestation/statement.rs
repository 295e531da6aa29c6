//! The members of attestation statements. The format decides which of them must be there.

use super::error::AttestationError;
use crate::cbor::{Key, Reader};

/// The most certificates in a statement.
pub const MAX_CHAIN_LEN: usize = 8;

/// The members of a statement, as far as some format knows them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Statement<'a> {
    pub(super) alg: Option<i64>,
    pub(super) sig: Option<&'a [u8]>,
    pub(super) x5c: Option<Chain<'a>>,
    pub(super) ver: Option<&'a str>,
    pub(super) cert_info: Option<&'a [u8]>,
    pub(super) pub_area: Option<&'a [u8]>,
}

/// A certificate and those above it, in DER.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Chain<'a> {
    pub(super) leaf: &'a [u8],
    pub(super) above: Vec<&'a [u8]>,
}

impl<'a> Statement<'a> {
    pub(super) fn parse(cbor: &'a [u8]) -> Result<Self, AttestationError> {
        let mut statement = Self::default();
        let mut reader = Reader::new(cbor)?;
        reader.map(|reader, key| {
            match key {
                Key::Text("alg") => statement.alg = Some(reader.integer()?),
                Key::Text("sig") => statement.sig = Some(reader.bytes()?),
                Key::Text("x5c") => statement.x5c = Some(Chain::read(reader)?),
                Key::Text("ver") => statement.ver = Some(reader.text()?),
                Key::Text("certInfo") => statement.cert_info = Some(reader.bytes()?),
                Key::Text("pubArea") => statement.pub_area = Some(reader.bytes()?),
                _ => return Err(AttestationError::Members),
            }
            Ok(())
        })?;
        reader.end()?;
        Ok(statement)
    }
}

impl<'a> Chain<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, AttestationError> {
        let mut all = Vec::new();
        reader.array(|reader| {
            if all.len() == MAX_CHAIN_LEN {
                return Err(AttestationError::ChainLength);
            }
            all.push(reader.bytes()?);
            Ok(())
        })?;
        let (leaf, above) = all.split_first().ok_or(AttestationError::ChainLength)?;
        Ok(Self { leaf, above: above.to_vec() })
    }

    /// The chain for the caller to check.
    pub(super) fn to_der(&self) -> Vec<Vec<u8>> {
        std::iter::once(&self.leaf).chain(&self.above).map(|der| der.to_vec()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cbor::CborError;

    #[test]
    fn l37_a_statement_is_one_map() {
        assert_eq!(Statement::parse(&[0xa0]), Ok(Statement::default()));
        assert_eq!(Statement::parse(&[0xa0, 0x00]), Err(CborError::TrailingBytes.into()));
        assert_eq!(Statement::parse(&[0xa1, 0x01, 0x00]), Err(AttestationError::Members));
    }
}
