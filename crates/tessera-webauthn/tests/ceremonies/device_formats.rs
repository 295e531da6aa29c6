//! The formats of devices: `android-key`, `apple` and `tpm` (sections 8.3, 8.4 and 8.8).

use rcgen::{DistinguishedName, ExtendedKeyUsagePurpose};
use tessera_jose::digest;
use tessera_webauthn::{
    Attestation, AttestationError, AttestationPolicy, CertificateError, CoseAlgorithm, Format, Registered,
    RegistrationError, Voucher, WrongSignature,
};

use crate::authenticator::{Authenticator, KeyPair};
use crate::cbor::Value;
use crate::certificates::{AAGUID, Attester, der, x5c};

const KEY_DESCRIPTION: &[u64] = &[1, 3, 6, 1, 4, 1, 11129, 2, 1, 17];
const APPLE_NONCE: &[u64] = &[1, 2, 840, 113_635, 100, 8, 2];
const APPLE_NONCE_TEXT: &str = "1.2.840.113635.100.8.2";
const ALTERNATIVE_NAME: &[u64] = &[2, 5, 29, 17];
const TPM_KEY: &[u64] = &[2, 23, 133, 8, 3];

fn register(authenticator: &Authenticator, object: &[u8]) -> Result<Registered, RegistrationError> {
    authenticator.register_with(object, AttestationPolicy::Wanted)
}

/// An attester that certifies the key of the credential itself.
fn own(authenticator: &Authenticator) -> Attester {
    let pkcs8 = authenticator.key.pkcs8();
    let algorithm = &aws_lc_rs::signature::ECDSA_P256_SHA256_ASN1_SIGNING;
    let pair = aws_lc_rs::signature::EcdsaKeyPair::from_pkcs8(algorithm, &pkcs8).unwrap();
    Attester::with_key(KeyPair::P256(pair), CoseAlgorithm::Es256)
}

/// The purposes, in hardware, of a key that signs.
fn purposes(purposes: &[u8]) -> Vec<u8> {
    let numbers: Vec<Vec<u8>> = purposes.iter().map(|purpose| der(&[0x02], &[&[*purpose]])).collect();
    der(&[0xa1], &[&der(&[0x31], &[&numbers.concat()])])
}

/// Tag 702.
fn origin(origin: u8) -> Vec<u8> {
    der(&[0xbf, 0x85, 0x3e], &[&der(&[0x02], &[&[origin]])])
}

/// Tag 600.
fn all_applications() -> Vec<u8> {
    der(&[0xbf, 0x84, 0x58], &[&[0x05, 0x00]])
}

fn description(challenge: &[u8], software: &[&[u8]], hardware: &[&[u8]]) -> Vec<u8> {
    let number = der(&[0x02], &[&[100]]);
    let level = der(&[0x0a], &[&[1]]);
    let (challenge, unique) = (der(&[0x04], &[challenge]), der(&[0x04], &[]));
    let lists = [der(&[0x30], software), der(&[0x30], hardware)];
    der(&[0x30], &[&number, &level, &number, &level, &challenge, &unique, &lists[0], &lists[1]])
}

fn android(authenticator: &Authenticator, attester: &Attester) -> Vec<u8> {
    let members = vec![
        ("alg", Value::Int(attester.algorithm.number())),
        ("sig", Value::Bytes(attester.key.sign(&authenticator.signed()))),
        ("x5c", x5c(&attester.chain())),
    ];
    authenticator.object("android-key", Value::named(members))
}

fn client_data_hash(authenticator: &Authenticator) -> [u8; 32] {
    digest::sha256(&authenticator.client_data.json())
}

/// Registers with a key description that was made by hand.
fn described_by(change: impl Fn(&Authenticator) -> Vec<u8>) -> Result<Registered, RegistrationError> {
    let authenticator = Authenticator::es256();
    let mut attester = own(&authenticator);
    attester.extend(KEY_DESCRIPTION, change(&authenticator));
    register(&authenticator, &android(&authenticator, &attester))
}

