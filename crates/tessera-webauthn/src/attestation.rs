//! Attestation: what an authenticator says about itself, and who vouches for that (WebAuthn sections 6.5 and 8).
//!
//! A statement that is present is verified, or its format is named as one that is not verified here. Whether a chain of
//! certificates ends at a root that the caller trusts is up to the caller, who has the roots and the time.

mod android_key;
mod apple;
mod certificate;
mod error;
mod fido_u2f;
mod object;
mod packed;
mod statement;
mod subject;
mod tpm;
mod verdict;
mod verify;

pub use self::certificate::{CertificateError, MAX_CERTIFICATE_LEN};
pub use self::error::AttestationError;
pub use self::object::{AttestationObjectError, MAX_FORMAT_LEN};
pub use self::statement::MAX_CHAIN_LEN;
pub use self::verdict::{Attestation, AttestationPolicy, Format, Voucher};

pub(crate) use self::object::AttestationObject;
pub(crate) use self::subject::Subject;
pub(crate) use self::verify::verify;
