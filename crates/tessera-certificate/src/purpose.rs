//! The extended key usage along a path (RFC 5280 section 4.2.1.12).

use webpki::{
    ExtendedKeyUsageValidator, KeyPurposeId, KeyPurposeIdIter, KeyUsage, RequiredEkuNotFoundContext,
};

use crate::oid::ObjectIdentifier;

/// `anyExtendedKeyUsage`, in DER. It counts for a CA. The certificate of a person must name the purpose itself.
const ANY: &[u8] = &[0x55, 0x1d, 0x25, 0x00];

/// A certificate of the path that names purposes must name this one.
#[derive(Clone, Copy)]
pub(crate) struct Purpose<'a>(pub(crate) &'a ObjectIdentifier);

impl Purpose<'_> {
    pub(crate) fn is_among(self, purposes: &[ObjectIdentifier]) -> bool {
        purposes.iter().any(|purpose| purpose == self.0 || purpose.as_bytes() == ANY)
    }
}

impl ExtendedKeyUsageValidator for Purpose<'_> {
    fn validate(&self, named: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        let accepted = [KeyPurposeId::new(self.0.as_bytes()), KeyPurposeId::new(ANY)];
        let (mut names_some, mut present) = (false, Vec::new());
        for purpose in named {
            let purpose = purpose?;
            if accepted.contains(&purpose) {
                return Ok(());
            }
            names_some = true;
            present.push(purpose.to_decoded_oid());
        }
        if names_some {
            let required = KeyUsage::required(ANY);
            return Err(webpki::Error::RequiredEkuNotFoundContext(RequiredEkuNotFoundContext {
                required,
                present,
            }));
        }
        Ok(())
    }
}