fn described(software: &[&[u8]], hardware: &[&[u8]]) -> Result<Registered, RegistrationError> {
    described_by(|authenticator| description(&client_data_hash(authenticator), software, hardware))
}

#[test]
fn android_keys_of_hardware_are_verified() {
    let other = der(&[0xa2], &[&der(&[0x02], &[&[3]])]);
    let registered = described(&[&other], &[&purposes(&[2]), &other, &origin(0)]).unwrap();
    assert_eq!(registered.attested_aaguid(), Some(registered.aaguid));
    let Attestation::Certified { format: Format::AndroidKey, voucher: Voucher::Basic, chain } =
        registered.attestation
    else {
        panic!("not certified")
    };
    assert_eq!(chain.len(), 2);
}

#[test]
fn l37_android_keys_that_hardware_does_not_vouch_for_are_refused() {
    let (sign, generated) = (purposes(&[2]), origin(0));
    let lists = Err(AttestationError::AuthorizationList.into());
    assert_eq!(described(&[], &[]), lists);
    assert_eq!(described(&[&sign, &generated], &[]), lists);
    assert_eq!(described(&[], &[&sign]), lists);
    assert_eq!(described(&[], &[&generated]), lists);
    assert_eq!(described(&[], &[&purposes(&[2, 3]), &generated]), lists);
    assert_eq!(described(&[], &[&purposes(&[0]), &generated]), lists);
    assert_eq!(described(&[], &[&sign, &origin(2)]), lists);
    assert_eq!(described(&[&all_applications()], &[&sign, &generated]), lists);
    assert_eq!(described(&[], &[&sign, &all_applications(), &generated]), lists);
    let malformed =
        Err(AttestationError::Certificate(CertificateError::Extension("1.3.6.1.4.1.11129.2.1.17")).into());
    assert_eq!(described(&[], &[&sign, &generated, &generated]), malformed);
    assert_eq!(described(&[], &[&sign, &generated, &[0]]), malformed);
    let longer = described_by(|authenticator| {
        let whole = description(&client_data_hash(authenticator), &[], &[&sign, &generated]);
        der(&[0x30], &[&whole[2..], &[0x05, 0x00]])
    });
    assert_eq!(longer, malformed);
}

#[test]
fn l37_android_statements_about_another_key_or_registration_are_refused() {
    let authenticator = Authenticator::es256();
    let lists: [&[u8]; 2] = [&purposes(&[2]), &origin(0)];
    let mut attester = own(&authenticator);
    let missing = CertificateError::MissingExtension("1.3.6.1.4.1.11129.2.1.17");
    let refused = register(&authenticator, &android(&authenticator, &attester));
    assert_eq!(refused, Err(AttestationError::Certificate(missing).into()));
    attester.extend(KEY_DESCRIPTION, description(&[7; 32], &[], &lists));
    let refused = register(&authenticator, &android(&authenticator, &attester));
    assert_eq!(refused, Err(AttestationError::OtherRegistration.into()));
    let mut other = Attester::new(CoseAlgorithm::Es256);
    other.extend(KEY_DESCRIPTION, description(&client_data_hash(&authenticator), &[], &lists));
    let refused = register(&authenticator, &android(&authenticator, &other));
    assert_eq!(refused, Err(AttestationError::OtherKey.into()));
}

fn apple(authenticator: &Authenticator, attester: &Attester, alg: Option<i64>) -> Vec<u8> {
    let alg = alg.map(|alg| ("alg", Value::Int(alg)));
    let members = alg.into_iter().chain([("x5c", x5c(&attester.chain()))]).collect();
    authenticator.object("apple", Value::named(members))
}

fn nonce(nonce: &[u8]) -> Vec<u8> {
    der(&[0x30], &[&der(&[0xa1], &[&der(&[0x04], &[nonce])])])
}

