//! Logins with a client certificate, such as that of a smart card: everything that has to be decided. Pure: no I/O, no clock, no
//! randomness.
//!
//! * [`TrustAnchors`] are the CAs that an operator trusts, each under a name. [`Verification`] says whether a chain leads to one of
//!   them, by RFC 5280 with `rustls-webpki`.
//! * [`Mapping`] makes the keys by which a person is looked up. An e-mail address is none.
//! * [`Crl`] and [`OcspCheck`] verify what CAs say about revocations (RFC 5280 section 5, RFC 6960). [`RevocationCheck`] draws the conclusion.
//! * [`proxy`] reads certificates that a proxy writes into headers (RFC 9440, nginx).
//!
//! The caller knows that whoever presents a certificate has its key: TLS has shown it, here or at a proxy that the operator
//! trusts. The caller fetches CRLs and asks responders, and decides who may send headers.
//!
//! It does not do: certificate policies along the path (only those of the certificate itself are compared, and a critical extension
//! about them is refused), constraints on directory names, e-mail addresses and other names but DNS and IP
//! (such chains are refused), delta and indirect
//! CRLs, SHA-1, RSA below 2048 bits, keys other than RSA, P-256, P-384, P-521 and Ed25519.
//!
//! ```
//! use tessera_certificate::{
//!     Crl, Mapping, MappingKey, Requirements, RevocationCheck, RevocationPolicy, TrustAnchors, Verification,
//! };
//!
//! fn log_in(anchors: &TrustAnchors, chain: &[Vec<u8>], crls: &[&Crl], now: u64) -> Option<MappingKey> {
//!     let requirements = Requirements::default();
//!     let verified = Verification { anchors, requirements: &requirements, now }.verify(chain).ok()?;
//!     let policy = RevocationPolicy::FailClosed;
//!     let check = RevocationCheck { policy, crls, answers: &[], now, tolerance: 60 };
//!     let admitted = verified.issued().all(|issued| policy.admits(check.verdict(&issued)));
//!     let mapping = Mapping::PublicKey { ca: "staff".to_owned() };
//!     admitted.then(|| mapping.key(&verified).ok()).flatten()
//! }
//!
//! // Whatever a client sends is either verified or refused with a reason.
//! let anchors = TrustAnchors::new();
//! assert_eq!(log_in(&anchors, &[b"no certificate".to_vec()], &[], 1_700_000_000), None);
//! let refused = Verification { anchors: &anchors, requirements: &Requirements::default(), now: 0 }.verify(&[b"none"]);
//! assert_eq!(refused.unwrap_err().to_string(), "certificate: malformed");
//! ```

mod anchors;
mod certificate;
mod chain;
mod chain_error;
mod crl;
mod der;
mod extensions;
mod hex;
mod key;
mod mapping;
mod name;
mod ocsp;
mod oid;
pub mod proxy;
mod purpose;
mod reason;
mod revocation;
mod sha1;
mod signed;
mod time;
mod verified;

pub use anchors::{AnchorError, Ca, KeyStorage, MAX_CA_NAME_LEN, TrustAnchors};
pub use certificate::{Certificate, CertificateError, MAX_CERTIFICATE_LEN, Serial};
pub use chain::{CLIENT_AUTH, MAX_CHAIN_LEN, Requirements, SMART_CARD_LOGON, Verification};
pub use chain_error::ChainError;
pub use crl::{Crl, CrlError, MAX_CRL_LEN};
pub use key::BadKey;
pub use mapping::{MAX_UPN_LEN, Mapping, MappingError, MappingKey};
pub use name::Name;
pub use ocsp::{
    MAX_OCSP_RESPONSE_LEN, NameHash, Nonce, NonceCheck, NonceLength, OcspAnswer, OcspCheck, OcspError,
    OcspRequest, ResponderRefusal,
};
pub use oid::{NotAnObjectIdentifier, ObjectIdentifier};
pub use reason::{Revocation, RevocationReason};
pub use revocation::{Doubt, RevocationCheck, RevocationPolicy, Source, Verdict};
pub use signed::SignatureError;
pub use verified::{Facts, Issued, VerifiedCertificate};
