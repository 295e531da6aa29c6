//! The formats `none`, `packed` and `fido-u2f`, and those that are not verified (sections 8.2, 8.6 and 8.7).

use rcgen::{BasicConstraints, DistinguishedName, DnType, IsCa};
use tessera_jose::digest;
use tessera_webauthn::{
    Attestation, AttestationError, AttestationPolicy, BadKey, CborError, CertificateError, CoseAlgorithm,
    Format, MAX_CERTIFICATE_LEN, Registered, RegistrationError, Voucher, WrongSignature,
};

use crate::authenticator::{Authenticator, KeyPair, RP_ID};
use crate::cbor::Value;
use crate::certificates::{AAGUID, Attester, der, subject, x5c};

const WANTED: AttestationPolicy = AttestationPolicy::Wanted;

fn packed(authenticator: &Authenticator, attester: &Attester, chain: &[Vec<u8>]) -> Vec<u8> {
    let members = vec![
        ("alg", Value::Int(attester.algorithm.number())),
        ("sig", Value::Bytes(attester.key.sign(&authenticator.signed()))),
        ("x5c", x5c(chain)),
    ];
    authenticator.object("packed", Value::named(members))
}

fn register(authenticator: &Authenticator, attester: &Attester) -> Result<Registered, RegistrationError> {
    authenticator.register_with(&packed(authenticator, attester, &attester.chain()), WANTED)
}

fn refused(attester: &Attester) -> RegistrationError {
    register(&Authenticator::es256(), attester).unwrap_err()
}

fn certificate(error: CertificateError) -> RegistrationError {
    AttestationError::Certificate(error).into()
}

fn u2f(authenticator: &Authenticator, attester: &KeyPair, chain: &[Vec<u8>]) -> Vec<u8> {
    let (x, y) = authenticator.key.point();
    let client_data = digest::sha256(&authenticator.client_data.json());
    let rp = digest::sha256(RP_ID.as_bytes());
    let signed = [&[0][..], &rp, &client_data, &authenticator.id, &[4], &x, &y].concat();
    let members = vec![("sig", Value::Bytes(attester.sign(&signed))), ("x5c", x5c(chain))];
    authenticator.object("fido-u2f", Value::named(members))
}

#[test]
fn self_attestation_is_told() {
    for algorithm in CoseAlgorithm::ALL {
        let authenticator = Authenticator::new(algorithm);
        let registered =
            authenticator.register_with(&authenticator.self_attested(algorithm.number()), WANTED).unwrap();
        assert_eq!(registered.attestation, Attestation::SelfSigned);
        assert_eq!(registered.attested_aaguid(), None);
    }
}

#[test]
fn l37_self_attestation_by_another_key_or_algorithm_is_refused() {
    let mut authenticator = Authenticator::es256();
    let object = authenticator.self_attested(-257);
    let refused = authenticator.register_with(&object, WANTED);
    assert_eq!(refused, Err(AttestationError::AlgorithmMismatch.into()));
    authenticator.key = KeyPair::generate(CoseAlgorithm::Es256);
    let refused = authenticator.register_with(&authenticator.self_attested(-7), WANTED);
    assert_eq!(refused, Err(AttestationError::Signature(WrongSignature).into()));
}

#[test]
fn packed_with_certificates_of_every_algorithm() {
    let authenticator = Authenticator::es256();
    for algorithm in CoseAlgorithm::ALL {
        let mut attester = Attester::new(algorithm);
        attester.extend(AAGUID, der(&[0x04], &[&authenticator.aaguid]));
        let chain = attester.chain();
        let object = packed(&authenticator, &attester, &chain);
        let registered = authenticator.register_with(&object, WANTED).unwrap();
        let (format, voucher) = (Format::Packed, Voucher::BasicOrAttestationCa);
        assert_eq!(registered.attestation, Attestation::Certified { format, voucher, chain });
        assert_eq!(registered.attested_aaguid(), Some(registered.aaguid));
    }
}

#[test]
fn a_certificate_need_not_name_the_model() {
    assert!(register(&Authenticator::es256(), &Attester::new(CoseAlgorithm::Es256)).is_ok());
}

#[test]
fn l37_a_certificate_of_another_model_is_refused() {
    let mut attester = Attester::new(CoseAlgorithm::Es256);
    attester.extend(AAGUID, der(&[0x04], &[&[0xbb; 16]]));
    assert_eq!(refused(&attester), certificate(CertificateError::Aaguid));
    for content in
        [vec![0xaa; 16], der(&[0x04], &[&[0xaa; 15]]), [der(&[0x04], &[&[0xaa; 16]]), vec![0]].concat()]
    {
        let mut attester = Attester::new(CoseAlgorithm::Es256);
        attester.extend(AAGUID, content);
        assert_eq!(refused(&attester), certificate(CertificateError::Extension("1.3.6.1.4.1.45724.1.1.4")));
    }
    let mut attester = Attester::new(CoseAlgorithm::Es256);
    attester.extend(AAGUID, der(&[0x04], &[&[0xaa; 16]]));
    attester.extend(AAGUID, der(&[0x04], &[&[0xaa; 16]]));
    assert_eq!(refused(&attester), certificate(CertificateError::Extension("1.3.6.1.4.1.45724.1.1.4")));
    let mut attester = Attester::new(CoseAlgorithm::Es256);
    attester.extend(AAGUID, der(&[0x04], &[&[0xaa; 16]]));
    attester.set_critical();
    assert_eq!(refused(&attester), certificate(CertificateError::Extension("1.3.6.1.4.1.45724.1.1.4")));
}

