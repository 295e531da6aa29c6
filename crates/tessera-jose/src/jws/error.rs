//! Why a token is refused.

/// A part of a compact JWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The three segments and their dots.
    Segments,
    /// The protected header: it is not base64url, not a JSON object with unique names, or a parameter has the wrong type.
    Header,
    /// The payload.
    Payload,
    /// The signature.
    Signature,
}

/// Why a token was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwsError {
    /// Longer than [`MAX_JWS_LEN`](super::MAX_JWS_LEN) or [`MAX_DOCUMENT_LEN`](super::MAX_DOCUMENT_LEN).
    #[error("the token is too long")]
    TooLarge,
    /// Not a JWS in compact form.
    #[error("the token is malformed: {0:?}")]
    Malformed(Part),
    /// `alg` is `none`, unknown, or not the algorithm of the key.
    #[error("the algorithm of the token is not allowed")]
    AlgNotAllowed,
    /// The header contains a key or a URL of one: `jwk`, `jku`, `x5u`, `x5c`.
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
    /// This key did not sign these bytes.
    #[error("the signature is wrong")]
    BadSignature,
}
