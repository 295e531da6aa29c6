//! Certificates of attestation keys, and the DER in their extensions.

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, DnValue, IsCa, Issuer,
    KeyPair as CertificateKey,
};
use tessera_webauthn::CoseAlgorithm;

use crate::authenticator::KeyPair;
use crate::cbor::Value;

pub(crate) const AAGUID: &[u64] = &[1, 3, 6, 1, 4, 1, 45724, 1, 1, 4];

/// An attestation key whose certificate can be changed before it is issued.
pub(crate) struct Attester {
    pub(crate) key: KeyPair,
    pub(crate) algorithm: CoseAlgorithm,
    pub(crate) params: CertificateParams,
    /// The version as it is encoded. It can be changed afterwards, because nobody here checks who issued the certificate.
    pub(crate) version: u8,
}

impl Attester {
    /// With the certificate that section 8.2.1 demands.
    pub(crate) fn new(algorithm: CoseAlgorithm) -> Self {
        Self::with_key(KeyPair::generate(algorithm), algorithm)
    }

    pub(crate) fn with_key(key: KeyPair, algorithm: CoseAlgorithm) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name = subject("Authenticator Attestation");
        params.is_ca = IsCa::ExplicitNoCa;
        Self { key, algorithm, params, version: 2 }
    }

    pub(crate) fn extend(&mut self, id: &[u64], content: Vec<u8>) {
        self.params.custom_extensions.push(CustomExtension::from_oid_content(id, content));
    }

    pub(crate) fn set_critical(&mut self) {
        self.params.custom_extensions.last_mut().unwrap().set_criticality(true);
    }

    /// The certificate and the one above it.
    pub(crate) fn chain(&self) -> Vec<Vec<u8>> {
        let mut above = CertificateParams::default();
        above.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let above_key = CertificateKey::generate().unwrap();
        let above_certificate = above.self_signed(&above_key).unwrap();
        let issuer = Issuer::new(above, above_key);
        let key = CertificateKey::try_from(self.key.pkcs8()).unwrap();
        let certificate = self.params.signed_by(&key, &issuer).unwrap();
        let mut der = certificate.der().to_vec();
        let version = der.windows(5).position(|bytes| bytes == [0xa0, 3, 2, 1, 2]).unwrap();
        der[version + 4] = self.version;
        vec![der, above_certificate.der().to_vec()]
    }
}

pub(crate) fn subject(unit: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CountryName, DnValue::PrintableString("NL".try_into().unwrap()));
    name.push(DnType::OrganizationName, "Maker of tokens");
    name.push(DnType::OrganizationalUnitName, unit);
    name.push(DnType::CommonName, "Token 1");
    name
}

pub(crate) fn x5c(chain: &[Vec<u8>]) -> Value {
    Value::Array(chain.iter().map(|der| Value::bytes(der)).collect())
}

/// An element of DER. A tag beyond one byte comes as its bytes.
pub(crate) fn der(tag: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let len = content.len().to_be_bytes();
    let length = match content.len() {
        0..0x80 => vec![len[7]],
        0x80..0x100 => vec![0x81, len[7]],
        _ => vec![0x82, len[6], len[7]],
    };
    [tag, &length, &content].concat()
}