#[test]
fn l37_a_certificate_that_is_none_of_an_authenticator_is_refused() {
    let with = |change: &dyn Fn(&mut Attester)| {
        let mut attester = Attester::new(CoseAlgorithm::Es256);
        change(&mut attester);
        refused(&attester)
    };
    let wrong = certificate(CertificateError::Subject);
    assert_eq!(with(&|attester| attester.params.distinguished_name = subject("Servers")), wrong);
    assert_eq!(with(&|attester| attester.params.distinguished_name = DistinguishedName::new()), wrong);
    let constraints = certificate(CertificateError::BasicConstraints);
    assert_eq!(with(&|attester| attester.params.is_ca = IsCa::NoCa), constraints);
    let ca = IsCa::Ca(BasicConstraints::Unconstrained);
    assert_eq!(with(&|attester| attester.params.is_ca = ca), constraints);
}

#[test]
fn l37_a_certificate_of_version_2_is_refused() {
    let mut attester = Attester::new(CoseAlgorithm::Es256);
    attester.version = 1;
    assert_eq!(refused(&attester), certificate(CertificateError::Version));
}

#[test]
fn l37_a_certificate_names_maker_country_and_model() {
    for missing in
        [DnType::CountryName, DnType::OrganizationName, DnType::OrganizationalUnitName, DnType::CommonName]
    {
        let mut attester = Attester::new(CoseAlgorithm::Es256);
        assert!(attester.params.distinguished_name.remove(missing.clone()));
        assert_eq!(refused(&attester), certificate(CertificateError::Subject), "{missing:?}");
        attester.params.distinguished_name.push(missing.clone(), "");
        assert_eq!(refused(&attester), certificate(CertificateError::Subject), "{missing:?}");
    }
    for country in ["NLD", "N1"] {
        let mut attester = Attester::new(CoseAlgorithm::Es256);
        attester.params.distinguished_name.push(DnType::CountryName, country);
        assert_eq!(refused(&attester), certificate(CertificateError::Subject), "{country}");
    }
}

#[test]
fn l37_a_statement_signed_by_somebody_else_is_refused() {
    let authenticator = Authenticator::es256();
    let (attester, other) = (Attester::new(CoseAlgorithm::Es256), Attester::new(CoseAlgorithm::Es256));
    let object = packed(&authenticator, &attester, &other.chain());
    let refused = authenticator.register_with(&object, WANTED);
    assert_eq!(refused, Err(AttestationError::Signature(WrongSignature).into()));
    // An algorithm that the key cannot have.
    let attester = Attester { algorithm: CoseAlgorithm::Rs256, ..attester };
    let refused = register(&authenticator, &attester).unwrap_err();
    assert!(matches!(refused, RegistrationError::Attestation(AttestationError::Key(BadKey::Refused(_)))));
}

#[test]
fn l37_a_chain_is_there_and_short() {
    let authenticator = Authenticator::es256();
    let attester = Attester::new(CoseAlgorithm::Es256);
    let chain = attester.chain();
    let with = |chain: &[Vec<u8>]| {
        authenticator.register_with(&packed(&authenticator, &attester, chain), WANTED).map(drop)
    };
    assert_eq!(with(&[]), Err(AttestationError::ChainLength.into()));
    assert_eq!(with(&vec![chain[0].clone(); 9]), Err(AttestationError::ChainLength.into()));
    assert_eq!(with(&vec![chain[0].clone(); 8]), Ok(()));
    let malformed = Err(certificate(CertificateError::Malformed));
    assert_eq!(with(&[vec![]]), malformed);
    assert_eq!(with(&[[chain[0].clone(), vec![0]].concat()]), malformed);
    assert_eq!(with(&[chain[0][..chain[0].len() - 1].to_vec()]), malformed);
}

#[test]
fn l37_a_certificate_that_takes_long_to_read_is_not_read() {
    let authenticator = Authenticator::es256();
    let mut attester = Attester::new(CoseAlgorithm::Es256);
    attester.extend(&[1, 2, 3, 4], vec![0; MAX_CERTIFICATE_LEN / 2]);
    assert!(register(&authenticator, &attester).is_ok());
    attester.extend(&[1, 2, 3, 5], vec![0; MAX_CERTIFICATE_LEN / 2]);
    assert_eq!(refused(&attester), certificate(CertificateError::TooLong));
}