#[test]
fn apple_devices_are_verified() {
    let authenticator = Authenticator::es256();
    let mut attester = own(&authenticator);
    attester.extend(APPLE_NONCE, nonce(&digest::sha256(&authenticator.signed())));
    for alg in [None, Some(-7)] {
        let registered = register(&authenticator, &apple(&authenticator, &attester, alg)).unwrap();
        let (format, voucher) = (Format::Apple, Voucher::AnonymizationCa);
        let Attestation::Certified { chain, .. } = registered.attestation.clone() else {
            panic!("{registered:?}")
        };
        assert_eq!(registered.attestation, Attestation::Certified { format, voucher, chain });
    }
    let refused = register(&authenticator, &apple(&authenticator, &attester, Some(-257)));
    assert_eq!(refused, Err(AttestationError::AlgorithmMismatch.into()));
}

#[test]
fn l37_apple_statements_about_another_key_or_registration_are_refused() {
    let authenticator = Authenticator::es256();
    let right = digest::sha256(&authenticator.signed());
    let with = |mut attester: Attester, extension: Option<Vec<u8>>| {
        if let Some(content) = extension {
            attester.extend(APPLE_NONCE, content);
        }
        register(&authenticator, &apple(&authenticator, &attester, None)).unwrap_err()
    };
    let certificate = |error| RegistrationError::from(AttestationError::Certificate(error));
    assert_eq!(
        with(own(&authenticator), None),
        certificate(CertificateError::MissingExtension(APPLE_NONCE_TEXT))
    );
    assert_eq!(
        with(own(&authenticator), Some(vec![0x30])),
        certificate(CertificateError::Extension(APPLE_NONCE_TEXT))
    );
    assert_eq!(with(own(&authenticator), Some(nonce(&[7; 32]))), AttestationError::OtherRegistration.into());
    let other = Attester::new(CoseAlgorithm::Es256);
    assert_eq!(with(other, Some(nonce(&right))), AttestationError::OtherKey.into());
}

/// The structures and the certificate of a TPM. Each can be changed before it is signed.
struct Tpm {
    attester: Attester,
    /// Who signs instead of the attester.
    signer: Option<KeyPair>,
    pub_area: Vec<u8>,
    cert_info: Vec<u8>,
    ver: &'static str,
}

impl Tpm {
    fn new(authenticator: &Authenticator, algorithm: CoseAlgorithm) -> Self {
        let mut attester = Attester::new(algorithm);
        attester.params.distinguished_name = DistinguishedName::new();
        attester.params.extended_key_usages = vec![ExtendedKeyUsagePurpose::Other(TPM_KEY.to_vec())];
        attester.extend(ALTERNATIVE_NAME, tpm_name(&[1, 2, 3]));
        let pub_area = public_area(authenticator, 0x000b);
        let cert_info = cert_info(&digest::sha256(&authenticator.signed()), &pub_area);
        Self { attester, signer: None, pub_area, cert_info, ver: "2.0" }
    }

    fn register(&self, authenticator: &Authenticator) -> Result<Registered, RegistrationError> {
        let signer = self.signer.as_ref().unwrap_or(&self.attester.key);
        let members = vec![
            ("alg", Value::Int(self.attester.algorithm.number())),
            ("sig", Value::Bytes(signer.sign(&self.cert_info))),
            ("ver", Value::Text(self.ver)),
            ("x5c", x5c(&self.attester.chain())),
            ("pubArea", Value::bytes(&self.pub_area)),
            ("certInfo", Value::bytes(&self.cert_info)),
        ];
        register(authenticator, &authenticator.object("tpm", Value::named(members)))
    }
}

/// A directory name with these attributes of the TCG: manufacturer, model, version.
fn tpm_name(attributes: &[u8]) -> Vec<u8> {
    let attributes: Vec<Vec<u8>> = attributes
        .iter()
        .map(|last| {
            let id = der(&[0x06], &[&[0x67, 0x81, 0x05, 0x02, *last]]);
            der(&[0x31], &[&der(&[0x30], &[&id, &der(&[0x0c], &[b"id:00000001"])])])
        })
        .collect();
    der(&[0x30], &[&der(&[0xa4], &[&der(&[0x30], &[&attributes.concat()])])])
}

