//! JSON Web Signature, compact form (RFC 7515 section 3.1, RFC 8725).
//!
//! Parsing does everything that needs no key: size, three segments, header rules, strict base64url. The
//! order is fixed: what the header says about itself is judged before payload and signature are decoded, and
//! the signature comes last.

mod header;

use std::fmt;
use std::ops::Range;

use self::header::Header;
use crate::algorithm::Algorithm;
use crate::base64url;
use crate::key::VerifyingKey;

/// The longest token in bytes.
pub const MAX_JWS_LEN: usize = 8192;

/// The longest signed document in bytes: one that travels in a body and not in a header. Holds a payload of
/// [`crate::json::MAX_LEN`].
pub const MAX_DOCUMENT_LEN: usize = 352 * 1024;

/// A part of a compact JWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The three segments and their dots.
    Segments,
    /// The protected header: not base64url, not a JSON object with unique names, or a parameter of the wrong
    /// type.
    Header,
    /// The payload.
    Payload,
    /// The signature.
    Signature,
}

/// Why a token was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwsError {
    /// Longer than [`MAX_JWS_LEN`] or [`MAX_DOCUMENT_LEN`].
    #[error("the token is too long")]
    TooLarge,
    /// Not the compact form of anything.
    #[error("the token is malformed: {0:?}")]
    Malformed(Part),
    /// `alg` is `none`, unknown, or not the algorithm of the key.
    #[error("the algorithm of the token is not allowed")]
    AlgNotAllowed,
    /// The header brings a key or a place to fetch one: `jwk`, `jku`, `x5u`, `x5c`.
    #[error("the token names its own key")]
    UntrustedKeyHeader,
    /// The header asks for an extension: `crit`, `b64`.
    #[error("the token asks for an extension")]
    CritUnsupported,
    /// The header asks for decompression: `zip`.
    #[error("the token is compressed")]
    ZipUnsupported,
    /// `kid` names another key.
    #[error("the token names another key")]
    UnknownKey,
    /// The signature is not by this key over these bytes.
    #[error("the signature is wrong")]
    BadSignature,
}

/// A token whose shape is right and whose signature nobody has looked at.
#[derive(Clone)]
pub struct Unverified<'a> {
    signing_input: &'a str,
    header: Header,
    /// Payload, then signature.
    decoded: Vec<u8>,
    payload: Range<usize>,
}

impl<'a> Unverified<'a> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// [`JwsError`], never `UnknownKey` or `BadSignature`.
    pub fn parse(token: &'a str) -> Result<Self, JwsError> {
        Self::parse_up_to(MAX_JWS_LEN, token)
    }

    /// Takes a signed document apart that may be longer than a token.
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
        // A payload with a dot in it cannot be decoded. That there are too many segments is said first all the same.
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

    /// What the token claims to be signed with; decides nothing.
    pub fn alg(&self) -> Algorithm {
        self.header.alg
    }

    /// The name of the key, 1 to 256 bytes of anything: for look-up by equality only.
    pub fn kid(&self) -> Option<&str> {
        self.header.kid.as_deref()
    }

    /// The type as written.
    pub fn typ(&self) -> Option<&str> {
        self.header.typ.as_deref()
    }

    /// Whether the type is `expected` (such as `at+jwt`), in any case and with or without `application/`
    /// (RFC 7515 section 4.1.9).
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

    /// The payload nobody vouches for yet: for choosing keys and refusing early, never for granting.
    pub fn unverified_payload(&self) -> &[u8] {
        &self.decoded[self.payload.clone()]
    }

    /// The payload, once `key` vouches for it.
    ///
    /// # Errors
    /// `AlgNotAllowed` when the key has another algorithm, `UnknownKey` when both name a key and differ,
    /// `BadSignature`.
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

/// Neither payload nor signature: a token in a log would be a token to use.
impl fmt::Debug for Unverified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unverified")
            .field("alg", &self.alg())
            .field("kid", &self.kid())
            .field("typ", &self.typ())
            .finish_non_exhaustive()
    }
}
