//! How long a token may be.

/// The longest token, in bytes.
pub const MAX_JWS_LEN: usize = 8192;

/// The longest signed document, in bytes: a JWS that travels in a body and not in a header. A payload of
/// [`crate::json::MAX_LEN`] fits.
pub const MAX_DOCUMENT_LEN: usize = 352 * 1024;
