//! OCSP responses that count, and those that do not.

use rcgen::{
    BasicConstraints, CustomExtension, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use tessera_certificate::{
    BadKey, CertificateError, MAX_OCSP_RESPONSE_LEN, NameHash, Nonce, NonceCheck, NonceLength, OcspAnswer,
    OcspCheck, OcspError, OcspRequest, ResponderRefusal, SignatureError, VerifiedCertificate,
};

use crate::authority::{Authority, ECDSA_WITH_SHA1, ED25519, NOW, der, extension, named};
use crate::responses::{Delegate, GOOD, Response, Single, UNKNOWN, cert_id, revoked, wrap};

/// A CA and a person.
struct World {
    ca: Authority,
    person: VerifiedCertificate,
}

impl World {
    fn new() -> Self {
        let ca = Authority::root();
        let person = ca.verify(&[ca.issue(|_| {})]).unwrap();
        Self { ca, person }
    }

    fn single(&self, status: &[u8]) -> Single {
        Single::new(&self.person.issued().next().unwrap(), status)
    }

    fn good(&self) -> Response {
        Response::new(&self.ca, self.single(GOOD))
    }

    fn verify(&self, response: &[u8], nonce: NonceCheck<'_>) -> Result<OcspAnswer, OcspError> {
        let issued = self.person.issued().next().unwrap();
        OcspCheck { issued, nonce, now: NOW, tolerance: 60 }.verify(response)
    }

    fn check(&self, response: &Response) -> Result<OcspAnswer, OcspError> {
        self.verify(&response.to_der(|content| self.ca.sign(content)), NonceCheck::NotSent)
    }

    fn check_delegate(&self, delegate: &Delegate) -> Result<(), OcspError> {
        let response = self.good().by(delegate).to_der(|content| delegate.sign(content));
        self.verify(&response, NonceCheck::NotSent).map(|_| ())
    }
}

#[test]
fn the_ca_or_its_delegate_answers() {
    let world = World::new();
    let answer = world.check(&world.good()).unwrap();
    assert_eq!((answer.this_update(), answer.next_update()), (NOW - 3600, Some(NOW + 23 * 3600)));
    assert_eq!(world.check_delegate(&Delegate::of(&world.ca, |_| {})), Ok(()));
}

#[test]
fn a_responder_may_name_itself_by_its_key_and_use_either_hash() {
    let world = World::new();
    let issued = world.person.issued().next().unwrap();
    let mut response = world.good();
    // The hash of the issuer's key stands in the request, too.
    let id = cert_id(&issued, NameHash::Sha1);
    let key = id.windows(2).rposition(|bytes| bytes == [4, 20]).unwrap();
    response.responder = der(0xa2, &[&id[key..key + 22]]);
    assert!(world.check(&response).is_ok());
    response.singles[0].cert_id = cert_id(&issued, NameHash::Sha256);
    assert!(world.check(&response).is_ok());
    response.responder = der(0xa2, &[&der(4, &[&[0; 20]])]);
    assert_eq!(world.check(&response), Err(OcspError::UnknownResponder));
}

#[test]
fn c03_an_answer_about_another_certificate() {
    let world = World::new();
    let other = World::new();
    for single in [
        other.single(GOOD),
        Single { cert_id: wrong_serial(&world), ..world.single(GOOD) },
        Single { cert_id: vec![0x30, 0], ..world.single(GOOD) },
    ] {
        let response = Response { singles: vec![single], ..world.good() };
        assert_eq!(world.check(&response), Err(OcspError::OtherCertificate));
    }
    let mut response = world.good();
    response.singles.insert(0, other.single(&revoked(1)));
    assert!(world.check(&response).is_ok());
    response.singles.push(world.single(&revoked(1)));
    assert_eq!(world.check(&response), Err(OcspError::OtherCertificate));
    response.singles.clear();
    assert_eq!(world.check(&response), Err(OcspError::OtherCertificate));
}

fn wrong_serial(world: &World) -> Vec<u8> {
    let mut id = cert_id(&world.person.issued().next().unwrap(), NameHash::Sha1);
    *id.last_mut().unwrap() ^= 1;
    id
}

#[test]
fn c03_an_answer_that_somebody_else_signed() {
    let world = World::new();
    let impostor = Authority::root();
    let forged = world.good().to_der(|content| impostor.sign(content));
    let wrong = Err(OcspError::Signature(SignatureError::Wrong));
    assert_eq!(world.verify(&forged, NonceCheck::NotSent), wrong);
    let (one, other) = (Delegate::of(&world.ca, |_| {}), Delegate::of(&world.ca, |_| {}));
    let forged = world.good().by(&one).to_der(|content| other.sign(content));
    assert_eq!(world.verify(&forged, NonceCheck::NotSent), wrong);
    let stranger = Delegate::of(&impostor, |_| {});
    assert_eq!(world.check_delegate(&stranger), Err(OcspError::DelegateIssuer));
    let mut alone = world.good().by(&one);
    alone.certificates = vec![vec![0x30, 0]];
    let garbage = alone.to_der(|content| one.sign(content));
    let refused = world.verify(&garbage, NonceCheck::NotSent);
    assert_eq!(refused, Err(OcspError::DelegateCertificate(CertificateError::Malformed)));
    alone.certificates.clear();
    let alone = alone.to_der(|content| one.sign(content));
    assert_eq!(world.verify(&alone, NonceCheck::NotSent), Err(OcspError::UnknownResponder));
}

#[test]
fn c03_a_certificate_of_a_ca_below_is_no_delegate() {
    let world = World::new();
    let below = world.ca.below("Staff CA", |_| {});
    assert_eq!(world.check_delegate(&Delegate::of(&below, |_| {})), Err(OcspError::DelegateIssuer));
}

#[test]
fn c03_a_delegate_of_a_ca_of_another_name_with_the_same_key() {
    let world = World::new();
    let renamed = world.ca.renewed(|ca| ca.distinguished_name = named("Other"));
    assert_eq!(world.check_delegate(&Delegate::of(&renamed, |_| {})), Err(OcspError::DelegateIssuer));
}

#[test]
fn c03_delegates_have_a_strong_key_and_no_unknown_critical_extension() {
    let world = World::new();
    let key = KeyPair::generate_for(&rcgen::PKCS_ML_DSA_44).unwrap();
    let refused = world.check_delegate(&Delegate::with_key(&world.ca, key, |_| {}));
    assert_eq!(refused, Err(OcspError::DelegateKey(BadKey::Unsupported)));
    let mut unknown = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![5, 0]);
    unknown.set_criticality(true);
    let refused =
        world.check_delegate(&Delegate::of(&world.ca, |params| params.custom_extensions.push(unknown)));
    assert_eq!(refused, Err(OcspError::CriticalExtension("1.2.3.4".parse().unwrap())));
}