fn sized(bytes: &[u8]) -> Vec<u8> {
    [&u16::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
}

/// `TPMT_PUBLIC` of the credential's key.
fn public_area(authenticator: &Authenticator, hash: u16) -> Vec<u8> {
    let head =
        |kind: u16| [&kind.to_be_bytes()[..], &hash.to_be_bytes(), &[0, 4, 0, 0, 0, 0, 0, 0x10]].concat();
    if let KeyPair::Rsa(_) = &authenticator.key {
        let n = authenticator.key.modulus();
        return [&head(1)[..], &[0x00, 0x14, 0x00, 0x0b, 0x08, 0x00, 0, 0, 0, 0], &sized(&n)].concat();
    }
    let (x, y) = authenticator.key.point();
    [&head(0x23)[..], &[0x00, 0x10, 0x00, 0x03, 0x00, 0x10], &sized(&x), &sized(&y)].concat()
}

/// `TPMS_ATTEST` about the public area.
fn cert_info(extra_data: &[u8], pub_area: &[u8]) -> Vec<u8> {
    let name = [&[0x00, 0x0b][..], &digest::sha256(pub_area)].concat();
    let head = [0xff, 0x54, 0x43, 0x47, 0x80, 0x17];
    [&head[..], &sized(&[9; 4]), &sized(extra_data), &[7; 25], &sized(&name), &sized(&[8; 34])].concat()
}

#[test]
fn keys_of_a_tpm_are_verified() {
    for credential in [CoseAlgorithm::Es256, CoseAlgorithm::Rs256] {
        for attestation in [CoseAlgorithm::Es256, CoseAlgorithm::Rs256] {
            let authenticator = Authenticator::new(credential);
            let mut tpm = Tpm::new(&authenticator, attestation);
            tpm.attester.extend(AAGUID, der(&[0x04], &[&authenticator.aaguid]));
            let registered = tpm.register(&authenticator).unwrap();
            assert_eq!(registered.attested_aaguid(), Some(registered.aaguid));
            let Attestation::Certified { format, voucher, .. } = registered.attestation else { panic!() };
            assert_eq!((format, voucher), (Format::Tpm, Voucher::AttestationCa));
        }
    }
}

#[test]
fn l37_tpm_statements_about_another_key_or_registration_are_refused() {
    let (authenticator, other) = (Authenticator::es256(), Authenticator::es256());
    let with = |change: &dyn Fn(&mut Tpm)| {
        let mut tpm = Tpm::new(&authenticator, CoseAlgorithm::Es256);
        change(&mut tpm);
        tpm.register(&authenticator).unwrap_err()
    };
    let signed = digest::sha256(&authenticator.signed());
    let foreign = public_area(&other, 0x000b);
    let other_key = RegistrationError::from(AttestationError::OtherKey);
    assert_eq!(with(&|tpm| tpm.pub_area = foreign.clone()), other_key);
    assert_eq!(with(&|tpm| tpm.cert_info = cert_info(&signed, &foreign)), other_key);
    let both = |tpm: &mut Tpm| {
        tpm.pub_area = foreign.clone();
        tpm.cert_info = cert_info(&signed, &foreign);
    };
    assert_eq!(with(&both), other_key);
    let other_registration = RegistrationError::from(AttestationError::OtherRegistration);
    assert_eq!(with(&|tpm| tpm.cert_info = cert_info(&[7; 32], &tpm.pub_area)), other_registration);
    assert_eq!(with(&|tpm| tpm.cert_info = cert_info(&[], &tpm.pub_area)), other_registration);
    assert_eq!(with(&|tpm| tpm.ver = "1.2"), AttestationError::Members.into());
}

#[test]
fn l37_malformed_structures_of_a_tpm_are_refused() {
    let authenticator = Authenticator::es256();
    let with = |change: &dyn Fn(&mut Tpm)| {
        let mut tpm = Tpm::new(&authenticator, CoseAlgorithm::Es256);
        change(&mut tpm);
        tpm.register(&authenticator).unwrap_err()
    };
    let area = RegistrationError::from(AttestationError::TpmStructure("pubArea"));
    let info = RegistrationError::from(AttestationError::TpmStructure("certInfo"));
    assert_eq!(with(&|tpm| tpm.pub_area.push(0)), area);
    assert_eq!(with(&|tpm| tpm.pub_area = public_area(&authenticator, 0x0004)), area);
    assert_eq!(with(&|tpm| tpm.pub_area.truncate(40)), area);
    assert_eq!(with(&|tpm| tpm.cert_info.push(0)), info);
    assert_eq!(with(&|tpm| tpm.cert_info.truncate(60)), info);
    assert_eq!(with(&|tpm| tpm.cert_info[0] = 0xfe), info);
    assert_eq!(with(&|tpm| tpm.cert_info[5] = 0x18), info);
    // The name says that it is a SHA-1 digest.
    let name = |tpm: &Tpm| tpm.cert_info.windows(4).position(|bytes| bytes == [0x00, 0x22, 0x00, 0x0b]);
    assert_eq!(
        with(&|tpm| {
            let at = name(tpm).unwrap();
            tpm.cert_info[at + 3] = 0x04;
        }),
        info
    );
}

#[test]
fn l37_certificates_that_are_none_of_a_tpm_are_refused() {
    let authenticator = Authenticator::es256();
    let with = |change: &dyn Fn(&mut Attester)| {
        let mut tpm = Tpm::new(&authenticator, CoseAlgorithm::Es256);
        change(&mut tpm.attester);
        tpm.register(&authenticator).unwrap_err()
    };
    let certificate = |error| RegistrationError::from(AttestationError::Certificate(error));
    let named = crate::certificates::subject("Authenticator Attestation");
    assert_eq!(
        with(&|attester| attester.params.distinguished_name = named.clone()),
        certificate(CertificateError::Subject)
    );
    assert_eq!(with(&|attester| attester.version = 1), certificate(CertificateError::Version));
    for attributes in [&[][..], &[1, 2], &[1, 3], &[2, 3]] {
        let name = tpm_name(attributes);
        let refused = with(&|attester| {
            attester.params.custom_extensions.clear();
            attester.extend(ALTERNATIVE_NAME, name.clone());
        });
        assert_eq!(refused, certificate(CertificateError::AlternativeName), "{attributes:?}");
    }
    assert_eq!(
        with(&|attester| attester.params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]),
        certificate(CertificateError::ExtendedKeyUsage)
    );
    assert_eq!(
        with(&|attester| attester.params.is_ca = rcgen::IsCa::NoCa),
        certificate(CertificateError::BasicConstraints)
    );
    assert_eq!(
        with(&|attester| attester.extend(AAGUID, der(&[0x04], &[&[0xbb; 16]]))),
        certificate(CertificateError::Aaguid)
    );
    let mut tpm = Tpm::new(&authenticator, CoseAlgorithm::Es256);
    tpm.attester.key = KeyPair::generate(CoseAlgorithm::EdDsa);
    tpm.attester.algorithm = CoseAlgorithm::EdDsa;
    assert_eq!(tpm.register(&authenticator), Err(AttestationError::Algorithm(-8).into()));
}

#[test]
fn l37_device_statements_signed_by_somebody_else_are_refused() {
    let authenticator = Authenticator::es256();
    let wrong = Err(AttestationError::Signature(WrongSignature).into());
    let other = KeyPair::generate(CoseAlgorithm::Es256);
    let mut tpm = Tpm::new(&authenticator, CoseAlgorithm::Es256);
    tpm.signer = Some(other);
    assert_eq!(tpm.register(&authenticator), wrong);
    let attester = own(&authenticator);
    let members = vec![
        ("alg", Value::Int(-7)),
        ("sig", Value::Bytes(attester.key.sign(b"something else"))),
        ("x5c", x5c(&attester.chain())),
    ];
    let object = authenticator.object("android-key", Value::named(members));
    assert_eq!(register(&authenticator, &object), wrong);
}
