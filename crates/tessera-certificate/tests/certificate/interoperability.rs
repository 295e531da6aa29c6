//! Files that OpenSSL made: `tests/data/make.sh` says how.

use tessera_certificate::{
    AnchorError, BadKey, Certificate, ChainError, Crl, Doubt, KeyStorage, Mapping, NameHash, Nonce,
    NonceCheck, OcspAnswer, OcspCheck, OcspRequest, Requirements, RevocationCheck, RevocationPolicy,
    RevocationReason, SMART_CARD_LOGON, Source, TrustAnchors, Verdict, Verification, VerifiedCertificate,
};

use crate::authority::{NOW, pem};

pub(crate) const CA: &[u8] = include_bytes!("../data/ca.pem");
pub(crate) const KIM: &[u8] = include_bytes!("../data/kim.der");
pub(crate) const CRL: &[u8] = include_bytes!("../data/crl.der");
pub(crate) const RESPONSE: &[u8] = include_bytes!("../data/response.der");
pub(crate) const RESPONSE_OF_DELEGATE: &[u8] = include_bytes!("../data/response-nonce.der");

pub(crate) fn anchors() -> TrustAnchors {
    let mut anchors = TrustAnchors::new();
    anchors.add_pem("interop", KeyStorage::Hardware, CA).unwrap();
    anchors
}

pub(crate) fn verify(leaf: &[u8]) -> Result<VerifiedCertificate, ChainError> {
    let purposes = vec![SMART_CARD_LOGON.parse().unwrap()];
    let requirements = Requirements { purposes, policies: Vec::new() };
    Verification { anchors: &anchors(), requirements: &requirements, now: NOW }.verify(&[leaf])
}

pub(crate) fn ca() -> Certificate {
    anchors().iter().next().unwrap().certificate().clone()
}

/// The verdict on a certificate by the list, or by an answer.
fn verdict(leaf: &[u8], crls: &[&Crl], response: Option<&[u8]>) -> Verdict {
    let verified = verify(leaf).unwrap();
    let issued = verified.issued().next().unwrap();
    let check = OcspCheck { issued, nonce: NonceCheck::NotSent, now: NOW, tolerance: 0 };
    let answers: Vec<OcspAnswer> = response.iter().map(|response| check.verify(response).unwrap()).collect();
    let policy = RevocationPolicy::FailClosed;
    RevocationCheck { policy, crls, answers: &answers, now: NOW, tolerance: 0 }.verdict(&issued)
}

#[test]
fn a_certificate_of_openssl() {
    let verified = verify(KIM).unwrap();
    let certificate = verified.certificate();
    assert_eq!(certificate.subject().to_string(), "CN=kim,O=Interop");
    assert_eq!(certificate.serial().to_string(), "8123456789abcdef0011");
    assert_eq!(certificate.policies(), ["1.2.3.4".parse().unwrap()]);
    assert_eq!(certificate.ocsp_urls(), ["http://ca.example/ocsp"]);
    assert_eq!(certificate.crl_urls(), ["http://ca.example/crl"]);
    let upn = Mapping::UserPrincipalName { ca: "interop".to_owned() };
    assert_eq!(upn.key(&verified).unwrap().as_str(), "upn:interop:kim@corp.example");
}

#[test]
fn c01_sha_1() {
    assert_eq!(verify(include_bytes!("../data/sha1.der")), Err(ChainError::SignatureAlgorithm));
}

#[test]
fn c01_rsa_1024() {
    let refused = verify(include_bytes!("../data/rsa1024.der"));
    assert!(matches!(refused, Err(ChainError::Key(BadKey::Refused(_)))), "{refused:?}");
}

#[test]
fn c01_rsa_1024_of_a_ca() {
    let (weak, leaf): (&[u8], &[u8]) =
        (include_bytes!("../data/weak.der"), include_bytes!("../data/below-weak.der"));
    let verification = Verification { anchors: &anchors(), requirements: &Requirements::default(), now: NOW };
    assert_eq!(verification.verify(&[leaf, weak]), Err(ChainError::Signature));
    let refused = TrustAnchors::new().add_pem("weak", KeyStorage::Unknown, pem(weak).as_bytes());
    assert!(matches!(refused, Err(AnchorError::Key(BadKey::Refused(_)))), "{refused:?}");
}

#[test]
fn a_list_of_openssl() {
    let crl = Crl::verify(CRL, &ca()).unwrap();
    assert_eq!(verdict(KIM, &[&crl], None), Verdict::Good);
    let revoked = verdict(include_bytes!("../data/lee.der"), &[&crl], None);
    let Verdict::Revoked { revocation, source: Source::Crl } = revoked else { panic!("{revoked:?}") };
    assert_eq!((revocation.at, revocation.reason), (1_767_225_600, RevocationReason::KeyCompromise));
}

#[test]
fn requests_are_those_of_openssl_byte_for_byte() {
    let verified = verify(KIM).unwrap();
    let issued = verified.issued().next().unwrap();
    let request = OcspRequest::new(&issued, NameHash::Sha1, None);
    assert_eq!(request.as_der(), include_bytes!("../data/request.der"));
    let with_nonce = include_bytes!("../data/request-nonce.der");
    let nonce = Nonce::new(&with_nonce[with_nonce.len() - 16..]).unwrap();
    assert_eq!(OcspRequest::new(&issued, NameHash::Sha1, Some(&nonce)).as_der(), with_nonce);
    let request = OcspRequest::new(&issued, NameHash::Sha256, None);
    assert_eq!(request.as_der(), include_bytes!("../data/request-sha256.der"));
}

#[test]
fn responses_of_openssl() {
    assert_eq!(verdict(KIM, &[], Some(RESPONSE)), Verdict::Good);
    let unknown = include_bytes!("../data/response-unknown.der");
    let reason = Doubt::Unknown;
    assert_eq!(
        verdict(include_bytes!("../data/max.der"), &[], Some(unknown)),
        Verdict::CannotTell { reason }
    );
    let revoked = include_bytes!("../data/response-revoked.der");
    let revoked = verdict(include_bytes!("../data/lee.der"), &[], Some(revoked));
    let Verdict::Revoked { revocation, source: Source::Ocsp } = revoked else { panic!("{revoked:?}") };
    assert_eq!((revocation.at, revocation.reason), (1_767_225_600, RevocationReason::KeyCompromise));
}

#[test]
fn a_response_of_openssl_with_our_nonce_by_a_delegate() {
    let verified = verify(KIM).unwrap();
    let issued = verified.issued().next().unwrap();
    let with_nonce = include_bytes!("../data/request-nonce.der");
    let nonce = Nonce::new(&with_nonce[with_nonce.len() - 16..]).unwrap();
    let check = OcspCheck { issued, nonce: NonceCheck::Required(&nonce), now: NOW, tolerance: 0 };
    assert!(check.verify(RESPONSE_OF_DELEGATE).is_ok());
    assert!(check.verify(RESPONSE).is_err());
}
