//! Writes CRLs of any form.

use tessera_certificate::{Crl, CrlError};

use crate::authority::{Authority, ECDSA_WITH_SHA256, der, extension};

pub(crate) const DELTA: &[u8] = &[0x55, 0x1d, 27];
pub(crate) const DISTRIBUTION_POINT: &[u8] = &[0x55, 0x1d, 28];
pub(crate) const REASON: &[u8] = &[0x55, 0x1d, 21];
pub(crate) const CERTIFICATE_ISSUER: &[u8] = &[0x55, 0x1d, 29];

/// The parts of a list. Times are `UTCTime`.
#[derive(Clone)]
pub(crate) struct List {
    pub(crate) version: Vec<u8>,
    pub(crate) issuer: Vec<u8>,
    pub(crate) this_update: String,
    pub(crate) next_update: Option<String>,
    pub(crate) entries: Vec<Vec<u8>>,
    pub(crate) extensions: Vec<Vec<u8>>,
}

impl List {
    /// Made one hour before now, and good for a day.
    pub(crate) fn of(ca: &Authority) -> Self {
        Self {
            version: der(2, &[&[1]]),
            issuer: ca.certificate().subject().as_der().to_vec(),
            this_update: "270115070000Z".to_owned(),
            next_update: Some("270116070000Z".to_owned()),
            entries: Vec::new(),
            extensions: vec![extension(&[0x55, 0x1d, 20], false, &der(2, &[&[7]]))],
        }
    }

    /// With this serial number on it.
    pub(crate) fn with(mut self, serial: &[u8], reason: u8) -> Self {
        self.entries.push(entry(serial, &[extension(REASON, false, &der(10, &[&[reason]]))]));
        self
    }

    pub(crate) fn to_der(&self, signer: &Authority) -> Vec<u8> {
        let next_update =
            self.next_update.as_ref().map(|time| der(0x17, &[time.as_bytes()])).unwrap_or_default();
        let entries = if self.entries.is_empty() { Vec::new() } else { der(0x30, &[&self.entries.concat()]) };
        let extensions = if self.extensions.is_empty() {
            Vec::new()
        } else {
            der(0xa0, &[&der(0x30, &[&self.extensions.concat()])])
        };
        let this_update = der(0x17, &[self.this_update.as_bytes()]);
        let parts: [&[u8]; 7] = [
            &self.version,
            ECDSA_WITH_SHA256,
            &self.issuer,
            &this_update,
            &next_update,
            &entries,
            &extensions,
        ];
        der(0x30, &[&signer.sign(&der(0x30, &parts))])
    }

    pub(crate) fn verify(&self, ca: &Authority) -> Result<Crl, CrlError> {
        Crl::verify(&self.to_der(ca), &ca.certificate())
    }
}

/// An entry. The serial number is the content of an INTEGER.
pub(crate) fn entry(serial: &[u8], extensions: &[Vec<u8>]) -> Vec<u8> {
    let extensions = if extensions.is_empty() { Vec::new() } else { der(0x30, &[&extensions.concat()]) };
    der(0x30, &[&der(2, &[serial]), &der(0x17, &[b"260601000000Z"]), &extensions])
}
