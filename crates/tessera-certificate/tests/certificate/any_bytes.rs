//! Whatever bytes come in, reading them ends, and never in a panic.

use proptest::prelude::*;
use tessera_certificate::{Certificate, Crl, KeyStorage, NonceCheck, OcspCheck, TrustAnchors};

use crate::authority::NOW;
use crate::interoperability::{CA, CRL, KIM, RESPONSE, RESPONSE_OF_DELEGATE, ca, verify};

/// Reads the bytes as everything that they could be. Whether something was accepted.
fn drain(bytes: &[u8]) -> bool {
    let kim = verify(KIM).unwrap();
    let issued = kim.issued().next().unwrap();
    let check = OcspCheck { issued, nonce: NonceCheck::NotSent, now: NOW, tolerance: 0 };
    let mut anchors = TrustAnchors::new();
    let anchor = anchors.add_pem("x", KeyStorage::Unknown, bytes).is_ok();
    if let Ok(certificate) = Certificate::parse(bytes) {
        let _ = (certificate.subject().to_string(), certificate.issuer().to_string(), certificate.crl_urls());
    }
    verify(bytes).is_ok() || Crl::verify(bytes, &ca()).is_ok() || check.verify(bytes).is_ok() || anchor
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(!drain(&bytes));
    }

    #[test]
    fn no_damaged_text_panics(
        which in 0_usize..5,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        end in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let mut bytes = [KIM, CRL, RESPONSE, RESPONSE_OF_DELEGATE, CA][which].to_vec();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if cut {
            bytes.truncate(end.index(bytes.len()));
        }
        drain(&bytes);
    }
}
