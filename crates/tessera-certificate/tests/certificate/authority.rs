//! A CA that issues whatever a test wants.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, SerialNumber, SigningKey as _, date_time_ymd,
};
use tessera_certificate::{
    Certificate, ChainError, KeyStorage, Requirements, TrustAnchors, Verification, VerifiedCertificate,
};

/// 2027-01-15T08:00:00Z.
pub(crate) const NOW: u64 = 1_800_000_000;
pub(crate) const DAY: u64 = 86_400;

pub(crate) struct Authority {
    params: CertificateParams,
    key: KeyPair,
    pub(crate) der: Vec<u8>,
}

impl Authority {
    pub(crate) fn root() -> Self {
        Self::root_with(|_| {})
    }

    pub(crate) fn root_with(change: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut params = ca_params("Root");
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let der = params.self_signed(&key).unwrap().der().to_vec();
        Self { params, key, der }
    }

    /// The same CA with a new certificate for its key.
    pub(crate) fn renewed(&self, change: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut params = self.params.clone();
        change(&mut params);
        let der = params.self_signed(&self.key).unwrap().der().to_vec();
        let key = KeyPair::try_from(self.key.serialize_der()).unwrap();
        Self { params, key, der }
    }

    /// A CA below this one.
    pub(crate) fn below(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Self {
        self.below_with_key(KeyPair::generate().unwrap(), name, change)
    }

    pub(crate) fn below_with_key(
        &self,
        key: KeyPair,
        name: &str,
        change: impl FnOnce(&mut CertificateParams),
    ) -> Self {
        let mut params = ca_params(name);
        change(&mut params);
        let der = params.signed_by(&key, &self.issuer()).unwrap().der().to_vec();
        Self { params, key, der }
    }

    /// The certificate of a person.
    pub(crate) fn issue(&self, change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
        self.issue_for(&KeyPair::generate().unwrap(), change)
    }

    pub(crate) fn issue_for(&self, key: &KeyPair, change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
        let mut params = person_params();
        change(&mut params);
        params.signed_by(key, &self.issuer()).unwrap().der().to_vec()
    }

    pub(crate) fn certificate(&self) -> Certificate {
        Certificate::parse(&self.der).unwrap()
    }

    /// An element that the CA signs: a certificate, a list or a response without its outer frame.
    pub(crate) fn sign(&self, content: &[u8]) -> Vec<u8> {
        sign(&self.key, content)
    }

    pub(crate) fn anchors(&self) -> TrustAnchors {
        let mut anchors = TrustAnchors::new();
        anchors.add_pem("staff", KeyStorage::Hardware, self.pem().as_bytes()).unwrap();
        anchors
    }

    pub(crate) fn pem(&self) -> String {
        pem(&self.der)
    }

    pub(crate) fn verify(&self, chain: &[Vec<u8>]) -> Result<VerifiedCertificate, ChainError> {
        self.verify_for(chain, &Requirements::default())
    }

    pub(crate) fn verify_for(
        &self,
        chain: &[Vec<u8>],
        requirements: &Requirements,
    ) -> Result<VerifiedCertificate, ChainError> {
        Verification { anchors: &self.anchors(), requirements, now: NOW }.verify(chain)
    }

    fn issuer(&self) -> Issuer<'_, &KeyPair> {
        Issuer::from_params(&self.params, &self.key)
    }
}

pub(crate) fn pem(der: &[u8]) -> String {
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(der))
}

fn ca_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = named(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages =
        vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign, KeyUsagePurpose::DigitalSignature];
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2040, 1, 1);
    params
}

fn person_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = named("Kim");
    params.is_ca = IsCa::ExplicitNoCa;
    params.serial_number = Some(SerialNumber::from_slice(&[0x2a]));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2028, 1, 1);
    params
}

pub(crate) fn named(name: &str) -> DistinguishedName {
    let mut names = DistinguishedName::new();
    names.push(DnType::OrganizationName, "Example");
    names.push(DnType::CommonName, name);
    names
}

/// Element, algorithm and signature, side by side.
pub(crate) fn sign(key: &KeyPair, content: &[u8]) -> Vec<u8> {
    sign_as(key, algorithm(key), content)
}

/// As [`sign`], whatever the algorithm is said to be.
pub(crate) fn sign_as(key: &KeyPair, algorithm: &[u8], content: &[u8]) -> Vec<u8> {
    let signature = key.sign(content).unwrap();
    [content, algorithm, &der(0x03, &[&[0], &signature])].concat()
}

/// The `AlgorithmIdentifier` of what a key signs.
fn algorithm(key: &KeyPair) -> &'static [u8] {
    if key.algorithm() == &rcgen::PKCS_ED25519 {
        ED25519
    } else if key.algorithm() == &rcgen::PKCS_ECDSA_P384_SHA384 {
        ECDSA_WITH_SHA384
    } else {
        ECDSA_WITH_SHA256
    }
}

pub(crate) const ECDSA_WITH_SHA1: &[u8] = &[0x30, 9, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1];
pub(crate) const ECDSA_WITH_SHA256: &[u8] = &[0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
const ECDSA_WITH_SHA384: &[u8] = &[0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3];
pub(crate) const ED25519: &[u8] = &[0x30, 5, 6, 3, 0x2b, 0x65, 0x70];

/// An element of DER.
pub(crate) fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let len = content.len().to_be_bytes();
    let length = match content.len() {
        0..0x80 => vec![len[7]],
        0x80..0x100 => vec![0x81, len[7]],
        0x100..0x1_0000 => vec![0x82, len[6], len[7]],
        _ => vec![0x83, len[5], len[6], len[7]],
    };
    [&[tag], length.as_slice(), &content].concat()
}

/// An extension. `id` is the content of an object identifier.
pub(crate) fn extension(id: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if critical { der(1, &[&[0xff]]) } else { Vec::new() };
    der(0x30, &[&der(6, &[id]), &critical, &der(4, &[value])])
}

/// The content of the first element.
pub(crate) fn content(der: &[u8]) -> &[u8] {
    match der[1] {
        short @ ..=0x7f => &der[2..2 + usize::from(short)],
        0x81 => &der[3..3 + usize::from(der[2])],
        _ => &der[4..4 + (usize::from(der[2]) << 8 | usize::from(der[3]))],
    }
}
