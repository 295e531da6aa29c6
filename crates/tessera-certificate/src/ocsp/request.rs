//! Requests (RFC 6960 section 4.1), for one certificate each and without a signature.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::cert_id::{NameHash, cert_id};
use crate::der;
use crate::verified::Issued;

/// `id-pkix-ocsp-nonce`, 1.3.6.1.5.5.7.48.1.2.
pub(super) const NONCE: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 0x30, 1, 2];

/// The longest URL that a request is appended to (RFC 5019 section 5).
const MAX_GET_LEN: usize = 255;

/// Random bytes of a request that its answer repeats, so that it cannot be an old one (RFC 9654). The caller draws them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nonce(Vec<u8>);

/// Not 16 to 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a nonce has 16 to 32 bytes")]
pub struct NonceLength;

impl Nonce {
    /// 16 to 32 bytes, which every responder takes. RFC 9654 recommends 32.
    ///
    /// # Errors
    /// [`NonceLength`].
    pub fn new(bytes: &[u8]) -> Result<Self, NonceLength> {
        if (16..=32).contains(&bytes.len()) { Ok(Self(bytes.to_vec())) } else { Err(NonceLength) }
    }

    /// The value of the extension.
    pub(super) fn extension_value(&self) -> Vec<u8> {
        der::encode(der::OCTET_STRING, &[&self.0])
    }
}

/// A question to a responder about one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OcspRequest(Vec<u8>);

impl OcspRequest {
    /// Asks about a certificate.
    pub fn new(issued: &Issued<'_>, hash: NameHash, nonce: Option<&Nonce>) -> Self {
        let request = der::encode(der::SEQUENCE, &[&cert_id(issued, hash)]);
        let list = der::encode(der::SEQUENCE, &[&request]);
        let extensions = nonce.map(|nonce| {
            let id = der::encode(der::OBJECT_IDENTIFIER, &[NONCE]);
            let value = der::encode(der::OCTET_STRING, &[&nonce.extension_value()]);
            let extension = der::encode(der::SEQUENCE, &[&id, &value]);
            der::encode(der::constructed(2), &[&der::encode(der::SEQUENCE, &[&extension])])
        });
        let to_be_signed = der::encode(der::SEQUENCE, &[&list, &extensions.unwrap_or_default()]);
        Self(der::encode(der::SEQUENCE, &[&to_be_signed]))
    }

    /// The body of a POST, of the type `application/ocsp-request`.
    pub fn as_der(&self) -> &[u8] {
        &self.0
    }

    /// The URL of a GET (RFC 6960 appendix A.1), which caches can answer. `None` if it would have more than 255 bytes, or if the URL of the
    /// responder has a query or a fragment: then the request goes by POST.
    pub fn get_url(&self, responder: &str) -> Option<String> {
        let request = STANDARD.encode(&self.0);
        let request = request.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        let url = format!("{}/{request}", responder.strip_suffix('/').unwrap_or(responder));
        (url.len() <= MAX_GET_LEN && !responder.contains(['?', '#'])).then_some(url)
    }
}
