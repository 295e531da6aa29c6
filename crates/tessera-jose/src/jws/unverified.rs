//! A token before its signature is checked.

use std::fmt;
use std::ops::Range;

use super::error::{JwsError, Part};
use super::header::Header;
use crate::algorithm::Algorithm;
use crate::base64url;
use crate::key::VerifyingKey;
use crate::limits::{MAX_DOCUMENT_LEN, MAX_JWS_LEN};

/// A well-formed token whose signature nobody has checked.
#[derive(Clone)]
pub struct Unverified<'a> {
    signing_input: &'a str,
    header: Header,
    /// The payload, then the signature.
    decoded: Vec<u8>,
    payload: Range<usize>,
}

impl<'a> Unverified<'a> {
    /// Parses a token.
    ///
    /// # Errors
    /// [`JwsError`], never `UnknownKey` or `BadSignature`.
    pub fn parse(token: &'a str) -> Result<Self, JwsError> {
        Self::parse_up_to(MAX_JWS_LEN, token)
    }

    /// Parses a signed document, which may be longer than a token.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn parse_document(text: &'a str) -> Result<Self, JwsError> {
        Self::parse_up_to(MAX_DOCUMENT_LEN, text)
    }

    fn parse_up_to(limit: usize, token: &'a str) -> Result<Self, JwsError> {
        if token.len() > limit {
            return Err(JwsError::TooLarge);
        }
        let (signing_input, signature) = token.rsplit_once('.').ok_or(JwsError::Malformed(Part::Segments))?;
        let (header, payload) = signing_input.split_once('.').ok_or(JwsError::Malformed(Part::Segments))?;
        // With too many segments, the payload contains a dot. The error then names the segments and not the header.
        let segments_first = |error| {
            if payload.contains('.') { JwsError::Malformed(Part::Segments) } else { error }
        };
        if header.is_empty() {
            return Err(JwsError::Malformed(Part::Segments));
        }
        let mut decoded = Vec::with_capacity(token.len());
        let header = Header::parse(&mut decoded, header).map_err(segments_first)?;
        if payload.is_empty() || signature.is_empty() {
            return Err(JwsError::Malformed(Part::Segments));
        }
        let outcome = base64url::decode_onto(&mut decoded, payload);
        outcome.map_err(|_| segments_first(JwsError::Malformed(Part::Payload)))?;
        let payload = 0..decoded.len();
        base64url::decode_onto(&mut decoded, signature).map_err(|_| JwsError::Malformed(Part::Signature))?;
        Ok(Self { signing_input, header, decoded, payload })
    }

    /// The `alg` that the token names. It decides nothing.
    pub fn alg(&self) -> Algorithm {
        self.header.alg
    }

    /// The `kid`, 1 to 256 bytes of anything. Use it for look-up by equality only.
    pub fn kid(&self) -> Option<&str> {
        self.header.kid.as_deref()
    }

    /// The `typ` as written.
    pub fn typ(&self) -> Option<&str> {
        self.header.typ.as_deref()
    }

    /// Whether `typ` is `expected`, such as `at+jwt`. Ignores case and a prefix `application/` (RFC 7515 section 4.1.9).
    pub fn has_typ(&self, expected: &str) -> bool {
        const PREFIX: &str = "application/";
        self.typ().is_some_and(|typ| {
            let bare = match typ.split_at_checked(PREFIX.len()) {
                Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) => rest,
                _ => typ,
            };
            bare.eq_ignore_ascii_case(expected)
        })
    }

    /// The payload before the signature is checked. Use it to choose a key or to refuse early, never to grant anything.
    pub fn unverified_payload(&self) -> &[u8] {
        &self.decoded[self.payload.clone()]
    }

    /// Checks the signature and returns the payload.
    ///
    /// # Errors
    /// `AlgNotAllowed` if the key has another algorithm, `UnknownKey` if token and key have different names, `BadSignature`.
    pub fn verify(&self, key: &VerifyingKey) -> Result<&[u8], JwsError> {
        if self.alg() != key.algorithm() {
            return Err(JwsError::AlgNotAllowed);
        }
        if let (Some(named), Some(own)) = (self.kid(), key.kid())
            && named != own
        {
            return Err(JwsError::UnknownKey);
        }
        let signature = &self.decoded[self.payload.end..];
        key.verify(self.signing_input.as_bytes(), signature).map_err(|_| JwsError::BadSignature)?;
        Ok(self.unverified_payload())
    }
}

/// Leaves out payload and signature: whoever reads a token in a log could use it.
impl fmt::Debug for Unverified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unverified")
            .field("alg", &self.alg())
            .field("kid", &self.kid())
            .field("typ", &self.typ())
            .finish_non_exhaustive()
    }
}
