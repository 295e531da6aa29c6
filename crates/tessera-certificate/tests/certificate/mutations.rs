//! No changed bit is accepted, where bits are signed.

use tessera_certificate::{
    Certificate, CertificateError, ChainError, Crl, NonceCheck, OcspAnswer, OcspCheck, OcspError,
    VerifiedCertificate,
};

use crate::authority::{ECDSA_WITH_SHA256, NOW};
use crate::interoperability::{CRL, KIM, RESPONSE, RESPONSE_OF_DELEGATE, ca, verify};

/// Every text that differs from `good` in one bit.
fn one_bit_off(good: &[u8]) -> impl Iterator<Item = (usize, Vec<u8>)> {
    (0..good.len() * 8).map(|bit| {
        let mut changed = good.to_vec();
        changed[bit / 8] ^= 1 << (bit % 8);
        (bit / 8, changed)
    })
}

fn check(kim: &VerifiedCertificate, response: &[u8]) -> Result<OcspAnswer, OcspError> {
    let issued = kim.issued().next().unwrap();
    OcspCheck { issued, nonce: NonceCheck::NotSent, now: NOW, tolerance: 0 }.verify(response)
}

#[test]
fn c01_every_bit_of_a_certificate() {
    for (at, changed) in one_bit_off(KIM) {
        let accepted: Result<VerifiedCertificate, ChainError> = verify(&changed);
        assert!(accepted.is_err(), "byte {at}");
    }
}

/// What is signed names the algorithm too.
#[test]
fn c01_another_algorithm_beside_the_signature() {
    let mut changed = KIM.to_vec();
    let outer = changed.windows(12).rposition(|bytes| bytes == ECDSA_WITH_SHA256).unwrap();
    changed[outer + 11] = 3;
    assert_eq!(Certificate::parse(&changed), Err(CertificateError::Malformed));
}

#[test]
fn c03_every_bit_of_a_list() {
    let ca = ca();
    assert!(Crl::verify(CRL, &ca).is_ok());
    for (at, changed) in one_bit_off(CRL) {
        assert!(Crl::verify(&changed, &ca).is_err(), "byte {at}");
    }
}

/// The response of the CA itself carries the certificate of the CA, which nobody needs or signs here. So its bits may change, and the
/// answer stays the same.
#[test]
fn c03_every_bit_of_a_response_of_the_ca() {
    let kim = verify(KIM).unwrap();
    let good = check(&kim, RESPONSE).unwrap();
    let certificate = ca();
    let unsigned = place(RESPONSE, certificate.as_der());
    for (at, changed) in one_bit_off(RESPONSE) {
        match check(&kim, &changed) {
            Ok(answer) => {
                assert!(unsigned.contains(&at), "byte {at}");
                assert_eq!(answer, good, "byte {at}");
            }
            Err(_) => assert!(!unsigned.contains(&at) || at < unsigned.start + 4, "byte {at}"),
        }
    }
}

#[test]
fn c03_every_bit_of_a_response_of_a_delegate() {
    let kim = verify(KIM).unwrap();
    assert!(check(&kim, RESPONSE_OF_DELEGATE).is_ok());
    for (at, changed) in one_bit_off(RESPONSE_OF_DELEGATE) {
        assert!(check(&kim, &changed).is_err(), "byte {at}");
    }
}

#[test]
fn c03_no_part_of_a_list_or_response_is_the_whole() {
    let (kim, ca) = (verify(KIM).unwrap(), ca());
    for len in 0..CRL.len() {
        assert!(Crl::verify(&CRL[..len], &ca).is_err());
    }
    for len in 0..RESPONSE.len() {
        assert!(check(&kim, &RESPONSE[..len]).is_err());
    }
    assert!(Crl::verify(&[CRL, &[0]].concat(), &ca).is_err());
    assert!(check(&kim, &[RESPONSE, &[0]].concat()).is_err());
}

fn place(whole: &[u8], part: &[u8]) -> std::ops::Range<usize> {
    let start = whole.windows(part.len()).position(|window| window == part).unwrap();
    start..start + part.len()
}
