//! How a request and an answer name a certificate: by hashes of its issuer, and its number (RFC 6960 section 4.1.1).

use tessera_jose::digest;

use crate::der;
use crate::key;
use crate::oid::ObjectIdentifier;
use crate::sha1::sha1;
use crate::verified::Issued;

/// The hash in a request. It finds the CA, and protects nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NameHash {
    /// What every responder understands (RFC 5019 section 2.1.1).
    #[default]
    Sha1,
    /// For responders that are known to understand it.
    Sha256,
}

impl NameHash {
    const ALL: [Self; 2] = [Self::Sha1, Self::Sha256];

    const fn oid(self) -> &'static str {
        match self {
            Self::Sha1 => "1.3.14.3.2.26",
            Self::Sha256 => "2.16.840.1.101.3.4.2.1",
        }
    }

    fn of(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => sha1(bytes).to_vec(),
            Self::Sha256 => digest::sha256(bytes).to_vec(),
        }
    }
}

/// The `CertID` of a certificate.
pub(super) fn cert_id(issued: &Issued<'_>, hash: NameHash) -> Vec<u8> {
    encode(issued, hash, &der::encode(der::NULL, &[]))
}

/// Whether this is a `CertID` of the certificate. Parameters of the hash may be left out (RFC 5754 section 2).
pub(super) fn is_cert_id(cert_id: &[u8], issued: &Issued<'_>) -> bool {
    let null = der::encode(der::NULL, &[]);
    NameHash::ALL
        .into_iter()
        .any(|hash| [null.as_slice(), &[]].iter().any(|absent| encode(issued, hash, absent) == cert_id))
}

fn encode(issued: &Issued<'_>, hash: NameHash, parameters: &[u8]) -> Vec<u8> {
    let ca = issued.issuer();
    let oid = hash.oid().parse::<ObjectIdentifier>();
    let oid = oid.as_ref().map(ObjectIdentifier::as_bytes).unwrap_or_default();
    let algorithm = der::encode(der::SEQUENCE, &[&der::encode(der::OBJECT_IDENTIFIER, &[oid]), parameters]);
    let name = der::encode(der::OCTET_STRING, &[&hash.of(ca.subject().as_der())]);
    let key = der::encode(der::OCTET_STRING, &[&hash.of(key::bits(ca.key()).unwrap_or_default())]);
    let serial = issued.certificate().serial().as_bytes();
    let zero: &[u8] = if serial.first().is_some_and(|first| *first >= 0x80) { &[0] } else { &[] };
    der::encode(der::SEQUENCE, &[&algorithm, &name, &key, &der::encode(der::INTEGER, &[zero, serial])])
}
