//! JSON Web Signature, compact form (RFC 7515 section 3.1, RFC 8725).
//!
//! Parsing does everything that needs no key: size, three segments, header rules, strict base64url. The order is fixed. The
//! header is checked before payload and signature are decoded, and the signature is checked last.

mod error;
mod header;
mod unverified;

pub use self::error::{JwsError, Part};
pub use self::unverified::Unverified;
pub use crate::limits::{MAX_DOCUMENT_LEN, MAX_JWS_LEN};
