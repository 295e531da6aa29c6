//! Why a statement is refused.

use super::certificate::CertificateError;
use crate::cbor::CborError;
use crate::key::{BadKey, WrongSignature};

/// Why an attestation statement is refused (section 7.1 step 21).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttestationError {
    /// This crate does not verify the format.
    #[error("format {0} is not supported")]
    UnsupportedFormat(String),
    /// Not canonical CBOR, or members of other types.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// A member is missing, does not belong to the format, or has a value that the format does not allow.
    #[error("the members do not fit the format")]
    Members,
    /// No certificate, or more than [`MAX_CHAIN_LEN`](super::MAX_CHAIN_LEN).
    #[error("no certificate, or too many")]
    ChainLength,
    /// The statement is signed with an algorithm that this crate does not verify.
    #[error("algorithm {0} is not accepted")]
    Algorithm(i64),
    /// The statement names another algorithm than the credential has.
    #[error("the algorithm is not that of the credential")]
    AlgorithmMismatch,
    /// The first certificate does not meet the requirements of the format.
    #[error("certificate: {0}")]
    Certificate(#[from] CertificateError),
    /// The key of the first certificate is malformed, weak, or not for the algorithm.
    #[error("attestation key: {0}")]
    Key(#[from] BadKey),
    /// The attestation key did not sign this credential.
    #[error(transparent)]
    Signature(#[from] WrongSignature),
    /// The statement is about another key than that of the credential.
    #[error("the statement is about another key")]
    OtherKey,
    /// The statement was made for another registration.
    #[error("the statement belongs to another registration")]
    OtherRegistration,
    /// `android-key`: secure hardware did not say that it generated the key, for signing only, and for one application.
    #[error("the key is not known to be generated in hardware for signing only")]
    AuthorizationList,
    /// `tpm`: a structure of the TPM is malformed, or of a kind that this crate does not verify.
    #[error("the TPM structure {0} cannot be used")]
    TpmStructure(&'static str),
}
