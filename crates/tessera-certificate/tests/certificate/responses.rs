//! A responder that answers whatever a test wants.

use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyPair, SerialNumber, date_time_ymd};
use tessera_certificate::{Issued, NameHash, OcspRequest};

use crate::authority::{Authority, content, der, extension, named, sign, sign_as};

pub(crate) const NONCE: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 0x30, 1, 2];
pub(crate) const GOOD: &[u8] = &[0x80, 0];
pub(crate) const UNKNOWN: &[u8] = &[0x82, 0];

/// Revoked since June 2026.
pub(crate) fn revoked(reason: u8) -> Vec<u8> {
    der(0xa1, &[&der(0x18, &[b"20260601000000Z"]), &der(0xa0, &[&[10, 1, reason]])])
}

/// The answer about one certificate. Times are `GeneralizedTime`.
#[derive(Clone)]
pub(crate) struct Single {
    pub(crate) cert_id: Vec<u8>,
    pub(crate) status: Vec<u8>,
    pub(crate) this_update: String,
    pub(crate) next_update: Option<String>,
    pub(crate) extensions: Vec<Vec<u8>>,
}

impl Single {
    /// Known for an hour, and good for a day.
    pub(crate) fn new(issued: &Issued<'_>, status: &[u8]) -> Self {
        Self {
            cert_id: cert_id(issued, NameHash::Sha1),
            status: status.to_vec(),
            this_update: "20270115070000Z".to_owned(),
            next_update: Some("20270116070000Z".to_owned()),
            extensions: Vec::new(),
        }
    }

    fn to_der(&self) -> Vec<u8> {
        let time = |time: &String| der(0x18, &[time.as_bytes()]);
        let next_update = self.next_update.as_ref().map(|next| der(0xa0, &[&time(next)])).unwrap_or_default();
        let parts: [&[u8]; 5] = [
            &self.cert_id,
            &self.status,
            &time(&self.this_update),
            &next_update,
            &extensions(1, &self.extensions),
        ];
        der(0x30, &parts)
    }
}

/// The parts of a response.
#[derive(Clone)]
pub(crate) struct Response {
    pub(crate) responder: Vec<u8>,
    pub(crate) produced_at: String,
    pub(crate) singles: Vec<Single>,
    pub(crate) extensions: Vec<Vec<u8>>,
    pub(crate) certificates: Vec<Vec<u8>>,
}

impl Response {
    /// By the CA itself, a minute ago.
    pub(crate) fn new(ca: &Authority, single: Single) -> Self {
        Self {
            responder: der(0xa1, &[ca.certificate().subject().as_der()]),
            produced_at: "20270115075900Z".to_owned(),
            singles: vec![single],
            extensions: Vec::new(),
            certificates: Vec::new(),
        }
    }

    /// By a delegate instead.
    pub(crate) fn by(mut self, delegate: &Delegate) -> Self {
        let name = tessera_certificate::Certificate::parse(&delegate.der).unwrap();
        self.responder = der(0xa1, &[name.subject().as_der()]);
        self.certificates = vec![delegate.der.clone()];
        self
    }

    pub(crate) fn with_nonce(mut self, nonce: &[u8]) -> Self {
        self.extensions.push(extension(NONCE, false, &der(4, &[nonce])));
        self
    }

    pub(crate) fn to_der(&self, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> Vec<u8> {
        let singles: Vec<u8> = self.singles.iter().flat_map(Single::to_der).collect();
        let produced_at = der(0x18, &[self.produced_at.as_bytes()]);
        let parts: [&[u8]; 4] =
            [&self.responder, &produced_at, &der(0x30, &[&singles]), &extensions(1, &self.extensions)];
        let certificates = if self.certificates.is_empty() {
            Vec::new()
        } else {
            der(0xa0, &[&der(0x30, &[&self.certificates.concat()])])
        };
        wrap(&der(0x30, &[&sign(&der(0x30, &parts)), &certificates]))
    }
}

/// The outer frame of a response.
pub(crate) fn wrap(basic: &[u8]) -> Vec<u8> {
    const BASIC: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 0x30, 1, 1];
    let bytes = der(0x30, &[&der(6, &[BASIC]), &der(4, &[basic])]);
    der(0x30, &[&[10, 1, 0], &der(0xa0, &[&bytes])])
}

fn extensions(number: u8, extensions: &[Vec<u8>]) -> Vec<u8> {
    if extensions.is_empty() {
        Vec::new()
    } else {
        der(0xa0 | number, &[&der(0x30, &[&extensions.concat()])])
    }
}

/// As our own requests have it. Files that OpenSSL made show that it is right.
pub(crate) fn cert_id(issued: &Issued<'_>, hash: NameHash) -> Vec<u8> {
    let request = OcspRequest::new(issued, hash, None);
    content(content(content(content(request.as_der())))).to_vec()
}

/// Somebody whom a CA lets answer.
pub(crate) struct Delegate {
    pub(crate) der: Vec<u8>,
    key: KeyPair,
}

impl Delegate {
    pub(crate) fn of(ca: &Authority, change: impl FnOnce(&mut CertificateParams)) -> Self {
        Self::with_key(ca, KeyPair::generate().unwrap(), change)
    }

    pub(crate) fn with_key(
        ca: &Authority,
        key: KeyPair,
        change: impl FnOnce(&mut CertificateParams),
    ) -> Self {
        let der = ca.issue_for(&key, |params| {
            params.distinguished_name = named("Responder");
            params.serial_number = Some(SerialNumber::from_slice(&[0x0d]));
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::OcspSigning];
            params.not_before = date_time_ymd(2027, 1, 15);
            params.not_after = date_time_ymd(2027, 1, 16);
            change(params);
        });
        Self { der, key }
    }

    pub(crate) fn sign(&self, content: &[u8]) -> Vec<u8> {
        sign(&self.key, content)
    }

    pub(crate) fn sign_as(&self, algorithm: &[u8], content: &[u8]) -> Vec<u8> {
        sign_as(&self.key, algorithm, content)
    }
}