#[test]
fn l37_statements_with_other_members_are_refused() {
    let authenticator = Authenticator::es256();
    let sig = || ("sig", Value::Bytes(authenticator.key.sign(&authenticator.signed())));
    let alg = || ("alg", Value::Int(-7));
    let refused = |format, statement: Value| {
        authenticator
            .register_with(&authenticator.object(format, statement), AttestationPolicy::NotWanted)
            .err()
    };
    let members = Some(RegistrationError::from(AttestationError::Members));
    assert_eq!(refused("none", Value::named(vec![sig()])), members);
    for format in ["packed", "fido-u2f", "android-key", "apple", "tpm"] {
        assert_eq!(refused(format, Value::named(vec![])), members, "{format}");
        assert_eq!(refused(format, Value::named(vec![alg()])), members, "{format}");
        let foreign = vec![alg(), sig(), ("ecdaaKeyId", Value::bytes(&[1]))];
        assert_eq!(refused(format, Value::named(foreign)), members, "{format}");
    }
    assert_eq!(refused("packed", Value::named(vec![sig(), ("ver", Value::Text("2.0"))])), members);
    let cbor = |error| Some(RegistrationError::from(AttestationError::Cbor(error)));
    assert_eq!(refused("packed", Value::Array(vec![])), cbor(CborError::WrongType));
    assert_eq!(
        refused("packed", Value::named(vec![("alg", Value::Text("ES256"))])),
        cbor(CborError::WrongType)
    );
}

#[test]
fn a_format_that_is_not_verified_proves_nothing() {
    let authenticator = Authenticator::es256();
    for format in ["android-safetynet", "compound", "Packed", "com.example.new"] {
        let object = authenticator.object(format, Value::Array(vec![Value::Int(1)]));
        let registered = authenticator.register_with(&object, AttestationPolicy::NotWanted).unwrap();
        assert_eq!(registered.attestation, Attestation::Unverified { format: format.to_owned() });
        assert_eq!(registered.attested_aaguid(), None);
        let refused = authenticator.register_with(&object, WANTED);
        assert_eq!(refused, Err(AttestationError::UnsupportedFormat(format.to_owned()).into()));
    }
}

#[test]
fn a_wrong_statement_is_refused_even_if_none_is_wanted() {
    let authenticator = Authenticator::es256();
    let other = Authenticator::es256();
    let statement = Value::named(vec![
        ("alg", Value::Int(-7)),
        ("sig", Value::Bytes(other.key.sign(&authenticator.signed()))),
    ]);
    let object = authenticator.object("packed", statement);
    let refused = authenticator.register_with(&object, AttestationPolicy::NotWanted);
    assert_eq!(refused, Err(AttestationError::Signature(WrongSignature).into()));
}

#[test]
fn fido_u2f_is_verified_but_covers_no_model() {
    let authenticator = Authenticator::es256();
    let attester = Attester::new(CoseAlgorithm::Es256);
    let chain = attester.chain()[..1].to_vec();
    let object = u2f(&authenticator, &attester.key, &chain);
    let registered = authenticator.register_with(&object, WANTED).unwrap();
    assert_eq!(registered.attested_aaguid(), None);
    let (format, voucher) = (Format::FidoU2f, Voucher::BasicOrAttestationCa);
    assert_eq!(registered.attestation, Attestation::Certified { format, voucher, chain });
}

#[test]
fn l37_fido_u2f_needs_one_certificate_and_keys_on_p_256() {
    let authenticator = Authenticator::es256();
    let attester = Attester::new(CoseAlgorithm::Es256);
    let object = u2f(&authenticator, &attester.key, &attester.chain());
    let refused = authenticator.register_with(&object, WANTED);
    assert_eq!(refused, Err(AttestationError::ChainLength.into()));

    let chain = attester.chain()[..1].to_vec();
    let object = u2f(&authenticator, &KeyPair::generate(CoseAlgorithm::Es256), &chain);
    let refused = authenticator.register_with(&object, WANTED);
    assert_eq!(refused, Err(AttestationError::Signature(WrongSignature).into()));

    let large = Attester::new(CoseAlgorithm::Es384);
    let object = u2f(&authenticator, &large.key, &large.chain()[..1]);
    let refused = authenticator.register_with(&object, WANTED).unwrap_err();
    assert!(matches!(refused, RegistrationError::Attestation(AttestationError::Key(BadKey::Refused(_)))));

    let authenticator = Authenticator::new(CoseAlgorithm::Es384);
    let object = u2f(&authenticator, &attester.key, &chain);
    let refused = authenticator.register_with(&object, WANTED);
    assert_eq!(refused, Err(AttestationError::AlgorithmMismatch.into()));
}