#[test]
fn c03_delegates_need_the_purpose_and_a_valid_certificate() {
    let world = World::new();
    let delegate = |change: &dyn Fn(&mut rcgen::CertificateParams)| {
        world.check_delegate(&Delegate::of(&world.ca, change))
    };
    for purposes in [vec![], vec![ExtendedKeyUsagePurpose::ClientAuth], vec![ExtendedKeyUsagePurpose::Any]] {
        let found = delegate(&|params| params.extended_key_usages.clone_from(&purposes));
        assert_eq!(found, Err(OcspError::DelegatePurpose));
    }
    let found = delegate(&|params| params.key_usages = vec![KeyUsagePurpose::KeyAgreement]);
    assert_eq!(found, Err(OcspError::DelegatePurpose));
    // A CA below names the purpose so that its own delegates may have it.
    let found = delegate(&|params| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained));
    assert_eq!(found, Err(OcspError::DelegatePurpose));
    let found = delegate(&|params| params.not_before = date_time_ymd(2027, 1, 16));
    assert_eq!(found, Err(OcspError::DelegateValidity));
    let found = delegate(&|params| params.not_after = date_time_ymd(2027, 1, 15));
    assert_eq!(found, Err(OcspError::DelegateValidity));
}

#[test]
fn c03_a_person_cannot_answer_for_themselves() {
    let world = World::new();
    let kim = Delegate::of(&world.ca, |params| {
        params.distinguished_name = named("Kim");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    });
    assert_eq!(world.check_delegate(&kim), Err(OcspError::DelegatePurpose));
}

