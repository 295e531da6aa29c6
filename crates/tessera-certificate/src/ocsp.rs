//! The online certificate status protocol (RFC 6960), the client's side of it. Requests and answers travel elsewhere.
//!
//! An answer counts if the CA that issued the certificate signed it, or a delegate whose certificate that very CA issued for the
//! purpose. The delegate's certificate must be valid. Nobody asks whether it was revoked, whether it has the extension
//! `ocsp-nocheck` or not, but [`RevocationCheck`](crate::RevocationCheck) ignores answers of a delegate that a CRL at hand calls revoked.

mod answer;
mod cert_id;
mod check;
mod error;
mod request;
mod responder;
mod response;

pub use self::answer::OcspAnswer;
pub use self::cert_id::NameHash;
pub use self::check::{NonceCheck, OcspCheck};
pub use self::error::{OcspError, ResponderRefusal};
pub use self::request::{Nonce, NonceLength, OcspRequest};
pub use self::response::MAX_OCSP_RESPONSE_LEN;

pub(crate) use self::answer::OcspStatus;
