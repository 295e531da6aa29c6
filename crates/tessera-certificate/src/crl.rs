//! Certificate revocation lists, version 2 (RFC 5280 section 5).
//!
//! A list counts if the CA that issued the certificates signed it with the same key. The parser is our own: that of
//! `rustls-webpki` tells neither `thisUpdate` nor whether a signature is right, apart from a chain.

mod entries;
mod error;
mod scope;

pub use self::error::CrlError;

use std::fmt;

use self::entries::Entries;
use self::scope::Scope;
use crate::certificate::{Certificate, Serial};
use crate::der::{self, Reader};
use crate::extensions::{self, CRL_SIGN};
use crate::name::Name;
use crate::reason::Revocation;
use crate::signed::Signed;
use crate::time;

/// The longest list, in bytes. A million entries have about 50 MB.
pub const MAX_CRL_LEN: usize = 64 * 1024 * 1024;

/// A list whose signature was verified.
#[derive(Clone)]
pub struct Crl {
    issuer: Name,
    issuer_key: [u8; 32],
    this_update: u64,
    next_update: u64,
    scope: Scope,
    entries: Entries,
}

/// What stands before the entries.
struct Header {
    issuer: Name,
    this_update: u64,
    next_update: Option<u64>,
}

impl Crl {
    /// Verifies a list in DER that `issuer` has signed. Time is judged later, by
    /// [`RevocationCheck`](crate::RevocationCheck).
    ///
    /// # Errors
    /// [`CrlError`].
    pub fn verify(der: &[u8], issuer: &Certificate) -> Result<Self, CrlError> {
        if der.len() > MAX_CRL_LEN {
            return Err(CrlError::TooLong);
        }
        let mut list = der::only(der, der::SEQUENCE).ok_or(CrlError::Malformed)?;
        let signed = Signed::read(&mut list).ok_or(CrlError::Malformed)?;
        list.end(()).ok_or(CrlError::Malformed)?;
        let mut fields = Reader::new(signed.content);
        if fields.small(der::INTEGER) != Some(1) {
            return Err(CrlError::Version);
        }
        let header = header(&mut fields, signed.algorithm).ok_or(CrlError::Malformed)?;
        if header.issuer != *issuer.subject() {
            return Err(CrlError::OtherIssuer);
        }
        if !issuer.extensions().key_may(CRL_SIGN) {
            return Err(CrlError::KeyUsage);
        }
        signed.verify(issuer.key())?;
        let next_update = header.next_update.ok_or(CrlError::NoNextUpdate)?;
        let mut entries = Entries::default();
        if fields.next_is(der::SEQUENCE) {
            entries = Entries::read(fields.inside(der::SEQUENCE).ok_or(CrlError::Malformed)?)?;
        }
        Ok(Self {
            issuer: header.issuer,
            issuer_key: issuer.key_digest(),
            this_update: header.this_update,
            next_update,
            scope: scope(&mut fields)?,
            entries,
        })
    }

    /// When the list was made, in seconds since 1970. A list that is older than one seen before must not replace it.
    pub const fn this_update(&self) -> u64 {
        self.this_update
    }

    /// When the next list comes at the latest, in seconds since 1970.
    pub const fn next_update(&self) -> u64 {
        self.next_update
    }

    /// The CA whose list it is.
    pub const fn issuer(&self) -> &Name {
        &self.issuer
    }

    /// The number of revoked certificates.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no certificate is revoked.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the absence of this certificate of the CA from the list means something.
    pub(crate) fn covers(&self, certificate: &Certificate) -> bool {
        self.scope.has(certificate)
    }

    /// Whether the list is that of this CA.
    pub(crate) fn is_of(&self, issuer: &Certificate) -> bool {
        self.issuer == *issuer.subject() && self.issuer_key == issuer.key_digest()
    }

    /// What the list says about a certificate of its CA.
    pub(crate) fn revocation(&self, serial: &Serial) -> Option<Revocation> {
        self.entries.find(serial.as_bytes())
    }
}

fn header(fields: &mut Reader<'_>, algorithm: &[u8]) -> Option<Header> {
    if fields.content(der::SEQUENCE)? != algorithm {
        return None;
    }
    let issuer = Name::new(fields.element(der::SEQUENCE)?)?;
    let this_update = time::read(fields)?;
    let next_update = if time::is_next(fields) { Some(time::read(fields)?) } else { None };
    Some(Header { issuer, this_update, next_update })
}

/// The extensions of the list, which are its last field.
fn scope(fields: &mut Reader<'_>) -> Result<Scope, CrlError> {
    if fields.is_at_end() {
        return Ok(Scope::default());
    }
    let mut tagged = fields.inside(der::constructed(0)).ok_or(CrlError::Malformed)?;
    let sequence = tagged.inside(der::SEQUENCE).ok_or(CrlError::Malformed)?;
    if !tagged.is_at_end() || !fields.is_at_end() {
        return Err(CrlError::Malformed);
    }
    Scope::read(&extensions::read(sequence).ok_or(CrlError::Malformed)?)
}

impl fmt::Debug for Crl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Crl")
            .field("issuer", &self.issuer)
            .field("this_update", &self.this_update)
            .field("next_update", &self.next_update)
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}