#[test]
fn c03_the_algorithm_of_a_signature_belongs_to_the_key() {
    let world = World::new();
    for algorithm in [&rcgen::PKCS_ECDSA_P256_SHA256, &rcgen::PKCS_ECDSA_P384_SHA384, &rcgen::PKCS_ED25519] {
        let key = KeyPair::generate_for(algorithm).unwrap();
        assert_eq!(
            world.check_delegate(&Delegate::with_key(&world.ca, key, |_| {})),
            Ok(()),
            "{algorithm:?}"
        );
    }
    let delegate = Delegate::of(&world.ca, |_| {});
    for algorithm in [ED25519, ECDSA_WITH_SHA1] {
        let forged = world.good().by(&delegate).to_der(|content| delegate.sign_as(algorithm, content));
        let refused = Err(OcspError::Signature(SignatureError::Algorithm));
        assert_eq!(world.verify(&forged, NonceCheck::NotSent), refused);
    }
}

#[test]
fn c03_replayed_answers() {
    let world = World::new();
    let at = |this_update: &str, next_update: Option<&str>, produced_at: &str, status: &[u8]| {
        let mut response = Response::new(&world.ca, world.single(status));
        this_update.clone_into(&mut response.singles[0].this_update);
        response.singles[0].next_update = next_update.map(str::to_owned);
        produced_at.clone_into(&mut response.produced_at);
        world.check(&response).map(|_| ())
    };
    let (now, soon, later) = ("20270115080000Z", "20270115080100Z", "20270115080101Z");
    let (before, long_ago) = ("20270115075900Z", "20270115075859Z");
    let out_of_date = Err(OcspError::OutOfDate);
    assert_eq!(at(now, Some(now), now, GOOD), Ok(()));
    assert_eq!(at(soon, None, soon, GOOD), Ok(()));
    assert_eq!(at(later, None, now, GOOD), out_of_date);
    assert_eq!(at(now, None, later, GOOD), out_of_date);
    assert_eq!(at(long_ago, Some(before), long_ago, GOOD), Ok(()));
    assert_eq!(at(long_ago, Some(long_ago), long_ago, GOOD), out_of_date);
    // Without an end, an answer is one of now.
    assert_eq!(at(before, None, before, GOOD), Ok(()));
    assert_eq!(at(long_ago, None, long_ago, GOOD), out_of_date);
    assert_eq!(at(long_ago, None, long_ago, UNKNOWN), out_of_date);
    // A suspension may be over; another revocation never is.
    assert_eq!(at(long_ago, None, long_ago, &revoked(6)), out_of_date);
    assert_eq!(at(long_ago, None, long_ago, &revoked(1)), Ok(()));
}

#[test]
fn c03_nonces() {
    let world = World::new();
    let (sent, other) = (Nonce::new(&[7; 32]).unwrap(), [8; 32]);
    let sign = |response: Response| response.to_der(|content| world.ca.sign(content));
    let none = sign(world.good());
    let same = sign(world.good().with_nonce(&[7; 32]));
    let other = sign(world.good().with_nonce(&other));
    let cut = sign(world.good().with_nonce(&[7; 31]));
    let mut bare = world.good();
    bare.extensions.push(extension(crate::responses::NONCE, false, &[7; 32]));
    let bare = sign(bare);
    let verify = |response: &[u8], nonce| world.verify(response, nonce).map(|_| ());
    assert_eq!(verify(&none, NonceCheck::Required(&sent)), Err(OcspError::NoNonce));
    assert_eq!(verify(&none, NonceCheck::IfReturned(&sent)), Ok(()));
    for nonce in [NonceCheck::Required(&sent), NonceCheck::IfReturned(&sent)] {
        assert_eq!(verify(&same, nonce), Ok(()));
        for response in [&other, &cut, &bare] {
            assert_eq!(verify(response, nonce), Err(OcspError::OtherNonce));
        }
    }
    assert_eq!(verify(&other, NonceCheck::NotSent), Ok(()));
    for len in [0, 15, 33] {
        assert_eq!(Nonce::new(&vec![0; len]), Err(NonceLength));
    }
}

