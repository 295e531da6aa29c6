//! The two structures of a TPM that a statement holds (TPM 2.0 library part 2, sections 10.12.8 and 12.2.4). All numbers are big endian.

use tessera_jose::jwk::Curve;

use crate::key::{BadKey, PublicKey};

/// `TPM_ALG_NULL`.
const NULL: u16 = 0x0010;

/// `TPM_ALG_SHA256`.
const SHA_256: u16 = 0x000b;

/// The public area of a key (`TPMT_PUBLIC`).
pub(super) struct PublicArea<'a>(Key<'a>);

enum Key<'a> {
    Rsa { exponent: u32, n: &'a [u8] },
    Ec { curve: Curve, x: &'a [u8], y: &'a [u8] },
}

impl<'a> PublicArea<'a> {
    /// `None` if the structure is malformed, or if a hash or curve is not used here.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        const RSA: u16 = 0x0001;
        const ECC: u16 = 0x0023;
        let mut fields = Fields(bytes);
        let kind = fields.u16()?;
        if fields.u16()? != SHA_256 {
            return None;
        }
        let _attributes = fields.u32()?;
        let _policy = fields.sized()?;
        fields.symmetric()?;
        fields.scheme()?;
        let key = match kind {
            RSA => {
                let (_bits, exponent) = (fields.u16()?, fields.u32()?);
                Key::Rsa { exponent, n: fields.sized()? }
            }
            ECC => {
                let curve = match fields.u16()? {
                    0x0003 => Curve::P256,
                    0x0004 => Curve::P384,
                    _ => return None,
                };
                // The key derivation has the form of a scheme.
                fields.scheme()?;
                Key::Ec { curve, x: fields.sized()?, y: fields.sized()? }
            }
            _ => return None,
        };
        fields.is_at_end().then_some(Self(key))
    }

    /// The public key that the area describes.
    pub(super) fn key(&self) -> Result<PublicKey, BadKey> {
        const DEFAULT_EXPONENT: u32 = 65_537;
        match self.0 {
            Key::Ec { curve, x, y } => {
                let len = curve.coordinate_len();
                PublicKey::ec(curve, &padded(x, len), &padded(y, len))
            }
            Key::Rsa { exponent, n } => {
                let exponent = if exponent == 0 { DEFAULT_EXPONENT } else { exponent };
                let digits = exponent.to_be_bytes();
                let zeros = exponent.leading_zeros() as usize / 8;
                PublicKey::rsa(n, digits.get(zeros..).unwrap_or_default())
            }
        }
    }
}

/// A TPM may leave leading zeros of a coordinate out.
fn padded(coordinate: &[u8], len: usize) -> Vec<u8> {
    [&vec![0; len.saturating_sub(coordinate.len())], coordinate].concat()
}

/// What the TPM attests to (`TPMS_ATTEST` that contains a `TPMS_CERTIFY_INFO`).
pub(super) struct CertifyInfo<'a> {
    pub(super) extra_data: &'a [u8],
    /// The digest in the name of the certified key, made with SHA-256.
    pub(super) name: &'a [u8],
}

impl<'a> CertifyInfo<'a> {
    /// `None` if the structure is malformed, was not made inside the TPM, or attests to something else than a key.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        const GENERATED: u32 = 0xff54_4347;
        const ATTEST_CERTIFY: u16 = 0x8017;
        const CLOCK_AND_FIRMWARE: usize = 8 + 4 + 4 + 1 + 8;
        let mut fields = Fields(bytes);
        if fields.u32()? != GENERATED || fields.u16()? != ATTEST_CERTIFY {
            return None;
        }
        let _qualified_signer = fields.sized()?;
        let extra_data = fields.sized()?;
        fields.take(CLOCK_AND_FIRMWARE)?;
        let mut name = Fields(fields.sized()?);
        let _qualified_name = fields.sized()?;
        if name.u16()? != SHA_256 || !fields.is_at_end() {
            return None;
        }
        Some(Self { extra_data, name: name.0 })
    }
}

struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    fn u16(&mut self) -> Option<u16> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u16::from_be_bytes(*number))
    }

    fn u32(&mut self) -> Option<u32> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*number))
    }

    /// A `TPM2B`: a length of two bytes and so many bytes.
    fn sized(&mut self) -> Option<&'a [u8]> {
        let len = self.u16()?;
        self.take(usize::from(len))
    }

    /// A signing key has no symmetric algorithm.
    fn symmetric(&mut self) -> Option<()> {
        (self.u16()? == NULL).then_some(())
    }

    /// A scheme with its hash, or none.
    fn scheme(&mut self) -> Option<()> {
        if self.u16()? != NULL {
            self.u16()?;
        }
        Some(())
    }

    const fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn l37_arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = PublicArea::parse(&bytes).map(|area| area.key());
            let _ = CertifyInfo::parse(&[&[0xff, 0x54, 0x43, 0x47, 0x80, 0x17][..], &bytes].concat());
        }
    }
}