#[test]
fn what_a_responder_says_instead_of_an_answer() {
    let world = World::new();
    for (code, refusal) in [
        (1, ResponderRefusal::MalformedRequest),
        (2, ResponderRefusal::InternalError),
        (3, ResponderRefusal::TryLater),
        (5, ResponderRefusal::SignatureRequired),
        (6, ResponderRefusal::Unauthorized),
    ] {
        let refused = world.verify(&[0x30, 3, 10, 1, code], NonceCheck::NotSent);
        assert_eq!(refused, Err(OcspError::Refused(refusal)));
    }
    for malformed in [
        &[0x30, 3, 10, 1, 4][..],
        &[0x30, 3, 10, 1, 0],
        &[0x30, 3, 10, 1, 7],
        &[0x30, 5, 10, 1, 1, 5, 0],
        &[],
    ] {
        assert_eq!(world.verify(malformed, NonceCheck::NotSent), Err(OcspError::Malformed));
    }
}

#[test]
fn malformed_answers_are_refused() {
    let world = World::new();
    let with_status =
        |status: &[u8]| world.check(&Response::new(&world.ca, world.single(status))).map(|_| ());
    let long_ago = der(0x18, &[b"20260601000000Z"]);
    for status in [
        &[0x80, 1, 0][..],
        &[0xa0, 0],
        &[0x83, 0],
        &[0xa1, 0],
        &revoked(7),
        &revoked(8),
        &der(0xa1, &[&long_ago, &der(0xa0, &[&[2, 1, 1]])]),
        &der(0xa1, &[&der(0x17, &[b"260601000000Z"])]),
    ] {
        assert_eq!(with_status(status), Err(OcspError::Malformed), "{status:02x?}");
    }
    let mut response = world.good();
    response.responder = [&[0xa0, 3, 2, 1, 0][..], &response.responder].concat();
    assert_eq!(world.check(&response), Err(OcspError::Malformed));
    assert_eq!(world.verify(&wrap(&[0x30, 0]), NonceCheck::NotSent), Err(OcspError::Malformed));
    let long = vec![0; MAX_OCSP_RESPONSE_LEN + 1];
    assert_eq!(world.verify(&long, NonceCheck::NotSent), Err(OcspError::TooLong));
}

#[test]
fn unknown_critical_extensions_are_refused() {
    let world = World::new();
    let unknown = |critical| extension(&[0x2a, 3, 4], critical, &[5, 0]);
    let refused = Err(OcspError::CriticalExtension("1.2.3.4".parse().unwrap()));
    for (critical, good) in [(false, true), (true, false)] {
        let mut response = world.good();
        response.extensions.push(unknown(critical));
        assert_eq!(world.check(&response).map(|_| ()), if good { Ok(()) } else { refused.clone() });
        let mut response = world.good();
        response.singles[0].extensions.push(unknown(critical));
        assert_eq!(world.check(&response).map(|_| ()), if good { Ok(()) } else { refused.clone() });
    }
}

#[test]
fn short_requests_go_by_get() {
    let world = World::new();
    let issued = world.person.issued().next().unwrap();
    let request = OcspRequest::new(&issued, NameHash::Sha1, None);
    let url = request.get_url("http://ocsp.example/").unwrap();
    assert!(url.starts_with("http://ocsp.example/ME") && url.len() <= 255, "{url}");
    assert!(url[20..].bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'%'), "{url}");
    assert_eq!(request.get_url("http://ocsp.example"), Some(url));
    assert_eq!(request.get_url("http://ocsp.example/?a=1"), None);
    assert_eq!(request.get_url(&format!("http://ocsp.example/{}", "a".repeat(150))), None);
    let nonce = Nonce::new(&[0xff; 32]).unwrap();
    assert_eq!(
        OcspRequest::new(&issued, NameHash::Sha256, Some(&nonce)).get_url("http://ocsp.example"),
        None
    );
}
